// RFC 3263 section 4: where a name leads to, server by server.

#include "l0_transport/search.hh"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "l0_transport/resolver.hh"
#include "script_test/fake_names.hh"

namespace opensips::transport {
namespace {

using Lines = std::vector<std::string>;
using Status = DnsAnswer::Status;

class SearchTest : public ::testing::Test {
 protected:
  SearchTest() {
    sockets.add(base::Transport::udp, *base::Address::parse("192.0.2.1", 5060), "", 0);
    sockets.add(base::Transport::tcp, *base::Address::parse("192.0.2.1", 5060), "", 0);
  }

  void begin(const Destination& destination) {
    resolver = std::make_unique<Resolver>(context, sockets, hosts, failed, &names, options);
    again(destination);
  }
  void again(const Destination& destination) {
    auto hop = resolver->find(destination, base::Flow::kAnySocket);
    ASSERT_TRUE(hop);
    search = std::move(hop->search);
    ASSERT_TRUE(search);
  }
  /// The next server, "udp:192.0.2.1:5060"; "" if there is none, "waits" if it is not known yet.
  std::string next() {
    std::string result = "waits";
    search->next([&](const base::Result<base::Flow>& flow) {
      result =
          flow ? std::string(base::name_of(flow->transport)) + ":" + flow->peer.to_string() : "";
    });
    for (; result == "waits" && names.answer_one(); context.run_deferred()) {
    }
    return result;
  }
  Lines all() {
    Lines found;
    for (auto one = next(); !one.empty(); one = next()) found.push_back(one);
    return found;
  }

  base::Stats stats;
  loop::Context context{0, 1, 1000, stats};
  Sockets sockets;
  Hosts hosts;
  FailedTargets failed;
  FakeNames names;
  ResolverOptions options;
  std::unique_ptr<Resolver> resolver;
  std::unique_ptr<Search> search;
};

TEST_F(SearchTest, NaptrChoosesTheTransport) {
  names.pointer("example", {20, 1, "sip+d2u", "_sip._udp.b.example"});
  names.pointer("example", {10, 1, "sips+d2t", "_sips._tcp.c.example"});  // we have no TLS
  names.pointer("example", {10, 2, "sip+d2t", "_sip._tcp.a.example"});
  names.service("_sip._tcp.a.example", {1, 1, 5070, "host"});
  names.service("_sip._udp.b.example", {1, 1, 5080, "host"});
  names.address("host", "198.51.100.1");
  begin({"Example", 0, ""});
  EXPECT_EQ(next(), "tcp:198.51.100.1:5070");
  EXPECT_EQ(names.take_asked(), (Lines{"NAPTR example", "SRV _sip._tcp.a.example", "A host"}));
  EXPECT_EQ(all(), Lines{"udp:198.51.100.1:5080"});
}

TEST_F(SearchTest, WithoutNaptrEachTransportOfOursIsAskedFor) {
  names.service("_sip._tcp.example", {1, 1, 5070, "host"});
  names.address("host", "198.51.100.1");
  begin({"example", 0, ""});
  EXPECT_EQ(all(), Lines{"tcp:198.51.100.1:5070"});
  EXPECT_EQ(names.asked,
            (Lines{"NAPTR example", "SRV _sip._udp.example", "SRV _sip._tcp.example", "A host"}));
}

TEST_F(SearchTest, NaptrIsLeftOutIfTheOperatorSaysSo) {
  options.try_naptr = false;
  begin({"example", 0, ""});
  next();
  EXPECT_EQ(names.asked.front(), "SRV _sip._udp.example");
}

TEST_F(SearchTest, WithoutServicesTheNameItselfIsTheServer) {
  names.address("example", "198.51.100.1");
  begin({"example", 0, ""});
  EXPECT_EQ(all(), Lines{"udp:198.51.100.1:5060"});
}

TEST_F(SearchTest, TransportThatIsGivenIsTheOnlyOne) {
  names.service("_sip._udp.example", {1, 1, 5060, "host"});
  names.service("_sip._tcp.example", {1, 1, 5070, "host"});
  names.address("host", "198.51.100.1");
  begin({"example", 0, "tcp"});
  EXPECT_EQ(all(), Lines{"tcp:198.51.100.1:5070"});
  EXPECT_EQ(names.asked, (Lines{"SRV _sip._tcp.example", "A host"}));
}

TEST_F(SearchTest, PortMeansAnAddress) {
  names.address("example", "198.51.100.1");
  begin({"example", 5099, ""});
  EXPECT_EQ(all(), Lines{"udp:198.51.100.1:5099"});
  again({"example", 5099, "tcp"});
  EXPECT_EQ(all(), Lines{"tcp:198.51.100.1:5099"});
  EXPECT_EQ(names.asked, Lines{"A example"});
}

TEST_F(SearchTest, ServersComeByPriorityAndEachWithAllItsAddresses) {
  names.service("_sip._udp.example", {2, 1, 5062, "c"});
  names.service("_sip._udp.example", {1, 1, 5061, "b"});
  names.address("b", "198.51.100.1");
  names.address("b", "198.51.100.2");
  names.address("c", "198.51.100.3");
  begin({"example", 0, "udp"});
  EXPECT_EQ(next(), "udp:198.51.100.1:5061");
  EXPECT_EQ(names.asked.size(), 2U);  // c is asked for when it is its turn
  EXPECT_EQ(all(), (Lines{"udp:198.51.100.2:5061", "udp:198.51.100.3:5062"}));
}

TEST_F(SearchTest, ServiceThatIsDecidedlyNotThereIsNotGuessed) {
  names.service("_sip._udp.example", {0, 0, 0, ""});
  names.address("example", "198.51.100.1");
  begin({"example", 0, "udp"});
  EXPECT_EQ(all(), Lines{});
  EXPECT_EQ(search->why(), "its SRV record says that there is no such service");
}

TEST_F(SearchTest, Ipv6IsAskedForWhereThereIsASocket) {
  names.address("host", "2001:db8::1");
  begin({"host", 5060, ""});
  EXPECT_EQ(all(), Lines{});
  sockets.add(base::Transport::udp, *base::Address::parse("2001:db8::9", 5060), "", 0);
  begin({"host", 5060, ""});
  EXPECT_EQ(all(), Lines{"udp:[2001:db8::1]:5060"});
  options.try_ipv6 = false;
  begin({"host", 5060, ""});
  EXPECT_EQ(all(), Lines{});
}

TEST_F(SearchTest, HostsFileGoesFirst) {
  hosts = Hosts::read("198.51.100.7 host\n");
  begin({"HOST", 5060, ""});
  EXPECT_EQ(all(), Lines{"udp:198.51.100.7:5060"});
  EXPECT_TRUE(names.asked.empty());
}

TEST_F(SearchTest, AliasesAreFollowedAndNotForEver) {
  names.alias("www", DnsType::a, "host");
  names.address("host", "198.51.100.1");
  begin({"www", 5060, ""});
  EXPECT_EQ(all(), Lines{"udp:198.51.100.1:5060"});

  names.alias("a", DnsType::a, "b");
  names.alias("b", DnsType::a, "a");
  begin({"a", 5060, ""});
  EXPECT_EQ(all(), Lines{});
  EXPECT_EQ(search->why(), to_string(Status::malformed));
}

TEST_F(SearchTest, NameServerThatIsDeadIsNotAskedForMore) {
  names.failure("example", DnsType::naptr, Status::timed_out);
  names.address("example", "198.51.100.1");
  begin({"example", 0, ""});
  EXPECT_EQ(all(), Lines{});
  EXPECT_EQ(names.asked, Lines{"NAPTR example"});
  EXPECT_EQ(search->why(), to_string(Status::timed_out));
}

TEST_F(SearchTest, ServiceThatCannotBeToldIsNotGuessed) {
  names.failure("_sip._udp.example", DnsType::srv, Status::malformed);
  names.address("example", "198.51.100.1");
  begin({"example", 0, "udp"});
  EXPECT_EQ(all(), Lines{});
}

TEST_F(SearchTest, ServerThatFailedComesLastForAWhile) {
  names.address("host", "198.51.100.1");
  names.address("host", "198.51.100.2");
  begin({"host", 5060, ""});
  EXPECT_EQ(next(), "udp:198.51.100.1:5060");
  search->failed();
  again({"host", 5060, ""});
  EXPECT_EQ(all(), (Lines{"udp:198.51.100.2:5060", "udp:198.51.100.1:5060"}));
  context.timers.advance(1000 + 30'000);
  again({"host", 5060, ""});
  EXPECT_EQ(next(), "udp:198.51.100.1:5060");
}

TEST_F(SearchTest, RetryAfterIsBelievedWithinLimits) {
  names.address("host", "198.51.100.1", 100'000);
  begin({"host", 5060, ""});
  const base::Flow flow{*base::Address::parse("198.51.100.1", 5060), 0};
  next();
  search->failed(100);
  EXPECT_TRUE(failed.contains(flow, 1000 + 99'990));
  EXPECT_FALSE(failed.contains(flow, 1000 + 100'000));
  search->failed(1'000'000'000);
  EXPECT_TRUE(failed.contains(flow, 1000 + 299'990));
  EXPECT_FALSE(failed.contains(flow, 1000 + 300'000));
}

TEST_F(SearchTest, OneServerIsTriedOnce) {
  names.service("_sip._udp.example", {1, 1, 5060, "a"});
  names.service("_sip._udp.example", {2, 1, 5060, "b"});
  names.address("a", "198.51.100.1");
  names.address("b", "198.51.100.1");
  begin({"example", 0, "udp"});
  EXPECT_EQ(all(), Lines{"udp:198.51.100.1:5060"});
}

TEST_F(SearchTest, FailoverCanBeDisabled) {
  options.failover = false;
  names.address("host", "198.51.100.1");
  names.address("host", "198.51.100.2");
  begin({"host", 5060, ""});
  EXPECT_EQ(all(), Lines{"udp:198.51.100.1:5060"});
}

TEST_F(SearchTest, ListsWithoutAnEndAreCutOff) {
  for (int i = 0; i < 1000; ++i) {
    names.address("host", "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250));
    names.service("_sip._udp.example", {1, 1, 5060, "x" + std::to_string(i)});
  }
  begin({"host", 5060, ""});
  EXPECT_LE(all().size(), 32U);
  begin({"example", 0, "udp"});
  EXPECT_EQ(all(), Lines{});
  EXPECT_LE(names.asked.size(), 66U);
}

TEST_F(SearchTest, MayEndWhileItWaitsAndInsideItsAnswer) {
  names.address("host", "198.51.100.1");
  begin({"host", 5060, ""});
  search->next([](const base::Result<base::Flow>&) { FAIL(); });
  search.reset();
  names.answer();

  begin({"host", 5061, ""});
  bool told = false;
  search->next([&](const base::Result<base::Flow>& found) {
    told = found.has_value();
    search.reset();
  });
  names.answer();
  EXPECT_TRUE(told);
}

TEST_F(SearchTest, WhatIsNoNameIsNotLookedUp) {
  begin({"host", 5060, ""});
  for (const auto* host : {"", "a b", "a..b", "-.?", "host.example."}) {
    EXPECT_FALSE(resolver->find({host, 0, ""}, 0)) << host;
  }
  EXPECT_FALSE(resolver->find({"host", 0, "tls-sctp"}, 0));
  EXPECT_FALSE(resolver->find({"host", 0, "udp", true}, 0));
}

TEST(HostsFile, HasNamesBehindAddressesAndComments) {
  const auto hosts = Hosts::read(
      "# all of it\n"
      "127.0.0.1\tlocalhost  loop # mine\r\n"
      "::1 localhost\n"
      "\n"
      "nonsense name\n"
      "  192.0.2.1   Server.Example");
  EXPECT_EQ(hosts.find("localhost").size(), 2U);
  EXPECT_EQ(hosts.find("loop")[0].host(), "127.0.0.1");
  EXPECT_EQ(hosts.find("server.example")[0].host(), "192.0.2.1");
  EXPECT_TRUE(hosts.find("name").empty());
  EXPECT_EQ(hosts.size(), 3U);
  EXPECT_EQ(Hosts::read_file("/nonexistent").size(), 0U);
}

TEST(FailedTargets, AreForgottenWhenTheirTimeIsOver) {
  FailedTargets failed;
  const base::Flow udp{*base::Address::parse("192.0.2.1", 5060), 0};
  const base::Flow tcp{udp.peer, 0, base::Transport::tcp};
  EXPECT_FALSE(failed.contains(udp, 0));
  failed.add(udp, 100, 50);
  failed.add(udp, 100, 10);  // the longer time stays
  EXPECT_TRUE(failed.contains(udp, 149));
  EXPECT_FALSE(failed.contains(tcp, 149));
  EXPECT_FALSE(failed.contains(udp, 150));
  int left = 0;
  failed.for_each(120, [&](auto, const auto&, std::uint64_t ms) { left += static_cast<int>(ms); });
  EXPECT_EQ(left, 30);
  failed.clear();
  EXPECT_FALSE(failed.contains(udp, 120));
}

}  // namespace
}  // namespace opensips::transport
