#include <string>

#include <fmt/format.h>

#include "l1_parser/message_view.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/parts.hh"

namespace opensips::routing {
namespace {

using parser::HeaderName;
using parser::Message;

Value unfolded(Message& message, std::string_view value) {
  return parser::unfold(message.arena(), value);
}

/// Which of several headers of a name: the first is 1.
struct Place {
  std::uint16_t number = 1;
};

}  // namespace

template <>
struct Argument<Place> {
  static constexpr std::string_view type = "integer";
  static bool from(const Value& value, Place& to, std::string& why) {
    if (!Argument<std::uint16_t>::from(value, to.number, why)) return false;
    if (to.number == 0) why = "the first is 1";
    return to.number != 0;
  }
};

namespace {

Value header(Call& call, HeaderField name, std::optional<Place> n) {
  const auto value = parser::header(call.message(), name.text, n.value_or(Place{}).number - 1U);
  return value ? unfolded(call.message(), *value) : Value();
}

Value headers(Call& call, HeaderField name) {
  Value::List values;
  parser::EffectiveHeaders all(call.message());
  while (const auto header = all.next(name.text)) {
    values.push_back(unfolded(call.message(), header->value));
  }
  return values;
}

Value values(Call& call, HeaderField name) {
  Value::List list;
  parser::EffectiveHeaders all(call.message());
  while (const auto header = all.next(name.text)) {
    parser::ValueList parts(parser::unfold(call.message().arena(), header->value));
    while (const auto part = parts.next()) list.push_back(*part);
  }
  return list;
}

Value header_names(Call& call) {
  Value::List names;
  parser::EffectiveHeaders all(call.message());
  while (const auto header = all.next()) names.push_back(header->name_text);
  return names;
}

Value has_header(Call& call, HeaderField name) {
  return parser::header(call.message(), name.text).has_value();
}

/// Why a script may not change a header by its name; empty if it may.
std::string_view not_by_name(std::string_view name) {
  switch (parser::header_name_of(name)) {
    case HeaderName::from: return "assign request.from";
    case HeaderName::to: return "assign request.to";
    case HeaderName::via:
    case HeaderName::call_id:
    case HeaderName::cseq:
    case HeaderName::max_forwards:
    case HeaderName::content_length: return "the server keeps it right";
    default: return {};
  }
}

Value done(const Call& call, std::string_view name, const base::Result<void>& result) {
  if (result) return {};
  return Misuse{
      fmt::format("{}: {}: {}", call.function.full_name(), name, base::to_string(result.error()))};
}

Value refused(const Call& call, std::string_view name, std::string_view why) {
  return Misuse{
      fmt::format("{}: {} cannot be changed so: {}", call.function.full_name(), name, why)};
}

Value set_header(Call& call, HeaderField name, Line value, std::optional<Place> n) {
  if (const auto why = not_by_name(name.text); !why.empty()) return refused(call, name.text, why);
  Message& message = call.message();
  if (n)
    return done(call, name.text,
                parser::set_header(message, name.text, value.text, n->number - 1U));
  const auto set = parser::set_header(message, name.text, value.text);
  if (!set && set.error() == base::Error::missing) {
    return done(call, name.text, parser::add_header(message, name.text, value.text));
  }
  while (set && parser::remove_header(message, name.text, 1)) {
  }
  return done(call, name.text, set);
}

Value add_header(Call& call, HeaderField name, Line value) {
  if (const auto why = not_by_name(name.text); !why.empty()) return refused(call, name.text, why);
  return done(call, name.text, parser::add_header(call.message(), name.text, value.text));
}

Value prepend_header(Call& call, HeaderField name, Line value) {
  if (const auto why = not_by_name(name.text); !why.empty()) return refused(call, name.text, why);
  return done(call, name.text, parser::prepend_header(call.message(), name.text, value.text));
}

Value remove_header(Call& call, HeaderField name, std::optional<Place> n) {
  if (const auto why = not_by_name(name.text); !why.empty()) return refused(call, name.text, why);
  if (n) return parser::remove_header(call.message(), name.text, n->number - 1U) ? 1 : 0;
  return static_cast<std::int64_t>(parser::remove_headers(call.message(), name.text));
}

Value body(Call& call) {
  return parser::effective_body(call.message());
}

Value content_type(Call& call) {
  return text_or_nil(parser::header(call.message(), "Content-Type").value_or(""));
}

Value contact(Call& call) {
  const Object first = call.part(ObjectKind::name_addr, Object::Part::contact);
  Call inner{call.function, call.program, call.services, call.run, first};
  return text_of_part(inner) ? Value(first) : Value();
}

Value contacts(Call& call) {
  Value::List all;
  const std::uint32_t count = count_contacts(call.message());
  for (std::uint32_t i = 0; i < count; ++i) {
    all.push_back(call.part(ObjectKind::name_addr, Object::Part::contact, i));
  }
  return all;
}

Value set_body(Call& call, std::optional<Body> value) {
  Message& message = call.message();
  message.edits().set_body(value ? message.arena().copy(value->text) : std::string_view());
  if (!value) parser::remove_headers(message, "Content-Type");
  return {};
}

Value set_content_type(Call& call, Line value) {
  Message& message = call.message();
  if (!parser::set_header(message, "Content-Type", value.text)) {
    static_cast<void>(parser::add_header(message, "Content-Type", value.text));
  }
  return {};
}

/// What can be read of either kind of message.
template <ObjectKind kMessage>
constexpr Function kReading[] = {
    method<header>(kMessage, "header", "name, n", "string?",
                   "The value of the first header of that name, or of the nth."),
    method<headers>(kMessage, "headers", "name", "string[]",
                    "The values of all headers of that name."),
    method<values>(kMessage, "values", "name", "string[]",
                   "The values of all headers of that name, those that stand in one line, divided "
                   "by commas, each for itself: Route, Record-Route, Via, Contact, Supported, …"),
    method<header_names>(kMessage, "header_names", "", "string[]",
                         "The names of all headers, in their order and spelling."),
    method<has_header>(kMessage, "has_header", "name", "boolean", "Whether there is one."),
    getter<body>(kMessage, "body", "string", "The body; empty text if there is none."),
    getter<content_type>(kMessage, "content_type", "string?", "Content-Type."),
    getter<contact>(kMessage, "contact", "name_addr?", "The first Contact."),
    getter<contacts>(kMessage, "contacts", "name_addr[]",
                     "All Contacts, however many headers they stand in."),
};

template <ObjectKind kMessage>
constexpr Function kWriting[] = {
    setter<set_body>(kMessage, "body", "Another body; nil: none, and no Content-Type."),
    setter<set_content_type>(kMessage, "content_type", "Another Content-Type."),
    method<set_header>(kMessage, "set_header", "name, value, n", "",
                       "Makes it the only header of that name; with n it takes the place of the "
                       "nth."),
    method<add_header>(kMessage, "add_header", "name, value", "", "Adds one behind all others."),
    method<prepend_header>(kMessage, "prepend_header", "name, value", "",
                           "Adds one before the first of that name, else before all others."),
    method<remove_header>(kMessage, "remove_header", "name, n", "integer",
                          "Removes all headers of that name, or the nth alone; how many it were."),
};

}  // namespace

std::span<const Function> request_headers() {
  return kReading<ObjectKind::request>;
}
std::span<const Function> response_headers() {
  return kReading<ObjectKind::response>;
}
std::span<const Function> header_changes() {
  return kWriting<ObjectKind::request>;
}
std::span<const Function> response_changes() {
  return kWriting<ObjectKind::response>;
}

}  // namespace opensips::routing
