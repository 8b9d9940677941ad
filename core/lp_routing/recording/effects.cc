#include "lp_routing/recording/effects.hh"

#include <algorithm>

namespace opensips::routing::recording {
namespace {

using parser::Edits;
using parser::Message;

constexpr std::string_view kKinds[] = {"insert", "replace", "remove"};

bool same(const Edits::Edit& one, const Edits::Edit& other) {
  return one.kind == other.kind && one.place == other.place && one.name_text == other.name_text &&
         one.value == other.value;
}

std::string text_in(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found == json.end() ? std::string() : bytes_of(*found).value_or(std::string());
}

void change_header(Message& request, const Json& change) {
  if (!change.is_array() || change.size() != 4 || !change[1].is_number_unsigned()) return;
  const auto kind = bytes_of(change[0]);
  const auto place = change[1].get<std::size_t>();
  const auto name = bytes_of(change[2]);
  const auto value = bytes_of(change[3]);
  const std::size_t count = request.headers().size();
  if (!kind || !name || !value || place > count) return;
  auto& arena = request.arena();
  auto& edits = request.edits();
  if (*kind == kKinds[0]) {
    edits.insert(arena, place, arena.copy(*name), arena.copy(*value));
  } else if (place == count) {
    return;
  } else if (*kind == kKinds[1]) {
    edits.replace(arena, place, arena.copy(*name), arena.copy(*value));
  } else if (*kind == kKinds[2]) {
    edits.remove(arena, place);
  }
}

}  // namespace

EditsBefore::EditsBefore(const Message& request)
    : request_(&request),
      uri_(request.edits().uri()),
      has_body_(request.edits().has_body()),
      body_(request.edits().body()) {
  for (const auto* edit = request.edits().first(); edit; edit = edit->next) {
    headers_.push_back(*edit);
  }
}

Json EditsBefore::changes() const {
  const auto& edits = request_->edits();
  Json changes = Json::object();
  if (edits.uri() != uri_) changes["uri"] = bytes_to_json(edits.uri());
  if (edits.has_body() && (!has_body_ || edits.body() != body_)) {
    changes["body"] = bytes_to_json(edits.body());
  }
  Json headers = Json::array();
  for (const auto* edit = edits.first(); edit; edit = edit->next) {
    const auto known = std::ranges::any_of(
        headers_, [&](const Edits::Edit& before) { return same(before, *edit); });
    if (known) continue;
    headers.push_back(Json::array({kKinds[static_cast<unsigned>(edit->kind)], edit->place,
                                   bytes_to_json(edit->name_text), bytes_to_json(edit->value)}));
  }
  if (!headers.empty()) changes["headers"] = std::move(headers);
  return changes;
}

void make_changes(Message& request, const Json& changes) {
  if (!changes.is_object()) return;
  auto& arena = request.arena();
  if (const auto uri = text_in(changes, "uri"); !uri.empty()) {
    request.edits().set_uri(arena.copy(uri));
  }
  if (changes.contains("body")) request.edits().set_body(arena.copy(text_in(changes, "body")));
  const auto headers = changes.find("headers");
  if (headers == changes.end() || !headers->is_array()) return;
  for (const Json& change : *headers) change_header(request, change);
}

Json reply_to_json(unsigned code, std::string_view reason, const ReplyOptions& options) {
  Json json{{"code", code}, {"reason", bytes_to_json(reason)}};
  if (!options.headers.empty()) json["headers"] = bytes_to_json(options.headers);
  if (!options.content_type.empty()) json["type"] = bytes_to_json(options.content_type);
  if (!options.body.empty()) json["body"] = bytes_to_json(options.body);
  return json;
}

Reply reply_of(const Json& json) {
  const auto code = json.is_object() ? json.find("code") : json.end();
  if (code == json.end() || !code->is_number_unsigned() || code->get<std::uint64_t>() > 699) {
    return {};
  }
  return {code->get<unsigned>(), text_in(json, "reason"), text_in(json, "headers"),
          text_in(json, "type"), text_in(json, "body")};
}

}  // namespace opensips::routing::recording
