#include "auth/nonces.hh"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace opensips::auth {
namespace {

using State = Nonces::State;

constexpr base::SipKey kKey{1, 2};
constexpr std::uint32_t kNow = 1'700'000'000;

std::string made(Nonces& nonces, std::string_view realm, std::uint32_t now) {
  const auto text = nonces.make(realm, now);
  return {text.data(), text.size()};
}

TEST(Nonces, AreKnownAgain) {
  Nonces nonces(kKey, 7, 30);
  const auto nonce = made(nonces, "example.com", kNow);
  EXPECT_EQ(nonce.size(), 40U);
  EXPECT_EQ(nonces.find(nonce, "example.com", kNow).state, State::good);
  EXPECT_EQ(nonces.find(nonce, "example.com", kNow + 29).state, State::good);
}

TEST(Nonces, ExpireAfterTheirTime) {
  Nonces nonces(kKey, 7, 30);
  const auto nonce = made(nonces, "r", kNow);
  EXPECT_EQ(nonces.find(nonce, "r", kNow + 30).state, State::expired);
  EXPECT_EQ(nonces.find(nonce, "r", kNow - 5).state, State::good);  // a clock that is ahead
}

TEST(Nonces, AreOfOneRealm) {
  Nonces nonces(kKey, 7, 30);
  const auto nonce = made(nonces, "r", kNow);
  EXPECT_EQ(nonces.find(nonce, "R", kNow).state, State::foreign);
  EXPECT_EQ(nonces.find(nonce, "", kNow).state, State::foreign);
}

TEST(Nonces, OfAnotherProcessAreToldFromThoseOfNobody) {
  Nonces before(kKey, 7, 30), after(kKey, 8, 30), other({1, 3}, 7, 30);
  const auto nonce = made(before, "r", kNow);
  EXPECT_EQ(after.find(nonce, "r", kNow).state, State::earlier);
  EXPECT_EQ(after.find(nonce, "r", kNow + 30).state, State::expired);
  EXPECT_EQ(other.find(nonce, "r", kNow).state, State::foreign);
}

TEST(Nonces, WithAnyOtherDigitAreNone) {
  Nonces nonces(kKey, 7, 30);
  const auto nonce = made(nonces, "r", kNow);
  for (std::size_t i = 0; i < nonce.size(); ++i) {
    auto bad = nonce;
    bad[i] = bad[i] == '0' ? '1' : '0';
    EXPECT_EQ(nonces.find(bad, "r", kNow).state, State::foreign) << i;
    EXPECT_EQ(nonces.find(nonce.substr(0, i), "r", kNow).state, State::foreign) << i;
  }
  EXPECT_EQ(nonces.find(nonce + "0", "r", kNow).state, State::foreign);
  EXPECT_EQ(nonces.find(std::string(40, 'x'), "r", kNow).state, State::foreign);
}

TEST(Nonces, AreKnownInTheSpellingThatWasGivenOnly) {
  Nonces nonces(kKey, 7, 30);
  const auto nonce = made(nonces, "r", kNow);
  for (std::size_t i = 0; i < nonce.size(); ++i) {
    auto other = nonce;
    if (other[i] >= 'a') other[i] = static_cast<char>(other[i] - 'a' + 'A');
    if (other == nonce) continue;
    EXPECT_EQ(nonces.find(other, "r", kNow).state, State::foreign) << i;
  }
}

TEST(Nonces, AreNeverTheSame) {
  Nonces nonces(kKey, 7, 30);
  std::set<std::uint64_t> ids;
  std::set<std::string> texts;
  for (int i = 0; i < 1000; ++i) {
    const auto nonce = made(nonces, "r", kNow + static_cast<std::uint32_t>(i) / 100);
    texts.insert(nonce);
    ids.insert(nonces.find(nonce, "r", kNow).id);
  }
  EXPECT_EQ(texts.size(), 1000U);
  EXPECT_EQ(ids.size(), 1000U);
}

TEST(Nonces, KeyFollowsFromASecret) {
  const auto one = Nonces::key_of("secret");
  const auto same = Nonces::key_of("secret");
  const auto other = Nonces::key_of("Secret");
  EXPECT_EQ(one.k0, same.k0);
  EXPECT_EQ(one.k1, same.k1);
  EXPECT_NE(one.k0, other.k0);
  EXPECT_NE(one.k0, one.k1);
}

}  // namespace
}  // namespace opensips::auth
