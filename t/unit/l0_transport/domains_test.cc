#include "l0_transport/domains.hh"

#include <gtest/gtest.h>

namespace opensips::transport {
namespace {

class DomainsTest : public ::testing::Test {
 protected:
  DomainsTest() {
    domains.publish({{"example.com", {.attributes = "gold"}},
                     {"example.org", {.attributes = "silver", .subdomains = true}},
                     {"a.example.org", {.attributes = "bronze"}}});
  }
  Domains domains;
};

TEST_F(DomainsTest, AreFoundWhateverTheCase) {
  EXPECT_TRUE(domains.contains("example.com"));
  EXPECT_TRUE(domains.contains("EXAMPLE.Com"));
  for (const char* host : {"", ".", "com", ".com", "example.co", "xexample.com", "example.com."}) {
    EXPECT_FALSE(domains.contains(host)) << host;
  }
}

TEST_F(DomainsTest, HaveSubdomainsOnlyIfTheTableSaysSo) {
  EXPECT_FALSE(domains.contains("sip.example.com"));
  EXPECT_TRUE(domains.contains("sip.example.org"));
  EXPECT_TRUE(domains.contains("very.far.below.Example.org"));
  EXPECT_FALSE(domains.contains("sipexample.org"));
}

TEST_F(DomainsTest, AttributesAreThoseOfTheNearest) {
  EXPECT_EQ(domains.attributes("example.com"), "gold");
  EXPECT_EQ(domains.attributes("b.example.org"), "silver");
  EXPECT_EQ(domains.attributes("a.example.org"), "bronze");
  EXPECT_EQ(domains.attributes("b.a.example.org"), "silver");
  EXPECT_EQ(domains.attributes("example.net"), std::nullopt);
}

TEST_F(DomainsTest, AreReplacedAsAWhole) {
  domains.publish({{"example.net", {}}});
  EXPECT_FALSE(domains.contains("example.com"));
  EXPECT_TRUE(domains.contains("example.net"));
  EXPECT_EQ(domains.attributes("example.net"), "");
  domains.publish({});
  EXPECT_FALSE(domains.contains("example.net"));
}

}  // namespace
}  // namespace opensips::transport
