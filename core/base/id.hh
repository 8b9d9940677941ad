#pragma once

#include <compare>
#include <cstdint>

namespace opensips::base {

/// The only handle that leaves a layer: worker, slot and generation in 64 bits, so that a stale one
/// is recognised and any thread can tell whose it is. Zero is "none". `Tag` keeps kinds apart.
template <class Tag>
struct Id {
  static constexpr unsigned kSlotBits = 26;
  static constexpr unsigned kGenerationBits = 32;
  static constexpr std::uint64_t kMaxSlots = 1ULL << kSlotBits;

  std::uint64_t bits = 0;

  constexpr Id() = default;
  constexpr explicit Id(std::uint64_t raw) : bits(raw) {}
  constexpr Id(unsigned worker, std::uint32_t slot, std::uint32_t generation)
      : bits((std::uint64_t{worker} << (kSlotBits + kGenerationBits)) |
             (std::uint64_t{slot} << kGenerationBits) | generation) {}

  constexpr unsigned worker() const {
    return static_cast<unsigned>(bits >> (kSlotBits + kGenerationBits));
  }
  constexpr std::uint32_t slot() const {
    return static_cast<std::uint32_t>((bits >> kGenerationBits) & (kMaxSlots - 1));
  }
  constexpr std::uint32_t generation() const { return static_cast<std::uint32_t>(bits); }

  constexpr explicit operator bool() const { return bits != 0; }
  friend constexpr auto operator<=>(Id, Id) = default;
};

}  // namespace opensips::base
