#include "config/endpoint.hh"

#include <arpa/inet.h>
#include <net/if.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>

#include <fmt/format.h>

#include "base/flow.hh"

namespace opensips::config {
namespace {

// In the order of base::Transport.
constexpr std::array<std::string_view, 6> kTransports{"udp", "tcp", "tls", "sctp", "ws", "wss"};
constexpr std::string_view kExpectedTransport = "udp, tcp, tls, sctp, ws or wss";
constexpr std::string_view kExpectedSocket = "TRANSPORT:ADDRESS:PORT as in udp:192.0.2.1:5060";

template <class T>
using Parsed = std::expected<T, std::string>;

struct HostPort {
  std::string host;  // lower case or numeric, without brackets
  bool numeric = false;
  bool ipv6 = false;
  std::optional<std::uint16_t> port;
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

bool is_transport(std::string_view name) {
  return std::find(kTransports.begin(), kTransports.end(), name) != kTransports.end();
}

std::uint16_t default_port(std::string_view transport) {
  const auto place = std::ranges::find(kTransports, transport) - kTransports.begin();
  return base::default_port(static_cast<base::Transport>(place));
}

// The address as the system writes it, so that two spellings of one are equal.
std::optional<std::string> numeric(std::string_view host, int family) {
  const std::string text(host);
  if (text.find('\0') != std::string::npos) return std::nullopt;
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (::inet_pton(family, text.c_str(), bytes.data()) != 1) return std::nullopt;
  return ::inet_ntop(family, bytes.data(), out.data(), out.size());
}

bool is_name(std::string_view host) {
  if (host.empty() || host.size() > 253 || host.front() == '.' || host.front() == '-') return false;
  return std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

Parsed<std::uint16_t> parse_port(std::string_view text) {
  unsigned port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || stop != end || port > 65535) {
    return std::unexpected(
        fmt::format("port is {}, expected a number up to 65535", in_quotes(text)));
  }
  return static_cast<std::uint16_t>(port);
}

Parsed<HostPort> parse_host_port(std::string_view text) {
  HostPort out;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) {
      return std::unexpected(fmt::format("{} has no ], expected [IPv6]:PORT", in_quotes(text)));
    }
    const auto address = numeric(text.substr(1, close - 1), AF_INET6);
    if (!address) {
      return std::unexpected(fmt::format("{} is not an IPv6 address, expected one in the brackets",
                                         in_quotes(text.substr(1, close - 1))));
    }
    out = {*address, true, true, std::nullopt};
    rest = text.substr(close + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    rest = text.substr(colon);
    if (rest.find(':', 1) != std::string_view::npos && numeric(text, AF_INET6)) {
      return std::unexpected(
          fmt::format("{} is an IPv6 address, expected it in [ ]", in_quotes(text)));
    }
    const auto address = numeric(text.substr(0, colon), AF_INET);
    out = {address.value_or(lower(text.substr(0, colon))), address.has_value(), false,
           std::nullopt};
  }
  if (rest.empty()) return out;
  if (rest.front() != ':') {
    return std::unexpected(
        fmt::format("unexpected {} after the address, expected :PORT", in_quotes(rest)));
  }
  const auto port = parse_port(rest.substr(1));
  if (!port) return std::unexpected(port.error());
  out.port = *port;
  return out;
}

std::string transport_error(std::string_view text, std::string_view prefix) {
  const bool address = prefix.empty() || prefix == text ||
                       prefix.find_first_of(".[*0123456789") != std::string_view::npos;
  if (address)
    return fmt::format("{} has no transport, expected {}", in_quotes(text), kExpectedSocket);
  const auto meant = closest(prefix, {kTransports.begin(), kTransports.end()});
  return fmt::format("unknown transport {}{}, expected {}", in_quotes(prefix),
                     meant.empty() ? "" : fmt::format(" (did you mean {}?)", meant),
                     kExpectedTransport);
}

/// As written: the system has names of one spelling only.
std::string_view written_host(std::string_view place) {
  return place.substr(0, place.find(':'));
}

bool is_interface(std::string_view name) {
  const std::string text(name);
  return text.size() < IF_NAMESIZE && text.find('\0') == std::string::npos &&
         ::if_nametoindex(text.c_str()) != 0;
}

Parsed<Socket> listening(std::string_view text) {
  Socket out;
  const std::string_view prefix = text.substr(0, text.find(':'));
  out.transport = lower(prefix);
  if (!is_transport(out.transport) || prefix.size() == text.size()) {
    return std::unexpected(transport_error(text, prefix));
  }
  const std::string_view written = text.substr(prefix.size() + 1);
  auto place = parse_host_port(written);
  if (!place) return std::unexpected(place.error());
  out.port = place->port.value_or(default_port(out.transport));
  if (place->host == "*") {
    place->host = "0.0.0.0";
    place->numeric = true;
  }
  if (!place->numeric) {
    const auto name = written_host(written);
    if (!is_interface(name)) {
      return std::unexpected(
          fmt::format("address is {}, expected an IPv4 address, [IPv6], * or the name of one of "
                      "this machine's interfaces",
                      in_quotes(name)));
    }
    out.interface = name;
    return out;
  }
  out.address = place->host;
  out.ipv6 = place->ipv6;
  return out;
}

std::optional<std::string> advertise(std::string_view text, Socket& socket) {
  const auto place = parse_host_port(text);
  if (!place) return place.error();
  const bool wildcard = place->host == "0.0.0.0" || place->host == "::";
  if (wildcard || (!place->numeric && !is_name(place->host))) {
    return fmt::format(
        "advertised address is {}, expected an address or a name that others can reach",
        in_quotes(place->host));
  }
  if (place->port == 0) return "advertised port is 0, expected 1 to 65535";
  socket.advertised_host = place->host;
  socket.advertised_port = place->port.value_or(0);
  return std::nullopt;
}

/// What may stand behind the address of a socket.
struct SocketOption {
  std::string_view name;
  std::string_view value = {};    ///< what follows it; empty: nothing
  std::string_view noun = {};     ///< the same in words
  const char* instead = nullptr;  ///< taken for the sake of existing files, without effect: why
};

constexpr const char* kAllWorkers = "every worker serves all sockets.";
constexpr std::array<SocketOption, 5> kSocketOptions{{
    {"as", "ADDRESS:PORT", "address"},
    {"use_workers", "NUMBER", "number", kAllWorkers},
    {"use_auto_scaling_profile", "PROFILE", "profile", kAllWorkers},
    {"reuse_port", {}, {}, "a socket is refused when another server has its port."},
    {"frag", {}, {}, "whether datagrams may be fragmented is the system's."},
}};

const SocketOption* find_option(std::string_view name) {
  const auto found = std::ranges::find(kSocketOptions, name, &SocketOption::name);
  return found == kSocketOptions.end() ? nullptr : found;
}

}  // namespace

std::expected<Socket, Complaint> parse_socket(const Value& value, const std::vector<Value>& options,
                                              std::vector<Complaint>& notices) {
  auto socket = listening(value.text);
  if (!socket) return std::unexpected(Complaint{value.at, socket.error()});
  socket->at = value.at;
  for (std::size_t i = 0; i < options.size(); ++i) {
    const auto* const option = find_option(options[i].text);
    if (!option) {
      return std::unexpected(Complaint{
          options[i].at, fmt::format("unknown option {} of a socket, expected 'as ADDRESS:PORT'",
                                     in_quotes(options[i].text))});
    }
    if (option->instead) {
      notices.push_back(
          {options[i].at, fmt::format("{} has no effect: {}", option->name, option->instead)});
    }
    if (option->value.empty()) continue;
    if (++i == options.size()) {
      return std::unexpected(
          Complaint{options[i - 1].at, fmt::format("'{}' has no {}, expected {} {}", option->name,
                                                   option->noun, option->name, option->value)});
    }
    if (option->instead) continue;
    if (auto error = advertise(options[i].text, *socket)) {
      return std::unexpected(Complaint{options[i].at, *error});
    }
  }
  return *socket;
}

std::expected<Alias, Complaint> parse_alias(const Value& value) {
  Alias out;
  out.at = value.at;
  std::string_view text = value.text;
  const std::string prefix = lower(text.substr(0, text.find(':')));
  if (prefix.size() < text.size() && is_transport(prefix)) {
    out.transport = prefix;
    text.remove_prefix(prefix.size() + 1);
  }
  const auto place = parse_host_port(text);
  if (!place) return std::unexpected(Complaint{value.at, place.error()});
  if (!place->numeric && !is_name(place->host)) {
    return std::unexpected(Complaint{
        value.at,
        fmt::format("alias is {}, expected a domain name or an address", in_quotes(value.text))});
  }
  out.host = place->host;
  out.port = place->port.value_or(0);
  return out;
}

std::optional<std::vector<base::Address>> parse_name_servers(std::string_view text) {
  constexpr std::uint16_t kPort = 53;
  constexpr std::string_view kBetween = ", \t";
  std::vector<base::Address> servers;
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(kBetween), text.size()));
    if (text.empty()) return servers;
    const auto one = text.substr(0, text.find_first_of(kBetween));
    text.remove_prefix(one.size());
    const auto address = base::Address::parse_host_port(one, kPort);
    if (!address || address->port() == 0) return std::nullopt;
    servers.push_back(*address);
  }
}

}  // namespace opensips::config
