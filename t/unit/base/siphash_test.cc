#include "base/siphash.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>

namespace opensips::base {
namespace {

// The key 00 01 .. 0f of the reference implementation; its input is the bytes 00 01 02 ...
constexpr SipKey kReferenceKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

// vectors_sip64 of the reference implementation for 0 to 63 bytes, read as little-endian numbers.
constexpr std::array<std::uint64_t, 64> kVectors = {
    0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
    0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
    0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
    0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5,
    0x3f2acc7f57c29bdb, 0x699ae9f52cbe4794, 0x4bc1b3f0968dd39c, 0xbb6dc91da77961bd,
    0xbed65cf21aa2ee98, 0xd0f2cbb02e3b67c7, 0x93536795e3a33e88, 0xa80c038ccd5ccec8,
    0xb8ad50c6f649af94, 0xbce192de8a85b8ea, 0x17d835b85bbb15f3, 0x2f2e6163076bcfad,
    0xde4daaaca71dc9a5, 0xa6a2506687956571, 0xad87a3535c49ef28, 0x32d892fad841c342,
    0x7127512f72f27cce, 0xa7f32346f95978e3, 0x12e0b01abb051238, 0x15e034d40fa197ae,
    0x314dffbe0815a3b4, 0x027990f029623981, 0xcadcd4e59ef40c4d, 0x9abfd8766a33735c,
    0x0e3ea96b5304a7d0, 0xad0c42d6fc585992, 0x187306c89bc215a9, 0xd4a60abcf3792b95,
    0xf935451de4f21df2, 0xa9538f0419755787, 0xdb9acddff56ca510, 0xd06c98cd5c0975eb,
    0xe612a3cb9ecba951, 0xc766e62cfcadaf96, 0xee64435a9752fe72, 0xa192d576b245165a,
    0x0a8787bf8ecb74b2, 0x81b3e73d20b49b6f, 0x7fa8220ba3b2ecea, 0x245731c13ca42499,
    0xb78dbfaf3a8d83bd, 0xea1ad565322a1a0b, 0x60e61c23a3795013, 0x6606d7e446282b93,
    0x6ca4ecb15c5f91e1, 0x9f626da15c9625f3, 0xe51b38608ef25f57, 0x958a324ceb064572,
};

std::string reference_input(std::size_t length) {
  std::string bytes;
  for (std::size_t i = 0; i < length; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

TEST(SipHash, GivesTheReferenceVectors) {
  for (std::size_t length = 0; length < kVectors.size(); ++length) {
    EXPECT_EQ(siphash(kReferenceKey, reference_input(length)), kVectors[length]) << length;
  }
}

TEST(SipHash, GivesTheSameForASpanOfBytes) {
  const std::string bytes = reference_input(15);
  EXPECT_EQ(siphash(kReferenceKey, std::as_bytes(std::span(bytes))), kVectors[15]);
}

TEST(TableHash, IsSipHash13) {
  const auto hash = [](std::size_t length) {
    return table_hash(kReferenceKey, reference_input(length));
  };
  EXPECT_EQ(hash(0), 0xabac0158050fc4dc);
  EXPECT_EQ(hash(1), 0xc9f49bf37d57ca93);
  EXPECT_EQ(hash(7), 0xd3927d989bb11140);
  EXPECT_EQ(hash(8), 0x369095118d299a8e);
  EXPECT_EQ(hash(63), 0x9d199062b7bbb3a8);
}

TEST(TableHasher, GivesTheSameInPieces) {
  const std::string bytes = reference_input(200);
  TableHasher hasher(kReferenceKey);
  for (char byte : bytes) hasher.update({&byte, 1});
  EXPECT_EQ(hasher.finish(), table_hash(kReferenceKey, bytes));
}

TEST(SipHash, DependsOnTheKey) {
  EXPECT_NE(siphash({1, 2}, "a84b4c76e66710"), siphash({1, 3}, "a84b4c76e66710"));
  EXPECT_NE(siphash({1, 2}, "a84b4c76e66710"), siphash({2, 2}, "a84b4c76e66710"));
}

TEST(SipHash, DrawsADifferentKeyEachTime) {
  const SipKey one = SipKey::random();
  const SipKey two = SipKey::random();
  EXPECT_FALSE(one.k0 == two.k0 && one.k1 == two.k1);
}

TEST(SipHasher, GivesTheReferenceVectorsByteByByte) {
  for (std::size_t length = 0; length < kVectors.size(); ++length) {
    SipHasher hasher(kReferenceKey);
    for (char byte : reference_input(length)) hasher.update({&byte, 1});
    EXPECT_EQ(hasher.finish(), kVectors[length]) << length;
  }
}

TEST(SipHasher, GivesTheSameForEveryCutInThree) {
  const std::string bytes = reference_input(40);
  const std::uint64_t whole = siphash(kReferenceKey, bytes);
  for (std::size_t first = 0; first <= bytes.size(); ++first) {
    for (std::size_t second = first; second <= bytes.size(); ++second) {
      SipHasher hasher(kReferenceKey);
      hasher.update(std::string_view(bytes).substr(0, first));
      hasher.update(std::string_view(bytes).substr(first, second - first));
      hasher.update(std::string_view(bytes).substr(second));
      ASSERT_EQ(hasher.finish(), whole) << first << ' ' << second;
    }
  }
}

TEST(SipHasher, GivesTheSameForRandomCutsOfLongInput) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string bytes(random() % 2000, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    SipHasher hasher(kReferenceKey);
    for (std::string_view rest = bytes; !rest.empty();) {
      const std::size_t piece = std::min<std::size_t>(rest.size(), random() % 40);
      hasher.update(rest.substr(0, piece));
      rest.remove_prefix(piece);
    }
    ASSERT_EQ(hasher.finish(), siphash(kReferenceKey, bytes));
  }
}

}  // namespace
}  // namespace opensips::base
