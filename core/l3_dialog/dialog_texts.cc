#include "l3_dialog/dialog_texts.hh"

#include <vector>

#include <fmt/format.h>

#include "l1_parser/chars.hh"
#include "l1_parser/contact.hh"
#include "l1_parser/name_addr.hh"
#include "l3_dialog/proof.hh"

namespace opensips::dialog {

using parser::HeaderName;

namespace {

/// All values of all Record-Routes, as they came.
std::vector<std::string_view> record_routes(const parser::Message& message) {
  std::vector<std::string_view> found;
  const auto headers = message.headers();
  for (auto i = message.find(HeaderName::record_route); i < headers.size();
       i = message.find(HeaderName::record_route, i + 1)) {
    parser::ValueList values(message.value(headers[i]));
    while (const auto value = values.next()) found.push_back(*value);
  }
  return found;
}

/// A Record-Route of a server that writes them as we do.
bool is_ours(std::string_view value) {
  const auto route = parser::NameAddr::parse(value);
  const auto uri = route ? route->uri() : base::Failure(base::Error::malformed);
  return uri && uri->param(kProofParam);
}

}  // namespace

Dialog::Texts texts_of(const parser::Message& invite) {
  const auto routes = fmt::format("{}", fmt::join(record_routes(invite), ", "));
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

std::string routes_to_callee(const parser::Message& response) {
  std::string routes;
  for (const auto value : record_routes(response)) {
    if (is_ours(value)) break;
    routes = routes.empty() ? std::string(value) : fmt::format("{}, {}", value, routes);
  }
  return routes;
}

bool names_way_to_callee(const parser::Message& response) {
  for (const auto value : record_routes(response)) {
    if (!is_ours(value)) continue;
    const auto route = parser::NameAddr::parse(value);
    return names_way(*route->uri());
  }
  return false;
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
