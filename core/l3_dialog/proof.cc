#include "l3_dialog/proof.hh"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstring>
#include <optional>

namespace opensips::dialog {

namespace {

constexpr std::size_t kEpochDigits = 8;
constexpr std::size_t kMacDigits = 16;
constexpr std::size_t kSize = kEpochDigits + 1 + kMacDigits;
// Behind another '.', at most: the digits of a connection, or 'u', an IPv6 address and a port.
constexpr std::size_t kConnectionDigits = 16;
constexpr std::size_t kPortDigits = 4;
constexpr std::size_t kMostWay = 1 + 32 + kPortDigits;
constexpr char kUdp = 'u';
using Proof = std::array<char, kSize>;

void write_hex(char* to, std::uint64_t value, std::size_t digits) {
  for (std::size_t i = digits; i-- > 0; value >>= 4) to[i] = "0123456789abcdef"[value & 15];
}

/// EPOCH.MAC for an epoch and a way that are already digits.
Proof make(const base::SipKey& key, std::string_view epoch, std::string_view call_id,
           std::string_view from_tag, std::string_view way) {
  constexpr std::string_view kDomain{"dialog\0", 7};  // a branch's MAC is no proof
  constexpr std::string_view kSeparator{"\0", 1};
  base::SipHasher mac(key);
  mac.update(kDomain).update(epoch).update(call_id).update(kSeparator).update(from_tag);
  if (!way.empty()) mac.update(kSeparator).update(way);
  Proof proof;
  std::memcpy(proof.data(), epoch.data(), kEpochDigits);
  proof[kEpochDigits] = '.';
  write_hex(proof.data() + kEpochDigits + 1, mac.finish(), kMacDigits);
  return proof;
}

bool equal(const Proof& proof, std::string_view given) {
  unsigned difference = 0;  // in constant time: a guess learns nothing from how long it takes
  for (std::size_t i = 0; i < kSize; ++i) {
    difference |= static_cast<unsigned char>(proof[i]) ^ static_cast<unsigned char>(given[i]);
  }
  return difference == 0;
}

/// EPOCH.MAC or EPOCH.MAC.WAY, not checked yet.
struct Given {
  std::string_view epoch, proof, way;
};

std::optional<Given> read(const parser::Uri& route) {
  const auto text = route.param(kProofParam);
  if (!text || text->size() < kSize) return std::nullopt;
  Given given{text->substr(0, kEpochDigits), text->substr(0, kSize), text->substr(kSize)};
  if (given.way.empty()) return given;
  if (given.way[0] != '.') return std::nullopt;
  given.way.remove_prefix(1);
  if (given.way.empty() || given.way.size() > kMostWay) return std::nullopt;
  return given;
}

/// A way as digits, in `to`, which has kMostWay bytes.
std::string_view write_way(const Way& way, char* to) {
  if (way.connection) {
    const auto end = std::to_chars(to, to + kConnectionDigits, way.connection.bits, 16).ptr;
    return {to, static_cast<std::size_t>(end - to)};
  }
  if (!way.address) return {};
  char* at = to;
  *at++ = kUdp;
  for (const char byte : way.address.host_bytes()) {
    write_hex(at, static_cast<unsigned char>(byte), 2);
    at += 2;
  }
  write_hex(at, way.address.port(), kPortDigits);
  return {to, static_cast<std::size_t>(at + kPortDigits - to)};
}

/// The address of digits that write_way() wrote, which the MAC has shown.
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

std::string_view write_proof(base::Arena& arena, const base::SipKey& key, std::uint32_t epoch,
                             const parser::Message& request, const Way& way) {
  char digits[kEpochDigits];
  write_hex(digits, epoch, kEpochDigits);
  char way_digits[kMostWay];
  const auto token = write_way(way, way_digits);
  const auto proof =
      make(key, {digits, kEpochDigits}, request.call_id(), request.from().tag, token);
  return arena.concat(
      {kProofParam, "=", {proof.data(), proof.size()}, token.empty() ? "" : ".", token});
}

bool proves(const base::SipKey& key, const parser::Uri& route, const parser::Message& request) {
  const auto given = read(route);
  if (!given) return false;
  const auto matches = [&](std::string_view tag) {
    return !tag.empty() &&
           equal(make(key, given->epoch, request.call_id(), tag, given->way), given->proof);
  };
  return matches(request.from().tag) || matches(request.to().tag);
}

bool names_way(const parser::Uri& route) {
  const auto given = read(route);
  return given && !given->way.empty();
}

Way proven_way(const parser::Uri& route, std::uint32_t epoch) {
  const auto given = read(route);
  if (!given || given->way.empty()) return {};
  if (given->way[0] == kUdp && given->way.size() > 1 + kPortDigits) {
    return Way(read_address(given->way.substr(1)));
  }
  char ours[kEpochDigits];
  write_hex(ours, epoch, kEpochDigits);
  if (given->epoch != std::string_view(ours, kEpochDigits)) return {};
  std::uint64_t bits = 0;
  std::from_chars(given->way.data(), given->way.data() + given->way.size(), bits, 16);
  return base::ConnectionId(bits);
}

}  // namespace opensips::dialog
