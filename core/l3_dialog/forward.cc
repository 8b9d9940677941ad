#include "l3_dialog/forward.hh"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/log.hh"
#include "l1_parser/chars.hh"
#include "l1_parser/message_view.hh"
#include "l1_parser/name_addr.hh"
#include "l1_parser/params.hh"
#include "l1_parser/uri.hh"
#include "l2_transaction/next_hop.hh"

namespace opensips::dialog {

using parser::HeaderName;

namespace {

std::string_view digits_of(unsigned number, base::Arena& arena) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  return arena.copy({digits, static_cast<std::size_t>(end - digits)});
}

}  // namespace

void count_hop(parser::Message& request, parser::Draft& draft, unsigned initial) {
  auto& arena = request.arena();
  const auto place = request.find(HeaderName::max_forwards);
  if (place == request.headers().size()) {
    draft.edits.insert(arena, request.find(HeaderName::from), "Max-Forwards",
                       digits_of(initial, arena));
    return;
  }
  draft.edits.replace(arena, place, request.name(request.headers()[place]),
                      digits_of(request.max_forwards().value_or(1) - 1, arena));
}

unsigned share_breadth(parser::Message& request, std::span<parser::Draft* const> branches) {
  constexpr unsigned kUsual = 60;
  auto& arena = request.arena();
  const auto place = request.find(HeaderName::max_breadth);
  const bool given = place < request.headers().size();
  unsigned breadth = kUsual;
  if (given) {
    const auto text = request.value(request.headers()[place]);
    const auto end = text.data() + text.size();
    if (std::from_chars(text.data(), end, breadth).ptr != end) return 400;
  }
  const auto count = static_cast<unsigned>(branches.size());
  if (breadth < count) return 440;
  for (unsigned i = 0; i < count; ++i) {
    const auto share = digits_of(breadth / count + (i < breadth % count ? 1 : 0), arena);
    auto& edits = branches[i]->edits;
    if (given) {
      edits.replace(arena, place, "Max-Breadth", share);
    } else {
      edits.insert(arena, request.find(HeaderName::from), "Max-Breadth", share);
    }
  }
  return 0;
}

std::string_view as_request_uri(base::Arena& arena, std::string_view target) {
  const auto has = [target](char mark) { return target.find(mark) != std::string_view::npos; };
  if (!has(';') && !has('?')) return target;  // as most are
  const auto uri = parser::Uri::parse(target);
  return uri ? as_request_uri(arena, *uri) : target;
}

std::string_view as_request_uri(base::Arena& arena, const parser::Uri& uri) {
  auto target = uri.text;
  if (!uri.headers.empty()) {
    const auto behind = static_cast<std::size_t>(uri.headers.data() - target.data());
    target = target.substr(0, behind - 1);
  }
  if (uri.params.empty() || !uri.param("method")) return target;

  char* const text = arena.text(target.size());
  char* at = text;
  const char* from = target.data();
  parser::ParamScanner params(uri.params);
  while (const auto param = params.next()) {
    if (!parser::chars::equal_fold(param->name, "method")) continue;
    at = std::copy(from, param->name.data() - 1, at);
    from = (param->has_value ? param->value : param->name).end();
  }
  at = std::copy(from, target.data() + target.size(), at);
  arena.trim(at);
  return {text, static_cast<std::size_t>(at - text)};
}

void reformat_for_strict_router(parser::Message& request, parser::Draft& draft,
                                std::string_view request_uri, std::string_view next_hop) {
  auto& arena = request.arena();
  draft.edits.insert(arena, request.headers().size(), "Route",
                     arena.concat({"<", request_uri, ">"}));
  draft.edits.set_uri(as_request_uri(arena, next_hop));
}

base::Result<transport::NextHop> find_target(const parser::Message& request, std::string_view text,
                                             transport::Resolver& resolver, std::uint16_t socket) {
  const auto& asked = request.uri();  // parsed already, and inside a dialog that is where it goes
  if (text == asked.text) return find_target(request, asked, resolver, socket);
  const auto uri = parser::Uri::parse(text);
  if (!uri) return base::Failure(base::Error::malformed);
  return find_target(request, *uri, resolver, socket);
}

base::Result<transport::NextHop> find_target(const parser::Message& request, const parser::Uri& uri,
                                             transport::Resolver& resolver, std::uint16_t socket) {
  static base::RateLimit limit{std::chrono::seconds(10)};
  auto hop = transaction::find_next_hop(uri, resolver, socket);
  if (!hop && hop.error() != base::Error::malformed) {
    base::log_limited(
        limit, base::LogLevel::err, "call {}: cannot send to {}: {}", request.call_id(), uri.text,
        hop.error() == base::Error::unreachable
            ? "no socket of that transport and address family"
            : "neither an IP address nor a host name, or a transport that is not spoken here");
  }
  return hop;
}

base::Result<transport::NextHop> connected_target(std::string_view text,
                                                  const transport::Sockets& sockets,
                                                  std::uint16_t socket,
                                                  base::ConnectionId connection) {
  if (socket >= sockets.size()) return base::Failure(base::Error::unreachable);
  if (!base::is_reliable(sockets.at(socket).transport)) {  // the Route was changed on its way
    return base::Failure(base::Error::malformed);
  }
  base::Flow flow{.peer = {},
                  .socket = socket,
                  .transport = sockets.at(socket).transport,
                  .connection = connection};
  const auto uri = parser::Uri::parse(text);
  if (!uri || !uri->is_sip()) return base::Failure(base::Error::malformed);
  const auto port = uri->port ? uri->port : base::default_port(flow.transport);
  if (const auto address = base::Address::parse(uri->host, port)) flow.peer = *address;
  return transport::NextHop{flow, nullptr};
}

base::Result<transport::NextHop> registered_target(std::string_view text, const base::Flow& flow,
                                                   const transport::Sockets& sockets) {
  transport::NextHop hop{flow, nullptr};
  auto& to = hop.flow;
  if (!sockets.is_open(to.socket)) {  // closed since: another one of that kind
    const auto other = sockets.choose(to.transport, to.peer, to.socket);
    if (!other) return base::Failure(base::Error::unreachable);
    to.socket = *other;
  }
  if (!to.connection) return hop;
  const auto uri = parser::Uri::parse(text);
  if (!uri || !uri->is_sip()) return hop;
  const auto contact =
      transport::resolve({uri->host, uri->port, uri->param("transport").value_or(""),
                          uri->scheme == parser::Uri::Scheme::sips},
                         sockets, to.socket);
  if (contact && contact->transport == to.transport) to.peer = contact->peer;
  return hop;
}

std::string_view first_hop(std::string_view path) {
  std::string_view first;
  parser::ValueList values(path);
  while (const auto value = values.next()) {
    const auto hop = parser::NameAddr::parse(*value);
    if (!hop || !hop->uri() || path.find_first_of("\r\n") != std::string_view::npos) return {};
    if (first.empty()) first = hop->uri_text;
  }
  return first;
}

void add_path(parser::Message& request, parser::Draft& draft, std::string_view path) {
  auto& arena = request.arena();
  const auto place = std::min(request.find(HeaderName::route), request.find(HeaderName::from));
  draft.edits.insert_first(arena, place, "Route", arena.copy(path));
}

base::Result<transport::NextHop> addressed_target(const transport::Sockets& sockets,
                                                  std::uint16_t socket,
                                                  const base::Address& address) {
  if (socket >= sockets.size()) return base::Failure(base::Error::unreachable);
  const auto& own = sockets.at(socket);
  if (own.transport != base::Transport::udp || own.address.is_v6() != address.is_v6()) {
    return base::Failure(base::Error::malformed);  // the Route was changed on its way
  }
  base::Flow flow{.peer = address, .socket = socket, .transport = base::Transport::udp};
  return transport::NextHop{flow, nullptr};
}

}  // namespace opensips::dialog
