#include "l3_dialog/proof.hh"

#include <array>
#include <charconv>
#include <cstring>
#include <optional>

namespace opensips::dialog {

namespace {

constexpr std::size_t kEpochDigits = 8;
constexpr std::size_t kMacDigits = 16;
constexpr std::size_t kSize = kEpochDigits + 1 + kMacDigits;
constexpr std::size_t kConnectionDigits = 16;  // at most, behind another '.'
using Proof = std::array<char, kSize>;

void write_hex(char* to, std::uint64_t value, std::size_t digits) {
  for (std::size_t i = digits; i-- > 0; value >>= 4) to[i] = "0123456789abcdef"[value & 15];
}

/// EPOCH.MAC for an epoch and a connection that are already digits.
Proof make(const base::SipKey& key, std::string_view epoch, std::string_view call_id,
           std::string_view from_tag, std::string_view connection) {
  constexpr std::string_view kDomain{"dialog\0", 7};  // a branch's MAC is no proof
  constexpr std::string_view kSeparator{"\0", 1};
  base::SipHasher mac(key);
  mac.update(kDomain).update(epoch).update(call_id).update(kSeparator).update(from_tag);
  if (!connection.empty()) mac.update(kSeparator).update(connection);
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

/// EPOCH.MAC or EPOCH.MAC.CONNECTION, not checked yet.
struct Given {
  std::string_view epoch, proof, connection;
};

std::optional<Given> read(const parser::Uri& route) {
  const auto text = route.param(kProofParam);
  if (!text || text->size() < kSize) return std::nullopt;
  Given given{text->substr(0, kEpochDigits), text->substr(0, kSize), text->substr(kSize)};
  if (given.connection.empty()) return given;
  if (given.connection[0] != '.') return std::nullopt;
  given.connection.remove_prefix(1);
  const auto digits = given.connection.size();
  if (digits == 0 || digits > kConnectionDigits) return std::nullopt;
  return given;
}

}  // namespace

std::string_view write_proof(base::Arena& arena, const base::SipKey& key, std::uint32_t epoch,
                             const parser::Message& request, base::ConnectionId connection) {
  char digits[kEpochDigits];
  write_hex(digits, epoch, kEpochDigits);
  char connection_digits[kConnectionDigits];
  std::string_view token;
  if (connection) {
    const auto end = std::to_chars(connection_digits, connection_digits + kConnectionDigits,
                                   connection.bits, 16);
    token = {connection_digits, static_cast<std::size_t>(end.ptr - connection_digits)};
  }
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
           equal(make(key, given->epoch, request.call_id(), tag, given->connection), given->proof);
  };
  return matches(request.from().tag) || matches(request.to().tag);
}

bool names_connection(const parser::Uri& route) {
  const auto given = read(route);
  return given && !given->connection.empty();
}

base::ConnectionId proven_connection(const parser::Uri& route, std::uint32_t epoch) {
  const auto given = read(route);
  char ours[kEpochDigits];
  write_hex(ours, epoch, kEpochDigits);
  if (!given || given->epoch != std::string_view(ours, kEpochDigits)) return {};
  std::uint64_t bits = 0;
  std::from_chars(given->connection.data(), given->connection.data() + given->connection.size(),
                  bits, 16);
  return base::ConnectionId(bits);
}

}  // namespace opensips::dialog
