#include "lp_routing/functions/body_parts.hh"

#include "base/base64.hh"
#include "base/random.hh"
#include "l1_parser/chars.hh"
#include "l1_parser/message_view.hh"
#include "l1_parser/multipart.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/sdp_text.hh"

namespace opensips::routing {
namespace {

using parser::Message;
using parser::PartScanner;
using parser::chars::equal_fold;

std::string_view content_type_of(const Message& message) {
  return parser::header(message, "Content-Type").value_or("");
}

bool is_of_type(std::string_view content_type, std::string_view type) {
  return equal_fold(parser::media_type(content_type), type);
}

void replace_body(Message& message, std::string_view content_type, std::string_view body) {
  message.edits().set_body(message.arena().copy(body));
  if (!parser::set_header(message, "Content-Type", content_type)) {
    static_cast<void>(parser::add_header(message, "Content-Type", content_type));
  }
}

void remove_body(Message& message) {
  message.edits().set_body({});
  parser::remove_headers(message, "Content-Type");
}

/// One that stands in no body: 128 bits are random.
std::string new_boundary() {
  unsigned char bytes[16] = {};
  base::fill_random(bytes, sizeof bytes);
  return "part-" + base::encode_hex({reinterpret_cast<const char*>(bytes), sizeof bytes});
}

void add_part(std::string& to, std::string_view boundary, std::string_view part) {
  to.append("--").append(boundary).append("\r\n").append(part).append("\r\n");
}

std::string part_with(std::string_view type, std::string_view body) {
  return std::string("Content-Type: ").append(type).append("\r\n\r\n").append(body);
}

std::string closed(std::string parts, std::string_view boundary) {
  return parts.append("--").append(boundary).append("--\r\n");
}

/// The body with the part of that type replaced, added or, for no body, left out.
std::string with_part(std::string_view old, std::string_view boundary, std::string_view type,
                      std::optional<std::string_view> body) {
  std::string parts;
  bool done = false;
  PartScanner scanner(old, boundary);
  while (const auto part = scanner.next()) {
    if (done || !is_of_type(part->content_type, type)) {
      add_part(parts, boundary, {part->headers.data(), part->headers.size() + part->body.size()});
      continue;
    }
    done = true;
    if (body) add_part(parts, boundary, std::string(part->headers).append(*body));
  }
  if (!done && body) add_part(parts, boundary, part_with(type, *body));
  return parts.empty() ? parts : closed(std::move(parts), boundary);
}

}  // namespace

std::optional<std::string_view> body_part(const Message& message, std::string_view type) {
  const auto body = parser::effective_body(message);
  const auto content_type = content_type_of(message);
  if (body.empty()) return std::nullopt;
  if (is_of_type(content_type, type)) return body;
  const auto boundary = parser::boundary_of(content_type);
  if (!boundary) return std::nullopt;
  PartScanner scanner(body, *boundary);
  while (const auto part = scanner.next()) {
    if (is_of_type(part->content_type, type)) return part->body;
  }
  return std::nullopt;
}

bool set_body_part(Message& message, std::string_view type, std::optional<std::string_view> body) {
  const auto old = parser::effective_body(message);
  const auto content_type = content_type_of(message);
  if (old.empty() || is_of_type(content_type, type)) {
    if (body) replace_body(message, old.empty() ? type : content_type, *body);
    if (!body && !old.empty()) remove_body(message);
    return true;
  }
  if (const auto boundary = parser::boundary_of(content_type)) {
    const auto made = with_part(old, *boundary, type, body);
    if (made.size() > kMaxBody) return false;
    made.empty() ? remove_body(message) : replace_body(message, content_type, made);
    return true;
  }
  if (!body) return true;
  const auto boundary = new_boundary();
  std::string parts;
  add_part(parts, boundary, part_with(content_type, old));
  add_part(parts, boundary, part_with(type, *body));
  const auto made = closed(std::move(parts), boundary);
  if (made.size() > kMaxBody) return false;
  replace_body(message, "multipart/mixed;boundary=" + boundary, made);
  return true;
}

namespace {

/// "application/sdp": two tokens.
struct MediaType {
  std::string_view text;
};

}  // namespace

template <>
struct Argument<MediaType> {
  static constexpr std::string_view type = "string";
  static bool from(const Value& value, MediaType& to, std::string& why) {
    Line line;
    if (!Argument<Line>::from(value, line, why)) return false;
    to.text = line.text;
    const auto slash = to.text.find('/');
    const bool good = slash != std::string_view::npos && to.text.size() <= 128 &&
                      parser::chars::is_token(to.text.substr(0, slash)) &&
                      parser::chars::is_token(to.text.substr(slash + 1));
    if (!good) why = "expected a type like \"application/sdp\"";
    return good;
  }
};

namespace {

constexpr std::string_view kSdp = "application/sdp";

Value get_part(Call& call, MediaType type) {
  const auto part = body_part(call.message(), type.text);
  return part ? Value(*part) : Value();
}

Value put(Call& call, std::string_view type, std::optional<std::string_view> body) {
  if (set_body_part(call.message(), type, body)) return {};
  return Misuse{call.function.full_name() + ": the body would be too long"};
}

Value set_part(Call& call, MediaType type, std::optional<Body> body) {
  return put(call, type.text, body ? std::optional<std::string_view>(body->text) : std::nullopt);
}

Value get_parts(Call& call) {
  const Message& message = call.message();
  const auto body = parser::effective_body(message);
  const auto content_type = content_type_of(message);
  Value::List list;
  const auto add = [&](std::string_view type, std::string_view text) {
    list.push_back(Value::Map{{"content_type", type}, {"body", text}});
  };
  if (const auto boundary = parser::boundary_of(content_type)) {
    PartScanner scanner(body, *boundary);
    while (const auto part = scanner.next()) add(part->content_type, part->body);
  } else if (!body.empty()) {
    add(content_type, body);
  }
  return list;
}

Value has_body(Call& call, std::optional<MediaType> type) {
  if (type) return body_part(call.message(), type->text).has_value();
  return !parser::effective_body(call.message()).empty();
}

Value get_sdp(Call& call) {
  const auto part = body_part(call.message(), kSdp);
  return part ? sdp_table(*part) : Problem{"no SDP"};
}

Value set_sdp(Call& call, Value description) {
  if (description.is_nil()) return put(call, kSdp, std::nullopt);
  std::string_view room;
  if (description.text(room)) {
    Body body;
    std::string why;
    if (!Argument<Body>::from(description, body, why)) {
      return Misuse{call.function.full_name() + ": " + why};
    }
    return put(call, kSdp, body.text);
  }
  const Value text = sdp_text(call, description);
  const auto* const written = text.get<std::string>();
  return written ? put(call, kSdp, *written) : text;
}

Value parse_sdp(Call&, Body text) {
  return sdp_table(text.text);
}
Value write_sdp(Call& call, Value::Map description) {
  return sdp_text(call, description);
}

template <ObjectKind kMessage>
constexpr Function kRows[] = {
    method<has_body>(kMessage, "has_body", "type", "boolean",
                     "Whether there is a body, or one of that type, which may be a part of a "
                     "multipart body."),
    method<get_part>(kMessage, "body_part", "type", "string?",
                     "The body of that type (\"application/sdp\"): all of it, or a part of a "
                     "multipart body."),
    method<get_parts>(kMessage, "body_parts", "", "{content_type: string, body: string}[]",
                      "The parts of a multipart body, or the one body that there is."),
    method<set_part>(kMessage, "set_body_part", "type, body", "",
                     "Puts another body of that type in the place of the one that there is, or "
                     "adds it, which may make the body multipart/mixed; nil: takes it away."),
    method<get_sdp>(kMessage, "sdp", "", "table, err",
                    "What the SDP in the body says, as sip.parse.sdp gives it. A copy: change it, "
                    "then give it to set_sdp()."),
    method<set_sdp>(kMessage, "set_sdp", "description", "",
                    "Another SDP, as text or as a table of that kind, in the place of the one that "
                    "there is, or added as set_body_part() does; nil: none."),
};

constexpr Function kTextRows[] = {
    function<parse_sdp>(ObjectKind::parse, "sdp", "text", "table, err", kAnywhere, kSdpFields),
    function<write_sdp>(ObjectKind::write, "sdp", "description", "string", kAnywhere,
                        "A table as sip.parse.sdp gives it, as text. What is left out gets a usual "
                        "value."),
};

}  // namespace

std::span<const Function> request_bodies() {
  return kRows<ObjectKind::request>;
}
std::span<const Function> response_bodies() {
  return kRows<ObjectKind::response>;
}
std::span<const Function> sdp_functions() {
  return kTextRows;
}

}  // namespace opensips::routing
