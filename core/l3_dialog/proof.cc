#include "l3_dialog/proof.hh"

#include <array>
#include <cstring>

namespace opensips::dialog {

namespace {

constexpr std::size_t kEpochDigits = 8;
constexpr std::size_t kMacDigits = 16;
constexpr std::size_t kSize = kEpochDigits + 1 + kMacDigits;
using Proof = std::array<char, kSize>;

void write_hex(char* to, std::uint64_t value, std::size_t digits) {
  for (std::size_t i = digits; i-- > 0; value >>= 4) to[i] = "0123456789abcdef"[value & 15];
}

/// EPOCH.MAC for an epoch that is already digits.
Proof make(const base::SipKey& key, std::string_view epoch, std::string_view call_id,
           std::string_view from_tag) {
  constexpr std::string_view kDomain{"dialog\0", 7};  // a branch's MAC is no proof
  constexpr std::string_view kSeparator{"\0", 1};
  base::SipHasher mac(key);
  mac.update(kDomain).update(epoch).update(call_id).update(kSeparator).update(from_tag);
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

}  // namespace

std::string_view write_proof(base::Arena& arena, const base::SipKey& key, std::uint32_t epoch,
                             const parser::Message& request) {
  char digits[kEpochDigits];
  write_hex(digits, epoch, kEpochDigits);
  const auto proof = make(key, {digits, kEpochDigits}, request.call_id(), request.from().tag);
  return arena.concat({kProofParam, "=", {proof.data(), proof.size()}});
}

bool proves(const base::SipKey& key, const parser::Uri& route, const parser::Message& request) {
  const auto given = route.param(kProofParam);
  if (!given || given->size() != kSize) return false;
  const auto epoch = given->substr(0, kEpochDigits);
  const auto matches = [&](std::string_view tag) {
    return !tag.empty() && equal(make(key, epoch, request.call_id(), tag), *given);
  };
  return matches(request.from().tag) || matches(request.to().tag);
}

}  // namespace opensips::dialog
