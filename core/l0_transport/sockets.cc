#include "l0_transport/sockets.hh"

#include <strings.h>

#include <algorithm>
#include <utility>

namespace opensips::transport {

namespace {

constexpr std::uint16_t kDefaultPort = 5060;

bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// Two spellings of one IP address are one host; names are compared as text.
bool same_host(std::string_view text, const base::Address& address) {
  const auto parsed = base::Address::parse(text, 0);
  return parsed && parsed->same_host(address);
}

bool means(const Socket& socket, std::string_view host) {
  return same_text(host, socket.host) || same_host(host, socket.address);
}

std::uint16_t or_default(std::uint16_t port) {
  return port ? port : kDefaultPort;
}

}  // namespace

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
  if (find(host, port)) return true;
  return std::ranges::any_of(aliases_, [&](const Alias& a) {
    return same_text(host, a.host) && (a.port == 0 || a.port == or_default(port));
  });
}

std::optional<std::uint16_t> Sockets::choose(base::Transport transport, const base::Address& peer,
                                             std::uint16_t preferred) const {
  const auto fits = [&](const Socket& s) {
    return s.transport == transport && s.address.is_v6() == peer.is_v6();
  };
  if (preferred < all_.size() && fits(all_[preferred])) return preferred;
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

std::optional<std::uint16_t> Sockets::find(std::string_view host, std::uint16_t port) const {
  const auto found = std::ranges::find_if(all_, [&](const Socket& s) {
    const auto wanted = or_default(port);
    return (s.port == wanted || s.address.port() == wanted) && means(s, host);
  });
  if (found == all_.end()) return std::nullopt;
  return static_cast<std::uint16_t>(found - all_.begin());
}

}  // namespace opensips::transport
