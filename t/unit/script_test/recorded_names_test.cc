#include "script_test/recorded_names.hh"

#include <gtest/gtest.h>

namespace opensips::script_test {
namespace {

using transport::DnsAnswer;
using transport::DnsType;

Record::Name addresses(const std::string& name, const std::vector<std::string>& hosts) {
  DnsAnswer answer;
  for (const auto& host : hosts) answer.addresses.push_back(*base::Address::parse(host, 0));
  return {0, {name, DnsType::a}, answer};
}
Record::Name service(const std::string& name, const std::vector<std::string>& targets) {
  DnsAnswer answer;
  for (const auto& target : targets) answer.services.push_back({1, 1, 5060, target});
  return {0, {name, DnsType::srv}, answer};
}
Record::Name alias(const std::string& name, const std::string& of) {
  DnsAnswer answer;
  answer.alias = of;
  return {0, {name, DnsType::a}, answer};
}

TEST(RecordedNames, ServersOfOneNameShareIt) {
  const RecordedNames names({service("_sip._udp.a", {"one.a", "two.a"}), alias("two.a", "far"),
                             addresses("one.a", {"192.0.2.1"}), addresses("far", {"192.0.2.2"}),
                             addresses("b", {"192.0.2.3", "192.0.2.4"})});
  EXPECT_TRUE(names.share("192.0.2.1", "192.0.2.2"));
  EXPECT_TRUE(names.share("192.0.2.4", "192.0.2.3"));
  EXPECT_FALSE(names.share("192.0.2.1", "192.0.2.3")) << "the servers of two names";
  EXPECT_FALSE(names.share("192.0.2.1", "192.0.2.9")) << "one that no name leads to";
}

TEST(RecordedNames, OneThatMovesIsTheSameNameAndCirclesEnd) {
  const RecordedNames names({addresses("a", {"192.0.2.1"}), addresses("a", {"192.0.2.2"}),
                             alias("a", "b"), alias("b", "a")});
  EXPECT_TRUE(names.share("192.0.2.1", "192.0.2.2"));
}

}  // namespace
}  // namespace opensips::script_test
