#include "l3_dialog/way.hh"

#include <arpa/inet.h>

#include <charconv>

#include "base/hex.hh"

namespace opensips::dialog {
namespace {

constexpr std::size_t kConnectionDigits = 16;
constexpr std::size_t kPortDigits = 4;
constexpr char kUdp = 'u';

base::Address read_address(std::string_view digits) {
  const auto number = [&](std::size_t at, std::size_t size) {
    unsigned value = 0;
    std::from_chars(digits.data() + at, digits.data() + at + size, value, 16);
    return value;
  };
  const auto host_digits = digits.size() - kPortDigits;
  const auto port = static_cast<std::uint16_t>(number(host_digits, kPortDigits));
  if (host_digits == 8) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(number(0, host_digits));
    return base::Address(reinterpret_cast<const sockaddr*>(&address));
  }
  if (host_digits != 32) return {};
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  for (std::size_t i = 0; i < 16; ++i) {
    address.sin6_addr.s6_addr[i] = static_cast<std::uint8_t>(number(2 * i, 2));
  }
  return base::Address(reinterpret_cast<const sockaddr*>(&address));
}

}  // namespace

std::string_view write_way(const Way& way, char* to) {
  if (way.connection) {
    const auto end = std::to_chars(to, to + kConnectionDigits, way.connection.bits, 16).ptr;
    return {to, static_cast<std::size_t>(end - to)};
  }
  if (!way.address) return {};
  char* at = to;
  *at++ = kUdp;
  for (const char byte : way.address.host_bytes()) {
    at = base::write_hex(at, static_cast<std::uint8_t>(byte));
  }
  at = base::write_hex(at, way.address.port());
  return {to, static_cast<std::size_t>(at - to)};
}

Way read_way(std::string_view digits, bool written_by_this_process) {
  if (digits.empty()) return {};
  if (digits[0] == kUdp) {
    return digits.size() > 1 + kPortDigits ? Way(read_address(digits.substr(1))) : Way();
  }
  if (!written_by_this_process) return {};
  std::uint64_t bits = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), bits, 16);
  return base::ConnectionId(bits);
}

}  // namespace opensips::dialog
