#include "manage/rpc.hh"

#include <optional>

#include <fmt/format.h>

namespace opensips::manage {

namespace {

/// Whether brackets lie deeper in each other than a request's ever do. It is looked at before
/// anything is built from the text.
bool is_too_deep(std::string_view text) {
  unsigned depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxNesting) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

/// The sentence of section 5.1 for its codes; what is wrong in particular goes into `data`.
std::string_view standard_message(int code) {
  switch (code) {
    case CommandError::kParseError: return "Parse error";
    case CommandError::kInvalidRequest: return "Invalid Request";
    case CommandError::kUnknownCommand: return "Method not found";
    case CommandError::kInvalidParameters: return "Invalid params";
    default: return {};
  }
}

Json error_of(const CommandError& error) {
  const auto standard = standard_message(error.code);
  if (standard.empty()) return {{"code", error.code}, {"message", error.message}};
  Json json{{"code", error.code}, {"message", standard}};
  if (!error.message.empty()) json["data"] = error.message;
  return json;
}

std::string reply_of(const CommandError& error, const Json& id) {
  return to_text({{"jsonrpc", "2.0"}, {"error", error_of(error)}, {"id", id}});
}

constexpr std::string_view kResult = R"({"jsonrpc":"2.0","result":)";

std::string end_of_reply(const Json& id) {
  return R"(,"id":)" + to_text(id) + "}";
}

std::string result_reply(const Json& result, const Json& id) {
  return std::string(kResult) + to_text(result) + end_of_reply(id);
}

bool is_id(const Json& id) {
  return id.is_string() || id.is_number() || id.is_null();
}

/// What is wrong with a request's form (section 4).
std::optional<std::string> fault_of(const Json& request) {
  if (!request.is_object()) return "expected an object";
  if (request.value("jsonrpc", Json()) != "2.0") return "jsonrpc: expected \"2.0\"";
  const auto method = request.find("method");
  if (method == request.end() || !method->is_string()) return "method: expected text";
  const auto params = request.find("params");
  if (params != request.end() && !params->is_structured()) {
    return "params: expected an object or an array";
  }
  return std::nullopt;
}

/// Runs one request. Adds `before` and the answer, or nothing for a notification; says which.
bool run(const Commands& commands, const Json& request, Client* client, std::string before,
         Answer& to) {
  const auto found = request.is_object() ? request.find("id") : request.end();
  const bool has_id = request.is_object() && found != request.end();
  const bool good_id = has_id && is_id(*found);
  auto fault = fault_of(request);
  if (!fault && has_id && !good_id) fault = "id: expected text, a number or null";
  if (fault) {
    to.add(before + reply_of({CommandError::kInvalidRequest, *fault}, good_id ? *found : Json()));
    return true;
  }
  auto result = commands.start(request["method"].get_ref<const std::string&>(),
                               request.value("params", Json()), client);
  if (!has_id) return false;
  if (!result) {
    to.add(before + reply_of(result.error(), *found));
  } else if (const auto* const whole = std::get_if<Json>(&*result)) {
    to.add(before + result_reply(*whole, *found));
  } else if (auto* const later = std::get_if<std::shared_ptr<LaterResult>>(&*result)) {
    to.add(std::move(*later), std::move(before), *found);
  } else {
    to.add(before + std::string(kResult));
    to.add(std::get<ResultPieces>(std::move(*result)));
    to.add(end_of_reply(*found));
  }
  return true;
}

Answer error_answer(int code, std::string what) {
  Answer answer;
  answer.add(error_text({code, std::move(what)}));
  return answer;
}

Answer run_batch(const Commands& commands, const Json& batch, Client* client) {
  if (batch.empty()) return error_answer(CommandError::kInvalidRequest, "an empty batch");
  if (batch.size() > kMaxBatch) {
    return error_answer(CommandError::kInvalidRequest,
                        fmt::format("a batch of more than {}", kMaxBatch));
  }
  Answer answer;
  for (const auto& request : batch) {
    run(commands, request, client, answer.empty() ? "[" : ",", answer);
  }
  if (!answer.empty()) answer.add("]");
  return answer;
}

}  // namespace

void Answer::add(std::string text) {
  if (!parts_.empty()) {
    if (auto* const last = std::get_if<std::string>(&parts_.back())) {
      last->append(text);
      return;
    }
  }
  parts_.emplace_back(std::move(text));
}

LaterResult* Answer::first_waiting() const {
  for (const auto& part : parts_) {
    const auto* const later = std::get_if<Later>(&part);
    if (later && !later->result->is_there()) return later->result.get();
  }
  return nullptr;
}

void Answer::next(std::string& to) {
  if (parts_.empty()) return;
  if (auto* const text = std::get_if<std::string>(&parts_.front())) {
    to += *text;
  } else if (auto* const later = std::get_if<Later>(&parts_.front())) {
    const auto result = later->result->take();
    to += later->before;
    to += result ? result_reply(*result, later->id) : reply_of(result.error(), later->id);
  } else if (std::get<ResultPieces>(parts_.front())(to)) {
    return;
  }
  parts_.pop_front();
}

bool Answer::all(std::string& to, std::size_t limit) {
  while (!empty() && to.size() <= limit) next(to);
  return to.size() <= limit;
}

std::string error_text(const CommandError& error) {
  return reply_of(error, Json());
}

Answer answer(const Commands& commands, std::string_view request, Client* client) {
  if (request.size() > kMaxRequest) {
    return error_answer(CommandError::kInvalidRequest,
                        fmt::format("longer than {} bytes", kMaxRequest));
  }
  if (is_too_deep(request)) {
    return error_answer(CommandError::kParseError,
                        fmt::format("nested deeper than {}", kMaxNesting));
  }
  const Json parsed = Json::parse(request, nullptr, false);
  if (parsed.is_discarded()) return error_answer(CommandError::kParseError, "not JSON");
  if (parsed.is_array()) return run_batch(commands, parsed, client);
  Answer answer;
  run(commands, parsed, client, "", answer);
  return answer;
}

}  // namespace opensips::manage
