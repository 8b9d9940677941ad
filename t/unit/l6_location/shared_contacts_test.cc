#include "l6_location/shared_contacts.hh"

#include <gtest/gtest.h>

#include <string>

#include "base/clock.hh"
#include "l3_dialog/flow_token.hh"
#include "storage/reply_tree.hh"

namespace opensips::location::testing {
namespace {

constexpr std::string_view kAor = "b:1 %@example.com";
constexpr std::uint32_t kEpoch = 5;
constexpr base::SipKey kKey{1, 2};

/// A server: its address, and what it makes of the contacts that all have.
struct Site {
  explicit Site(const std::string& host) : shared(sockets, Homes(sockets, kKey, kEpoch)) {
    for (const auto transport : {base::Transport::tcp, base::Transport::ws, base::Transport::udp}) {
      sockets.add(transport, *base::Address::parse(host, 5060), "", 5060);
    }
  }
  transport::Sockets sockets;
  SharedContacts shared;
};
constexpr std::uint16_t kWs = 1, kUdp = 2;

class SharedContactsTest : public ::testing::Test {
 protected:
  static BindingRef contact(std::string_view uri, Binding::Fields fields = {}) {
    fields.contact = uri;
    fields.host = parser::Uri::parse(uri)->host;
    fields.call_id = "call' OR ''='\"";
    fields.user_agent = "Ph\xc3\xb6ne \xff\\";
    fields.expires_at = base::monotonic_ms() + 600'000;
    fields.modified_at = base::monotonic_ms();
    fields.contact_key = contact_key(*parser::Uri::parse(uri));
    fields.q = 501;
    fields.id = new_contact_id();
    return Binding::make(fields);
  }
  static base::Flow flow(base::Transport transport, std::uint16_t socket) {
    base::Flow flow;
    flow.peer = *base::Address::parse("198.51.100.7", 40'000);
    flow.transport = transport;
    flow.socket = socket;
    if (base::is_reliable(transport)) flow.connection = base::ConnectionId(77);
    return flow;
  }
  /// What Redis answers to HGETALL once it has done that.
  static storage::Rows after(const storage::Query& write) {
    storage::Rows reply;
    const auto& said = write.values;
    reply.rows.push_back(storage::list_row(said.size() - 4));
    const auto add = [&](const storage::Value& value) {
      const auto* const number = std::get_if<std::int64_t>(&value);
      reply.rows.push_back(
          storage::value_row(number ? storage::Value(std::to_string(*number)) : value));
    };
    add("version");
    add(said[4]);
    for (std::size_t i = 6; i < said.size(); ++i) add(said[i]);
    return reply;
  }
  storage::Query written(const BindingRef& binding) {
    BindingSetEdit edit({});
    edit.insert(binding);
    return here.shared.writing(kAor, "", edit);
  }
  BindingRef read_at(const Site& site, const BindingRef& binding) {
    const auto held = site.shared.read(kAor, after(written(binding)));
    return held.contacts.size() == 1 ? held.contacts[0] : BindingRef();
  }

  Site here{"192.0.2.1"}, there{"192.0.2.2"};
};

TEST_F(SharedContactsTest, WhatIsWrittenIsReadAgain) {
  const auto before =
      contact("sip:b%40b@198.51.100.7;x=1", {.params = "+sip.instance=\"<urn:uuid:1>\";reg-id=1",
                                             .received = flow(base::Transport::udp, kUdp),
                                             .cseq = 4'000'000'000,
                                             .methods = 33});
  const auto after = read_at(here, before);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->id(), before->id());
  EXPECT_EQ(after->contact(), before->contact());
  EXPECT_EQ(after->params(), before->params());
  EXPECT_EQ(after->call_id(), before->call_id());
  EXPECT_EQ(after->user_agent(), "Ph\xc3\xb6ne ?\\");
  EXPECT_EQ(after->cseq(), before->cseq());
  EXPECT_EQ(after->q(), before->q());
  EXPECT_EQ(after->methods(), before->methods());
  EXPECT_EQ(after->received().peer, before->received().peer);
  EXPECT_EQ(after->received().socket, kUdp);
  EXPECT_TRUE(after->path().empty());
}

TEST_F(SharedContactsTest, OneThatAnybodyReachesIsSentToFromAnywhere) {
  const auto direct =
      read_at(there, contact("sip:b@198.51.100.7", {.received = flow(base::Transport::udp, kUdp)}));
  ASSERT_TRUE(direct);
  EXPECT_TRUE(direct->path().empty());
  EXPECT_EQ(direct->received().socket, kUdp);  // one of its own
  const auto by_proxy =
      read_at(there, contact("sip:b@10.0.0.1", {.path = "<sip:p.example.com;lr>",
                                                .received = flow(base::Transport::udp, kUdp)}));
  ASSERT_TRUE(by_proxy);
  EXPECT_EQ(by_proxy->path(), "<sip:p.example.com;lr>");
}

TEST_F(SharedContactsTest, OneBehindNatIsReachedThroughWhereItRegistered) {
  const auto behind = contact("sip:b@10.0.0.1", {.received = flow(base::Transport::udp, kUdp)});
  const auto elsewhere = read_at(there, behind);
  ASSERT_TRUE(elsewhere);
  EXPECT_TRUE(elsewhere->path().starts_with("<sip:192.0.2.1:5060;lr;flow=")) << elsewhere->path();
  EXPECT_FALSE(elsewhere->received().peer);
  const std::string path(elsewhere->path());
  const auto route = parser::Uri::parse(std::string_view(path).substr(1, path.size() - 2));
  ASSERT_TRUE(route);
  const auto token = dialog::flow_token_of(kKey, kEpoch, *route);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->way.address, behind->received().peer);
  const auto again = read_at(here, behind);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->path().empty());
  EXPECT_EQ(again->received().peer, behind->received().peer);
}

TEST_F(SharedContactsTest, OneOverAConnectionIsReachedThroughASocketThatServersSendTo) {
  const auto browser = read_at(
      there, contact("sip:b@x.invalid;transport=ws", {.received = flow(base::Transport::ws, kWs)}));
  ASSERT_TRUE(browser);
  EXPECT_TRUE(browser->path().starts_with("<sip:192.0.2.1:5060;lr;flow=")) << browser->path();
}

class HomeTest : public SharedContactsTest {
 protected:
  void listen(base::Transport transport, const char* host, const char* advertised = "") {
    sockets.add(transport, *base::Address::parse(host, 5060), advertised, 5060);
  }
  std::string home(const char* peer = "198.51.100.7") const {
    auto over = flow(base::Transport::tcp, 0);
    over.peer = *base::Address::parse(peer, 40'000);
    const auto home = homes.home_of(*contact("sip:b@10.0.0.1", {.received = over}));
    return home.substr(0, home.find(";lr"));
  }
  transport::Sockets sockets;
  const Homes homes{sockets, kKey, kEpoch};
};

TEST_F(HomeTest, OfAConnectionIsASocketThatOtherMachinesReach) {
  listen(base::Transport::udp, "127.0.0.1");
  listen(base::Transport::udp, "::1");
  EXPECT_EQ(home(), "<sip:127.0.0.1:5060");  // all are on one machine
  EXPECT_EQ(home("::1"), "<sip:[::1]:5060");
  listen(base::Transport::tcp, "192.0.2.1");
  EXPECT_EQ(home(), "<sip:192.0.2.1:5060;transport=tcp");
  listen(base::Transport::udp, "2001:db8::1");
  EXPECT_EQ(home(), "<sip:192.0.2.1:5060;transport=tcp");
  EXPECT_EQ(home("2001:db8::7"), "<sip:[2001:db8::1]:5060");
  listen(base::Transport::udp, "127.0.0.2", "sip.example.com");
  EXPECT_EQ(home(), "<sip:sip.example.com:5060");
}

TEST_F(HomeTest, IsHereIfASocketHasThatNameAndNoAliasHas) {
  listen(base::Transport::udp, "192.0.2.1");
  listen(base::Transport::tcp, "10.0.0.1", "sip.example.com");
  sockets.add_alias("192.0.2.2", 0);
  EXPECT_TRUE(homes.is_here("<sip:192.0.2.1:5060;lr;flow=x>"));
  EXPECT_TRUE(homes.is_here("<sip:sip.example.com:5060;transport=tcp;lr;flow=x>"));
  EXPECT_FALSE(homes.is_here("<sip:192.0.2.1:5070;lr;flow=x>"));
  EXPECT_FALSE(homes.is_here("<sip:192.0.2.1:5060;transport=tcp;lr;flow=x>"));
  EXPECT_FALSE(homes.is_here("<sip:192.0.2.2:5060;lr;flow=x>"));
}

TEST_F(SharedContactsTest, AWriteSaysWhatWasReadAndWhatGoes) {
  const auto one = contact("sip:b@198.51.100.7"), other = contact("sip:b@198.51.100.8");
  BindingSetEdit before({});
  before.insert(one);
  before.insert(other);
  BindingSetEdit edit(set_of(kAor, before));
  edit.remove(edit.place_of(one->id()));
  const auto query = here.shared.writing(kAor, "v7", edit);
  EXPECT_EQ(query.statement->text, "EVAL");
  EXPECT_EQ(storage::text_of(query.values[2]), "usrloc:b:1 %@example.com");
  EXPECT_EQ(storage::text_of(query.values[3]), "v7");
  EXPECT_GT(*storage::integer_of(query.values[5]), 600'000);
  ASSERT_EQ(query.values.size(), 8U);
  EXPECT_EQ(storage::integer_of(query.values[6]), static_cast<std::int64_t>(one->id()));
  EXPECT_EQ(storage::text_of(query.values[7]), "");
  edit.remove(edit.place_of(other->id()));
  EXPECT_EQ(storage::integer_of(here.shared.writing(kAor, "v7", edit).values[5]), 0);
}

TEST_F(SharedContactsTest, WhatIsNoContactIsPassedOver) {
  auto reply = after(written(contact("sip:b@198.51.100.7")));
  for (const auto* const text :
       {"", "{", "[]", "{}", R"({"contact":7})", R"({"contact":"\u0000"})"}) {
    reply.rows.push_back(storage::value_row("9"));
    reply.rows.push_back(storage::value_row(text));
  }
  reply.rows.push_back(storage::value_row("-1"));
  reply.rows.push_back(storage::value_row("{}"));
  reply.rows.push_back(storage::value_row("lonely"));
  const auto held = here.shared.read(kAor, reply);
  EXPECT_EQ(held.contacts.size(), 1U);
  EXPECT_FALSE(held.version.empty());
  EXPECT_TRUE(here.shared.read(kAor, {}).contacts.empty());
  EXPECT_FALSE(SharedContacts::is_written({}));
}

}  // namespace
}  // namespace opensips::location::testing
