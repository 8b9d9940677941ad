#include "lp_routing/functions/parts.hh"

#include "l1_parser/message_view.hh"

namespace opensips::routing {
namespace {

using parser::HeaderName;
using parser::Message;
using parser::NameAddr;

/// The changed value of From or To, if it was changed.
const parser::Edits::Edit* edit_of(const Message& message, HeaderName name) {
  return message.edits().first() ? message.edits().at(message.find(name)) : nullptr;
}

/// From's or To's, if it stands as it came with a request.
const parser::Uri* known_uri(const Call& call) {
  const Message& message = call.message();
  if (!message.is_request()) return nullptr;
  if (call.self.part == Object::Part::from && !edit_of(message, HeaderName::from)) {
    return &message.from_uri();
  }
  if (call.self.part == Object::Part::to && !edit_of(message, HeaderName::to)) {
    return &message.to_uri();
  }
  return nullptr;
}

std::optional<std::string_view> contact(const Message& message, std::uint32_t place) {
  parser::EffectiveHeaders headers(message);
  while (const auto header = headers.next("Contact")) {
    parser::ValueList values(header->value);
    while (const auto value = values.next()) {
      if (place-- == 0) return value;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> text_of_part(const Call& call) {
  const Message& message = call.message();
  switch (call.self.part) {
    case Object::Part::request_uri: return parser::effective_uri(message);
    case Object::Part::contact: return contact(message, call.self.place);
    case Object::Part::from: {
      const auto* const edit = edit_of(message, HeaderName::from);
      return edit ? edit->value : message.from().text;
    }
    case Object::Part::to: {
      const auto* const edit = edit_of(message, HeaderName::to);
      return edit ? edit->value : message.to().text;
    }
    case Object::Part::whole: break;
  }
  return std::nullopt;
}

std::optional<NameAddr> name_addr_of(const Call& call) {
  const Message& message = call.message();
  if (call.self.part == Object::Part::from && !edit_of(message, HeaderName::from))
    return message.from();
  if (call.self.part == Object::Part::to && !edit_of(message, HeaderName::to)) return message.to();
  const auto text = text_of_part(call);
  if (!text) return std::nullopt;
  const auto address = NameAddr::parse(*text);
  if (!address) return std::nullopt;
  return *address;
}

std::optional<parser::Uri> uri_of(const Call& call) {
  if (call.self.part == Object::Part::request_uri) {
    const Message& message = call.message();
    if (message.edits().uri().empty()) return message.uri();
    const auto uri = parser::Uri::parse(message.edits().uri());
    return uri ? std::optional(*uri) : std::nullopt;
  }
  const auto* const known = known_uri(call);
  if (known) return *known;
  const auto address = name_addr_of(call);
  if (!address) return std::nullopt;
  const auto uri = address->uri();
  return uri ? std::optional(*uri) : std::nullopt;
}

std::uint32_t count_contacts(const Message& message) {
  std::uint32_t count = 0;
  parser::EffectiveHeaders headers(message);
  while (const auto header = headers.next("Contact")) {
    parser::ValueList values(header->value);
    while (values.next()) ++count;
  }
  return count;
}

}  // namespace opensips::routing
