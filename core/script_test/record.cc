#include "script_test/record.hh"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "lp_routing/functions/flow_text.hh"
#include "lp_routing/recording/dns_json.hh"
#include "script_test/incomplete.hh"

namespace opensips::script_test {
namespace {

using Json = Record::Json;
using routing::recording::bytes_of;

/// Times of a record that are beyond are none: years, and the year 5138.
constexpr std::uint64_t kMostSince = 100'000'000'000;  // ms
constexpr std::uint64_t kMostWall = 100'000'000'000'000;
/// Of values within values: more than any that was written, and few enough to go down into.
constexpr int kMostLevels = 500;

/// A line as JSON; discarded if it is none, or goes too deep.
Json parse(const std::string& text) {
  bool is_deep = false;
  const auto look = [&](int depth, Json::parse_event_t, Json&) {
    is_deep = is_deep || depth > kMostLevels;
    return !is_deep;
  };
  Json line = Json::parse(text, look, false);
  return is_deep ? Json(Json::value_t::discarded) : line;
}

/// The member as bytes; nothing if it is none.
std::optional<std::string> bytes(const Json& line, const char* name) {
  const auto found = line.find(name);
  return found == line.end() ? std::nullopt : bytes_of(*found);
}

std::optional<std::uint64_t> number(const Json& line, const char* name) {
  const auto found = line.find(name);
  if (found == line.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

std::optional<Record::Socket> socket_of(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  const auto name = bytes(json, "socket");
  const auto host = bytes(json, "host");
  const auto port = number(json, "port");
  const auto colon = name ? name->find(':') : std::string::npos;
  if (colon == std::string::npos || !host || !port || *port > UINT16_MAX) return std::nullopt;
  const auto transport = routing::transport_of(std::string_view(*name).substr(0, colon));
  const auto address = base::Address::parse_host_port(std::string_view(*name).substr(colon + 1), 0);
  if (!transport || !address || address->port() == 0) return std::nullopt;
  return Record::Socket{*transport, *address, *host, static_cast<std::uint16_t>(*port)};
}

/// Puts a record together, line by line.
class Builder {
 public:
  /// Empty, or what is wrong with the line.
  std::string add(const std::string& text) {
    ++number_;
    const auto line = parse(text);
    if (!line.is_object()) return "not a line of a record, expected an object of JSON";
    if (number_ == 1) return head(line);
    if (record_.end != 0) return "a line behind the end of the record";
    const auto time = number(line, "t");
    if (!time || *time > kMostSince) return "expected the time, \"t\", in milliseconds";
    last_ = std::max(last_, *time);
    if (line.contains("end")) return end(line, *time);
    if (line.contains("dns")) return name(line, *time);
    return of_call(line, *time);
  }

  std::uint64_t lines() const { return number_; }

  Record take() {
    record_.cut = record_.end == 0;
    // What was written last may not be all of its moment.
    if (record_.cut) {
      record_.end = std::max<std::uint64_t>(last_, 1);
      const auto incomplete = incomplete_calls(record_);
      for (std::size_t i = 0; i < incomplete.size(); ++i)
        record_.calls[i].incomplete = incomplete[i];
    }
    const auto beyond = [&](const auto& one) { return one.at >= record_.end; };
    std::erase_if(record_.received, beyond);
    for (auto& call : record_.calls) {
      std::erase_if(call.sent, beyond);
      std::erase_if(call.asked, beyond);
    }
    std::ranges::stable_sort(record_.received, {}, &Record::Received::at);
    std::ranges::stable_sort(record_.names, {}, &Record::Name::at);
    return std::move(record_);
  }

 private:
  std::string head(const Json& line) {
    const auto version = number(line, "opensips_record");
    if (!version) return "not a record, expected {\"opensips_record\":1,…";
    if (*version != 1) return fmt::format("a record of version {}, expected 1", *version);
    const auto time = number(line, "time");
    const auto sockets = line.find("sockets");
    if (!time || *time > kMostWall || sockets == line.end() || !sockets->is_array()) {
      return "the head of the record has no \"time\" or no \"sockets\"";
    }
    record_.began = static_cast<std::int64_t>(*time);
    for (const Json& one : *sockets) {
      const auto socket = socket_of(one);
      if (!socket) return "\"sockets\": expected {\"socket\":\"udp:192.0.2.1:5060\",…";
      record_.sockets.push_back(*socket);
    }
    return {};
  }

  std::string end(const Json& line, std::uint64_t time) {
    record_.end = std::max<std::uint64_t>(time, 1);
    const auto lost = line.find("lost");
    if (lost == line.end() || !lost->is_array()) return "the end of the record has no \"lost\"";
    for (const Json& one : *lost) {
      const auto id = bytes_of(one);
      if (!id) return "\"lost\": expected Call-IDs";
      call(*id).lost = true;
    }
    return {};
  }

  std::string name(const Json& line, std::uint64_t time) {
    const auto text = bytes(line, "dns");
    const auto question = text ? routing::recording::dns_question_of(*text) : std::nullopt;
    const auto gave = line.find("gave");
    auto answer = gave == line.end() ? std::nullopt : routing::recording::dns_answer_of(*gave);
    if (!question || !answer) return "not an answer of a name server";
    record_.names.push_back({time, *question, *std::move(answer)});
    return {};
  }

  std::string of_call(const Json& line, std::uint64_t time) {
    const auto id = bytes(line, "call");
    if (!id) return "expected the Call-ID, \"call\"";
    if (line.contains("in")) return received(line, time, *id);
    if (line.contains("out")) return sent(line, time, call(*id));
    if (line.contains("asks")) return asked(line, time, call(*id));
    if (line.contains("n")) return answered(line, time, call(*id));
    if (line.contains("lost")) return lost(call(*id));
    return "expected \"in\", \"out\", \"asks\", \"n\" or \"lost\"";
  }

  std::string received(const Json& line, std::uint64_t time, const std::string& id) {
    auto text = bytes(line, "in");
    const auto from = bytes(line, "from");
    const auto flow = from ? routing::parse_flow(*from) : std::nullopt;
    if (!text || !flow) return "a message that came, without its bytes or without a flow, \"from\"";
    call(id);
    record_.received.push_back({time, number_, places_[id], *std::move(text), *flow});
    return {};
  }

  static std::string lost(Record::Call& call) {
    call.lost = true;
    return {};
  }

  static std::string sent(const Json& line, std::uint64_t time, Record::Call& call) {
    auto text = bytes(line, "out");
    auto to = bytes(line, "to");
    if (!text || !to) return "a message that was sent, without its bytes or without \"to\"";
    call.sent.push_back(
        {time, *std::move(text), *std::move(to), bytes(line, "at").value_or(std::string())});
    return {};
  }

  std::string asked(const Json& line, std::uint64_t time, Record::Call& call) const {
    auto name = bytes(line, "asks");
    const auto n = number(line, "n");
    if (!name || !line.contains("with") || (!n && !line.contains("gave"))) {
      return "a question without \"with\", or without \"n\" and \"gave\"";
    }
    call.asked.push_back({time, n.value_or(0), *std::move(name), question_text(line),
                          bytes(line, "at").value_or(std::string()), std::nullopt});
    if (!n) call.asked.back().answer = answer(line, time);
    return {};
  }

  std::string answered(const Json& line, std::uint64_t time, Record::Call& call) const {
    const auto n = number(line, "n").value_or(0);
    const auto question = std::ranges::find(call.asked, n, &Record::Asked::n);
    if (n == 0 || question == call.asked.end() || question->answer || !line.contains("gave")) {
      return "an answer to no question";
    }
    question->answer = answer(line, time);
    return {};
  }

  Record::Answer answer(const Json& line, std::uint64_t time) const {
    return {time, number_, line["gave"], line.contains("did") ? line["did"] : Json()};
  }

  Record::Call& call(const std::string& id) {
    const auto [place, is_new] = places_.try_emplace(id, record_.calls.size());
    if (is_new) record_.calls.push_back({.id = id, .sent = {}, .asked = {}});
    return record_.calls[place->second];
  }

  Record record_;
  std::unordered_map<std::string, std::size_t> places_;
  std::uint64_t number_ = 0;
  std::uint64_t last_ = 0;
};

}  // namespace

/// Names in tables have no order in Lua: here they are sorted.
std::string question_text(const Record::Json& question) {
  const nlohmann::json sorted(Json::array({question["asks"], question["with"]}));
  return sorted.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::expected<Record, std::string> Record::read(std::istream& from, const std::string& name) {
  Builder builder;
  for (std::string line; std::getline(from, line);) {
    const bool is_cut = from.eof();  // no end of the line: the last words of one who was killed
    if (is_cut && builder.lines() > 0) break;
    if (auto wrong = builder.add(line); !wrong.empty()) {
      return std::unexpected(fmt::format("{}:{}: {}", name, builder.lines(), wrong));
    }
  }
  if (builder.lines() == 0) return std::unexpected(name + ": not a record, it is empty");
  return builder.take();
}

std::expected<Record, std::string> Record::read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(path + ": " + std::strerror(errno));
  return read(file, path);
}

}  // namespace opensips::script_test
