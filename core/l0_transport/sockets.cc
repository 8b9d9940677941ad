#include "l0_transport/sockets.hh"

#include <strings.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace opensips::transport {

namespace {

bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// Two spellings of one IP address are one host, and what is sent to 0.0.0.0 or [::] comes to this
// machine; names are compared as text.
bool same_host(std::string_view text, const base::Address& address) {
  const auto parsed = base::Address::parse(text, 0);
  return parsed && (parsed->same_host(address) || parsed->is_wildcard());
}

bool means(const Socket& socket, std::string_view host) {
  return same_text(host, socket.host) || same_host(host, socket.address);
}

// A URI without a port means the default one of the transport that it is used with.
bool has_port(const Socket& socket, std::uint16_t port) {
  if (port == 0) port = base::default_port(socket.transport);
  return socket.port == port || socket.address.port() == port;
}

bool has_port(std::uint16_t of_alias, std::uint16_t port) {
  using enum base::Transport;
  if (of_alias == 0 || of_alias == port) return true;
  return port == 0 && (of_alias == base::default_port(udp) || of_alias == base::default_port(tls));
}

}  // namespace

std::optional<base::Transport> transport_of(std::string_view parameter, bool secure) {
  using enum base::Transport;
  if (parameter.empty()) return secure ? tls : udp;
  std::optional<base::Transport> named;
  for (const auto transport : {udp, tcp, tls, sctp, ws, wss}) {
    if (same_text(parameter, base::via_name(transport))) named = transport;
  }
  if (!secure) return named;
  if (named == tcp) return tls;
  if (named == ws) return wss;
  return named && base::is_secure(*named) ? named : std::nullopt;
}

std::uint16_t Sockets::add(base::Transport transport, const base::Address& address,
                           std::string host, std::uint16_t port) {
  const auto place = prepare(transport, address, std::move(host), port).value();
  open(place);
  return place;
}

std::optional<std::uint16_t> Sockets::prepare(base::Transport transport,
                                              const base::Address& address, std::string host,
                                              std::uint16_t port) {
  if (host.empty()) host = address.host();
  if (port == 0) port = address.port();
  for (std::size_t i = 0; i < all_.size(); ++i) {
    const Socket& known = all_[i];
    const bool same = known.transport == transport && known.address == address &&
                      known.host == host && known.port == port;
    const auto place = static_cast<std::uint16_t>(i);
    if (same && !is_open(place)) return place;
  }
  if (all_.full()) return std::nullopt;
  auto made = std::make_unique<Socket>();
  made->transport = transport;
  made->address = address;
  made->sent_by = host + ":" + std::to_string(port);
  made->host = std::move(host);
  made->port = port;
  return static_cast<std::uint16_t>(all_.push_back(std::move(made)));
}

void Sockets::add_alias(std::string host, std::uint16_t port) {
  aliases_.push_back({std::move(host), port});
}

/// The place of the first open socket that `fits(const Socket&)`.
template <class Fits>
std::optional<std::uint16_t> Sockets::first_open(Fits fits) const {
  const std::size_t count = all_.size();
  for (std::size_t i = 0; i < count; ++i) {
    const auto place = static_cast<std::uint16_t>(i);
    if (is_open(place) && fits(all_[i])) return place;
  }
  return std::nullopt;
}

bool Sockets::is_local_host(std::string_view host) const {
  return first_open([&](const Socket& s) { return means(s, host); }) ||
         std::ranges::any_of(aliases_, [&](const Alias& a) { return same_text(host, a.host); }) ||
         domains_.contains(host);
}

bool Sockets::is_local(std::string_view host, std::uint16_t port) const {
  if (find(host, port, {})) return true;
  const bool is_alias = std::ranges::any_of(aliases_, [&](const Alias& a) {
    return same_text(host, a.host) && (has_port(a.port, port));
  });
  return is_alias || domains_.contains(host);
}

std::optional<std::uint16_t> Sockets::choose(base::Transport transport, const base::Address& peer,
                                             std::uint16_t preferred) const {
  const auto fits = [&](const Socket& s) {
    return s.transport == transport && s.address.is_v6() == peer.is_v6();
  };
  if (preferred < all_.size()) {
    const Socket& wanted = all_[preferred];
    if (is_open(preferred) && fits(wanted)) return preferred;
    const auto beside =
        first_open([&](const Socket& s) { return fits(s) && s.address.same_host(wanted.address); });
    if (beside) return beside;
  }
  return first_open(fits);
}

std::optional<std::uint16_t> Sockets::find(base::Transport transport,
                                           const base::Address& address) const {
  return first_open(
      [&](const Socket& s) { return s.transport == transport && s.address == address; });
}

std::optional<std::uint16_t> Sockets::find(std::string_view host, std::uint16_t port,
                                           std::optional<base::Transport> transport) const {
  return find_named(host, port, transport, true);
}

std::optional<std::uint16_t> Sockets::find_closed(std::string_view host, std::uint16_t port,
                                                  std::optional<base::Transport> transport) const {
  return find_named(host, port, transport, false);
}

std::optional<std::uint16_t> Sockets::find_named(std::string_view host, std::uint16_t port,
                                                 std::optional<base::Transport> transport,
                                                 bool open) const {
  std::optional<std::uint16_t> other;
  const std::size_t count = all_.size();
  for (std::size_t i = 0; i < count; ++i) {
    const auto place = static_cast<std::uint16_t>(i);
    const Socket& socket = all_[i];
    if (is_open(place) != open || !has_port(socket, port) || !means(socket, host)) continue;
    if (socket.transport == transport) return place;
    if (!other) other = place;
  }
  return other;
}

}  // namespace opensips::transport
