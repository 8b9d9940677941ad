#include "l6_location/temporary_gruus.hh"

#include <gtest/gtest.h>

#include <string>

#include "l6_location/wanted.hh"

namespace opensips::location::testing {
namespace {

constexpr std::string_view kAor = "b%00:\xc3\xb6@example.com";
constexpr std::string_view kInstance = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6";

class TemporaryGruusTest : public ::testing::Test {
 protected:
  std::string made(std::string_view aor = kAor) const {
    const auto quoted = gruus.make(aor, kInstance, "call", false);
    EXPECT_TRUE(quoted.starts_with('"') && quoted.ends_with('"')) << quoted;
    return quoted.substr(1, quoted.size() - 2);
  }
  static std::optional<TemporaryGruus::Device> read(const TemporaryGruus& by,
                                                    const std::string& text) {
    const auto uri = parser::Uri::parse(text);
    return uri ? by.read(*uri) : std::nullopt;
  }
  const TemporaryGruus gruus{base::SipKey{1, 2}};
};

TEST_F(TemporaryGruusTest, GiveWhatWasPutIn) {
  for (const auto aor : {kAor, std::string_view("example.com")}) {
    const auto text = made(aor);
    const auto device = read(gruus, text);
    ASSERT_TRUE(device) << text;
    EXPECT_EQ(device->aor, aor);
    EXPECT_EQ(device->instance, kInstance);
    EXPECT_EQ(device->session, gruus.session_of("call"));
    EXPECT_NE(device->session, gruus.session_of("other"));
  }
}

TEST_F(TemporaryGruusTest, AreUrisOfTheDomainThatSayNothing) {
  const auto one = made(), other = made();
  EXPECT_TRUE(one.starts_with("sip:tgruu.")) << one;
  EXPECT_TRUE(one.ends_with("@example.com;gr")) << one;
  EXPECT_EQ(one.find("urn"), std::string::npos);
  unsigned same = 0;  // bytes at the same place, but for what all have in common
  for (std::size_t i = 10; i < one.find('@'); ++i) same += one[i] == other[i] ? 1U : 0U;
  EXPECT_LT(same, one.size() / 4);
  EXPECT_TRUE(gruus.make(kAor, kInstance, "call", true).starts_with("\"sips:tgruu."));
}

TEST_F(TemporaryGruusTest, OfAnotherKeyCutOrChangedAreNone) {
  const auto text = made();
  const TemporaryGruus others{base::SipKey{1, 3}};
  EXPECT_FALSE(read(others, text));
  for (std::size_t i = text.find('.') + 1; i < text.find('@'); ++i) {
    auto forged = text;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(read(gruus, forged)) << i;
    EXPECT_FALSE(read(gruus, text.substr(0, i) + "@example.com;gr")) << i;
  }
  EXPECT_FALSE(read(gruus, "sip:tgruu." + std::string(3000, 'A') + "@example.com;gr"));
  EXPECT_FALSE(read(gruus, "sip:bob@example.com;gr"));
}

TEST_F(TemporaryGruusTest, AreNotMadeIfTheyCouldNotBeRead) {
  std::string instance;
  std::string quoted;
  for (; quoted = gruus.make(kAor, instance, "call", false), !quoted.empty(); instance += 'x') {
    ASSERT_TRUE(read(gruus, quoted.substr(1, quoted.size() - 2))) << instance.size();
    ASSERT_LT(instance.size(), 4000U);
  }
  EXPECT_GT(instance.size(), 1000U);
}

TEST_F(TemporaryGruusTest, MeanTheDeviceUnderItsCallId) {
  const auto text = made();
  const auto wanted = wanted_by(*parser::Uri::parse(text), &gruus);
  ASSERT_TRUE(wanted);
  EXPECT_EQ(wanted->aor, kAor);
  EXPECT_EQ(wanted->filter.instance, kInstance);
  EXPECT_TRUE(wanted->filter.has_session("call"));
  EXPECT_FALSE(wanted->filter.has_session("other"));
  EXPECT_FALSE(wanted_by(*parser::Uri::parse("sip:bob@example.com;gr"), &gruus));
  EXPECT_FALSE(wanted_by(*parser::Uri::parse(text), nullptr));
  const auto public_one = wanted_by(*parser::Uri::parse("sip:bob@example.com;gr=urn:a"), nullptr);
  ASSERT_TRUE(public_one);
  EXPECT_EQ(public_one->aor, "bob@example.com");
  EXPECT_EQ(public_one->filter.instance, "urn:a");
}

}  // namespace
}  // namespace opensips::location::testing
