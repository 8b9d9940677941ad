#include "l4_nat/behind_nat.hh"

#include <netinet/in.h>

#include <algorithm>

#include "l1_parser/reply.hh"

namespace opensips::nat {
namespace {

using SentBy = parser::Message::SentBy;

struct Range {
  std::uint32_t network;
  unsigned bits;
};
constexpr Range kPrivate[] = {
    {0x0a000000, 8},   // 10/8
    {0xac100000, 12},  // 172.16/12
    {0xc0a80000, 16},  // 192.168/16
    {0x64400000, 10},  // 100.64/10
    {0xa9fe0000, 16},  // 169.254/16
};

bool has_one_via(const parser::Message& request) {
  const auto first = request.find(parser::HeaderName::via);
  const auto headers = request.headers();
  if (request.find(parser::HeaderName::via, first + 1) < headers.size()) return false;
  return parser::vias_behind_top(request, first).empty();
}

}  // namespace

bool is_private(const base::Address& address) {
  const auto bytes = address.host_bytes();
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (address.is_v6()) {
    return (byte(0) & 0xfe) == 0xfc || (byte(0) == 0xfe && (byte(1) & 0xc0) == 0x80);
  }
  if (!address) return false;
  const std::uint32_t host = std::uint32_t{byte(0)} << 24 | std::uint32_t{byte(1)} << 16 |
                             std::uint32_t{byte(2)} << 8 | byte(3);
  return std::ranges::any_of(kPrivate, [&](const Range& range) {
    return (host ^ range.network) >> (32 - range.bits) == 0;
  });
}

bool is_elsewhere(const parser::Message& request, std::string_view host) {
  if (host == request.via().host) return request.sent_by() == SentBy::elsewhere;
  return !request.source().peer.is_host(host).value_or(true);
}

bool is_behind_nat(const parser::Message& request) {
  if (request.source().transport != base::Transport::udp) return false;
  const auto* const contact = request.contact();
  return is_behind_nat(request, contact && contact->uri.is_sip() ? contact->uri.host : "");
}

bool is_behind_nat(const parser::Message& request, std::string_view contact_host) {
  const auto& source = request.source();
  if (source.transport != base::Transport::udp) return false;
  if (request.sent_by() == SentBy::elsewhere) return true;
  return !contact_host.empty() && is_elsewhere(request, contact_host) &&
         is_private(*base::Address::parse(contact_host, 0)) && has_one_via(request);
}

}  // namespace opensips::nat
