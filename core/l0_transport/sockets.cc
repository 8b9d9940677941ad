#include "l0_transport/sockets.hh"

#include <strings.h>

#include <algorithm>
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
  std::optional<base::Transport> named;
  for (const auto transport : {udp, tcp, tls, sctp, ws, wss}) {
    if (same_text(parameter, base::via_name(transport))) named = transport;
  }
  if (!secure) return parameter.empty() ? udp : named;
  if (parameter.empty() || named == tcp) return tls;
  if (named == ws) return wss;
  return named && base::is_secure(*named) ? named : std::nullopt;
}

void Sockets::add(base::Transport transport, const base::Address& address, std::string host,
                  std::uint16_t port) {
  if (host.empty()) host = address.host();
  if (port == 0) port = address.port();
  const auto sent_by = host + ":" + std::to_string(port);
  all_.push_back({transport, address, std::move(host), port, sent_by});
}

void Sockets::add_alias(std::string host, std::uint16_t port) {
  aliases_.push_back({std::move(host), port});
}

bool Sockets::is_local_host(std::string_view host) const {
  return std::ranges::any_of(all_, [&](const Socket& s) { return means(s, host); }) ||
         std::ranges::any_of(aliases_, [&](const Alias& a) { return same_text(host, a.host); });
}

bool Sockets::is_local(std::string_view host, std::uint16_t port) const {
  if (find(host, port, {})) return true;
  return std::ranges::any_of(aliases_, [&](const Alias& a) {
    return same_text(host, a.host) && (has_port(a.port, port));
  });
}

std::optional<std::uint16_t> Sockets::choose(base::Transport transport, const base::Address& peer,
                                             std::uint16_t preferred) const {
  const auto fits = [&](const Socket& s) {
    return s.transport == transport && s.address.is_v6() == peer.is_v6();
  };
  if (preferred < all_.size()) {
    if (fits(all_[preferred])) return preferred;
    const auto& near = all_[preferred].address;
    const auto beside = std::ranges::find_if(
        all_, [&](const Socket& s) { return fits(s) && s.address.same_host(near); });
    if (beside != all_.end()) return static_cast<std::uint16_t>(beside - all_.begin());
  }
  const auto found = std::ranges::find_if(all_, fits);
  if (found == all_.end()) return std::nullopt;
  return static_cast<std::uint16_t>(found - all_.begin());
}

std::optional<std::uint16_t> Sockets::find(base::Transport transport,
                                           const base::Address& address) const {
  const auto found = std::ranges::find_if(
      all_, [&](const Socket& s) { return s.transport == transport && s.address == address; });
  if (found == all_.end()) return std::nullopt;
  return static_cast<std::uint16_t>(found - all_.begin());
}

std::optional<std::uint16_t> Sockets::find(std::string_view host, std::uint16_t port,
                                           std::optional<base::Transport> transport) const {
  std::optional<std::uint16_t> other;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    const Socket& socket = all_[i];
    if (!has_port(socket, port) || !means(socket, host)) continue;
    const auto place = static_cast<std::uint16_t>(i);
    if (socket.transport == transport) return place;
    if (!other) other = place;
  }
  return other;
}

}  // namespace opensips::transport
