#include "l3_dialog/dialog_texts.hh"

#include <fmt/format.h>

#include "l1_parser/chars.hh"
#include "l1_parser/contact.hh"
#include "l1_parser/name_addr.hh"
#include "l3_dialog/proof.hh"

namespace opensips::dialog {

using parser::HeaderName;

namespace {

/// Calls `use` with each value of the Record-Routes, as they came, until it returns false.
template <class Use>
void each_record_route(const parser::Message& message, Use use) {
  const auto headers = message.headers();
  for (auto i = message.find(HeaderName::record_route); i < headers.size();
       i = message.find(HeaderName::record_route, i + 1)) {
    parser::ValueList values(message.value(headers[i]));
    while (const auto value = values.next()) {
      if (!use(*value)) return;
    }
  }
}

std::string joined_record_routes(const parser::Message& message) {
  std::string routes;
  each_record_route(message, [&](std::string_view value) {
    if (!routes.empty()) routes += ", ";
    routes += value;
    return true;
  });
  return routes;
}

}  // namespace

Dialog::Texts texts_of(const parser::Message& invite) {
  const auto routes = joined_record_routes(invite);
  Dialog::Texts::All all{};
  all[Dialog::call_id] = invite.call_id();
  all[Dialog::caller_uri] = invite.from().uri_text;
  all[Dialog::caller_tag] = invite.from().tag;
  all[Dialog::caller_contact] = contact_of(invite);
  all[Dialog::caller_routes] = routes;
  all[Dialog::callee_uri] = invite.to().uri_text;
  return Dialog::Texts(all);
}

Dialog::Texts texts_of(const DialogSnapshot& snapshot) {
  const auto& [caller, callee] = std::tie(snapshot.caller, snapshot.callee);
  return Dialog::Texts({snapshot.call_id, caller.uri, caller.tag, caller.contact, caller.routes,
                        callee.uri, callee.tag, callee.contact, callee.routes});
}

std::string_view contact_of(const parser::Message& message) {
  parser::ContactList contacts(message);
  const auto first = contacts.next();
  return first && *first && !(*first)->star ? (*first)->address.uri_text : std::string_view{};
}

CalleeSide callee_side(const parser::Message& response) {
  CalleeSide side;
  each_record_route(response, [&](std::string_view value) {
    const auto route = parser::NameAddr::parse(value);
    const auto uri = route ? route->uri() : base::Failure(base::Error::malformed);
    // One of a server that writes them as we do.
    if (uri && uri->param(kProofParam)) {
      side.has_way = names_way(*uri);
      return false;
    }
    side.routes =
        side.routes.empty() ? std::string(value) : fmt::format("{}, {}", value, side.routes);
    return true;
  });
  return side;
}

std::uint16_t socket_named(std::string_view name, const transport::Sockets& sockets) {
  for (std::size_t place = 0; place < sockets.size(); ++place) {
    const auto& socket = sockets.at(static_cast<std::uint16_t>(place));
    const auto its =
        fmt::format("{}:{}", base::name_of(socket.transport), socket.address.to_string());
    if (its == name) return static_cast<std::uint16_t>(place);
  }
  return base::Flow::kAnySocket;
}

bool is_same_place(std::string_view uri, std::string_view other) {
  if (uri == other) return true;
  const auto a = parser::Uri::parse(uri), b = parser::Uri::parse(other);
  return a && b && a->user == b->user && a->port == b->port &&
         parser::chars::equal_fold(a->host, b->host);
}

}  // namespace opensips::dialog
