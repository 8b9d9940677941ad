#include "config/endpoint.hh"

#include "support.hh"

namespace opensips::config {
namespace {

TEST(EndpointTest, SocketsThatAreWrongSayWhy) {
  const auto socket = [](const std::string& value) { return errors_of("socket=" + value); };
  EXPECT_EQ(socket("127.0.0.1:5060"),
            "1:8: '127.0.0.1:5060' has no transport, expected TRANSPORT:ADDRESS:PORT as in "
            "udp:192.0.2.1:5060\n");
  EXPECT_EQ(socket("udp"),
            "1:8: 'udp' has no transport, expected TRANSPORT:ADDRESS:PORT as in "
            "udp:192.0.2.1:5060\n");
  EXPECT_EQ(socket("upd:127.0.0.1"),
            "1:8: unknown transport 'upd' (did you mean udp?), expected udp, tcp, tls, sctp, ws "
            "or wss\n");
  EXPECT_EQ(socket("udp:127.0.0.1:99999"), "1:8: port is '99999', expected a number up to 65535\n");
  EXPECT_EQ(socket("udp:127.0.0.1:"), "1:8: port is '', expected a number up to 65535\n");
  EXPECT_EQ(socket("udp:127.0.0.1:5060x"), "1:8: port is '5060x', expected a number up to 65535\n");
  for (const std::string host : {"no-such-if0", "1.2.3", "sip.example.com", "", "a/b"}) {
    EXPECT_EQ(socket("udp:" + host + ":5060"),
              "1:8: address is '" + host +
                  "', expected an IPv4 address, [IPv6], * or the name of one of this machine's "
                  "interfaces\n");
  }
  EXPECT_EQ(socket("udp:::1"), "1:8: '::1' is an IPv6 address, expected it in [ ]\n");
  EXPECT_EQ(socket("udp:[::1"), "1:8: '[::1' has no ], expected [IPv6]:PORT\n");
  EXPECT_EQ(socket("udp:[1.2.3.4]:5060"),
            "1:8: '1.2.3.4' is not an IPv6 address, expected one in the brackets\n");
  EXPECT_EQ(socket("udp:[::1]5060"), "1:8: unexpected '5060' after the address, expected :PORT\n");
}

TEST(EndpointTest, AdvertisedAddressesAreChecked) {
  const auto advertised = [](const std::string& text) {
    return errors_of("socket=udp:10.0.0.1:5060 " + text);
  };
  EXPECT_EQ(advertised("as 198.51.100.7"), "");
  EXPECT_EQ(advertised("as [2001:db8::7]:5070"), "");
  EXPECT_EQ(advertised("as"), "1:26: 'as' has no address, expected as ADDRESS:PORT\n");
  EXPECT_EQ(advertised("use_worker 4"),
            "1:26: unknown option 'use_worker' of a socket, expected 'as ADDRESS:PORT'\n");
  EXPECT_EQ(advertised("use_workers"),
            "1:26: 'use_workers' has no number, expected use_workers NUMBER\n");
  EXPECT_EQ(
      advertised("as *:5060"),
      "1:29: advertised address is '*', expected an address or a name that others can reach\n");
  EXPECT_EQ(advertised("as 0.0.0.0"),
            "1:29: advertised address is '0.0.0.0', expected an address or a name that others can "
            "reach\n");
  EXPECT_EQ(advertised("as a.example:0"), "1:29: advertised port is 0, expected 1 to 65535\n");
}

TEST(EndpointTest, EveryTransportHasItsUsualPort) {
  const std::map<std::string, int> usual{{"udp", 5060},  {"tcp", 5060}, {"tls", 5061},
                                         {"sctp", 5060}, {"ws", 80},    {"wss", 443}};
  for (const auto& [transport, port] : usual) {
    const auto socket =
        good("modparam(\"tls_mgm\", \"certificate\", \"/a.pem\")\nsocket=" + transport +
             ":10.0.0.1")
            .sockets.at(1);
    EXPECT_EQ(socket.transport, transport);
    EXPECT_EQ(socket.port, port);
  }
}

TEST(EndpointTest, AnInterfaceStandsForItsAddresses) {
  const auto socket = good("socket=udp:lo:5070").sockets.at(1);
  EXPECT_EQ(socket.interface, "lo");
  EXPECT_EQ(socket.address, "");
  EXPECT_EQ(socket.port, 5070);
}

TEST(EndpointTest, OptionsThatChangeNothingAreNoticed) {
  const auto settings =
      good("socket=udp:10.0.0.1:5060 use_workers 4 as 198.51.100.7 frag reuse_port");
  EXPECT_EQ(settings.sockets.at(1).advertised_host, "198.51.100.7");
  ASSERT_EQ(settings.notices.size(), 3U);
  EXPECT_EQ(settings.notices[0].message,
            "use_workers has no effect: every worker serves all sockets.");
}

TEST(EndpointTest, TheSameSocketTwiceIsAnError) {
  EXPECT_EQ(errors_of("socket=udp:[::1]:5060\nsocket=udp:[0:0::1]"),
            "2:8: socket is the same as in line 1 of /etc/o/o.cfg, expected another one\n");
}

TEST(EndpointTest, NameServersAreAddresses) {
  const auto all = parse_name_servers("192.0.2.1, 192.0.2.2:5353,[2001:db8::1]:54 [::1]");
  ASSERT_TRUE(all);
  std::string text;
  for (const auto& one : *all) text += one.to_string() + " ";
  EXPECT_EQ(text, "192.0.2.1:53 192.0.2.2:5353 [2001:db8::1]:54 [::1]:53 ");
  EXPECT_TRUE(parse_name_servers("")->empty());
  for (const auto* bad : {"ns.example", "192.0.2.1:0", "192.0.2.1:x", "2001:db8::1", "192.0.2"}) {
    EXPECT_FALSE(parse_name_servers(bad)) << bad;
  }
  EXPECT_EQ(
      errors_after_socket("dns_servers=\"192.0.2.1, ns.example\""),
      "2:13: dns_servers is '192.0.2.1, ns.example', expected ADDRESS:PORT, ADDRESS:PORT, …\n");
}

TEST(EndpointTest, AliasesAreNames) {
  EXPECT_EQ(good("alias=[2001:DB8::1]:5060").aliases.at(0).host, "2001:db8::1");
  EXPECT_EQ(good("alias=tls:example.com").aliases.at(0).transport, "tls");
  EXPECT_EQ(good("alias=localhost:5070").aliases.at(0).port, 5070);
  EXPECT_EQ(errors_after_socket("alias=\"exam ple\""),
            "2:7: alias is 'exam ple', expected a domain name or an address\n");
  EXPECT_EQ(errors_after_socket("alias=\"\""),
            "2:7: alias is '', expected a domain name or an address\n");
  EXPECT_EQ(errors_after_socket("alias=a.example:x"),
            "2:7: port is 'x', expected a number up to 65535\n");
}

}  // namespace
}  // namespace opensips::config
