// The ways to registered contacts are kept open, and who answers no more is forgotten.

#include <gtest/gtest.h>

#include <map>

#include "l4_nat/pinger.hh"
#include "model/model.hh"
#include "unit/l6_location/bindings.hh"

namespace opensips::model {
namespace {

constexpr std::uint64_t kInterval = 10'000;

class PingerTest : public testing::Test {
 protected:
  void start(nat::PingOptions options) {
    options.interval_ms = kInterval;
    pinger.emplace(model.context, model.stack.uac, model.stack.pinged, model.shared.layers,
                   options);
    pinger->start();
  }
  void add(const std::string& aor, const std::string& contact, const std::string& seen_at,
           std::uint64_t expires_at = 1'000'000'000, bool no_connect = false,
           base::Transport transport = base::Transport::udp) {
    const auto uri = *parser::Uri::parse(contact);
    base::Flow flow;
    flow.peer = *base::Address::parse_host_port(seen_at, 5060);
    flow.socket = 0;
    flow.no_connect = no_connect;
    flow.transport = transport;
    location::Binding::Fields fields;
    fields.contact = contact;
    fields.host = uri.host;
    fields.received = flow;
    fields.expires_at = expires_at;
    fields.contact_key = location::contact_key(uri);
    fields.behind_nat = location::leads_elsewhere(uri, flow);
    const auto binding = location::Binding::make(fields);
    model.shared.locations.update(aor, [&](location::BindingSetEdit& edit) {
      edit.insert(binding);
      return true;
    });
  }
  /// Where something went since the last call, and how often.
  std::map<std::string, int> pinged() {
    std::map<std::string, int> to;
    for (const auto& one : model.take()) ++to[one.to.peer.to_string()];
    return to;
  }
  static std::string phone(int number) {
    return "203.0.113." + std::to_string(number % 250 + 1) + ":" + std::to_string(40'000 + number);
  }

  Model model;
  std::optional<nat::Pinger> pinger;
};

TEST_F(PingerTest, EachContactBehindNatIsPingedOnceAnInterval) {
  add("a@x", "sip:a@192.168.1.2:5060", "203.0.113.5:40000");
  add("b@x", "sip:b@203.0.113.6:5060", "203.0.113.6:5060");
  add("c@x", "sip:c@phone.example.com", "203.0.113.7:5060");
  start({});
  model.pass(10 * kInterval + 200);  // its turn may come in the 200 ms too
  const auto to = pinged();
  EXPECT_EQ(to.size(), 1U);
  EXPECT_TRUE(to.at("203.0.113.5:40000") == 10 || to.at("203.0.113.5:40000") == 11);
}

TEST_F(PingerTest, ContactThatNamesThePublicAddressIsPingedIfItsClientIsBehindNat) {
  add("a@x", "sip:a@203.0.113.5:40000", "203.0.113.5:40000", 1'000'000'000, true);
  start({});
  model.pass(kInterval + 200);
  EXPECT_TRUE(pinged().contains("203.0.113.5:40000"));
}

TEST_F(PingerTest, AllContactsArePingedIfThatIsWanted) {
  add("a@x", "sip:a@192.168.1.2:5060", "203.0.113.5:40000");
  add("b@x", "sip:b@203.0.113.6:5060", "203.0.113.6:5060");
  nat::PingOptions options;
  options.behind_nat_only = false;
  start(options);
  model.pass(kInterval + 200);
  EXPECT_EQ(pinged().size(), 2U);
}

TEST_F(PingerTest, PingsAreSpreadOverTheInterval) {
  constexpr int kPhones = 5000;
  for (int i = 0; i < kPhones; ++i) add("u" + std::to_string(i) + "@x", "sip:u@10.0.0.2", phone(i));
  start({});
  int all = 0, most = 0;
  for (int tenth = 0; tenth < 10; ++tenth) {
    model.pass(kInterval / 10);
    int now = 0;
    for (const auto& [to, times] : pinged()) now += times;
    all += now;
    most = std::max(most, now);
  }
  model.pass(200);
  for (const auto& [to, times] : pinged()) all += times;
  EXPECT_GE(all, kPhones);
  EXPECT_LT(most, kPhones / 7);
}

TEST_F(PingerTest, WhatIsSentIsAnEmptyLineOrAnIndication) {
  add("a@x", "sip:a@192.168.1.2:5060", "203.0.113.5:40000");
  start({});
  model.pass(kInterval + 200);
  EXPECT_EQ(model.take().at(0).bytes, "\r\n\r\n");
  nat::PingOptions options;
  options.kind = nat::PingOptions::Kind::stun;
  start(options);
  model.pass(kInterval + 200);
  const auto bytes = model.take().at(0).bytes;
  EXPECT_EQ(bytes.size(), 20U);
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x00\x11\x00\x00\x21\x12\xa4\x42", 8));
}

TEST_F(PingerTest, NobodyIsPingedWhoHasExpiredOrWhileTheLayerIsOff) {
  add("a@x", "sip:a@192.168.1.2:5060", "203.0.113.5:40000");
  add("b@x", "sip:b@192.168.1.2:5060", "203.0.113.6:40000", 1500);
  start({});
  model.pass(2000);
  model.take();
  model.shared.layers.set(loop::LayerId::nat, false);
  model.pass(kInterval);
  EXPECT_TRUE(pinged().empty());
  model.shared.layers.set(loop::LayerId::nat, true);
  model.pass(kInterval + 200);
  EXPECT_EQ(pinged().count("203.0.113.5:40000"), 1U);
  EXPECT_EQ(pinged().count("203.0.113.6:40000"), 0U);
}

class RequestPingerTest : public PingerTest {
 protected:
  RequestPingerTest() {
    nat::PingOptions options;
    options.kind = nat::PingOptions::Kind::request;
    options.from = "sip:ping@example.com";
    options.behind_nat_only = false;
    start(options);
  }
  bool is_registered(const std::string& aor) const {
    return static_cast<bool>(model.shared.locations.find(aor));
  }
};

TEST_F(RequestPingerTest, WhoAnswersIsKept) {
  add("a@x", "sip:a@192.168.1.2:5060", "203.0.113.5:40000");
  for (int i = 0; i < 200; ++i) {
    model.pass(500);
    for (const auto& one : model.take()) {
      EXPECT_TRUE(one.bytes.starts_with("OPTIONS sip:a@192.168.1.2:5060 SIP/2.0\r\n")) << one.bytes;
      model.receive(answer(one.bytes, 404), "203.0.113.5:40000");
    }
  }
  EXPECT_TRUE(is_registered("a@x"));
  EXPECT_EQ(model.stat("nathelper:lost_pings"), 0U);
}

TEST_F(RequestPingerTest, WhoAnswersNoMoreIsDropped) {
  add("a@x", "sip:a@192.168.1.2:5060", "203.0.113.5:40000");
  model.pass(2 * kInterval);
  EXPECT_TRUE(is_registered("a@x"));
  model.pass(3 * kInterval);
  EXPECT_FALSE(is_registered("a@x"));
  EXPECT_EQ(model.stat("nathelper:dropped_contacts"), 1U);
}

TEST_F(RequestPingerTest, WhoseConnectionIsGoneIsDroppedIfNothingElseLeadsThere) {
  const auto connected = [this](const std::string& aor, const std::string& contact) {
    add(aor, contact, "203.0.113.5:40000", 1'000'000'000, false, base::Transport::tcp);
  };
  model.shared.sockets.add(base::Transport::tcp, *base::Address::parse("127.0.0.1", 5060), "", 0);
  connected("hidden@x", "sip:a@192.168.1.2:5060;transport=tcp");
  connected("open@x", "sip:a@203.0.113.5:5060;transport=tcp");
  int pings = 0;
  for (int i = 0; i < 600; ++i) {
    model.pass(100);
    for (const auto& one : model.take()) {
      pings += one.bytes.starts_with("OPTIONS sip:a@203.0.113.5:5060") ? 1 : 0;
      model.fail(one.client, ENOTCONN);
    }
  }
  EXPECT_FALSE(is_registered("hidden@x"));
  EXPECT_TRUE(is_registered("open@x"));
  EXPECT_GT(pings, 3);
}

TEST_F(RequestPingerTest, OneAnswerBeginsTheCountAnew) {
  add("a@x", "sip:a@192.168.1.2:5060", "203.0.113.5:40000");
  bool answers = false;
  for (int i = 0; i < 12; ++i, answers = i % 3 == 2) {  // of three pings one is answered
    for (int step = 0; step < 20; ++step) {
      model.pass(kInterval / 20);
      for (const auto& one : model.take()) {
        if (answers) model.receive(answer(one.bytes, 200), "203.0.113.5:40000");
      }
    }
  }
  EXPECT_TRUE(is_registered("a@x"));
  EXPECT_GT(model.stat("nathelper:lost_pings"), 0U);
}

TEST_F(RequestPingerTest, WhoHasRegisteredElsewhereMeanwhileIsKept) {
  add("a@x", "sip:a@192.168.1.2:5060", "203.0.113.5:40000");
  nat::Contact before;
  before.aor = "a@x";
  before.uri = "sip:a@192.168.1.2:5060";
  before.flow.peer = *base::Address::parse_host_port("203.0.113.9:1", 0);
  model.stack.pinged.drop(before);
  EXPECT_TRUE(is_registered("a@x"));
  before.flow.peer = *base::Address::parse_host_port("203.0.113.5:40000", 0);
  model.stack.pinged.drop(before);
  EXPECT_FALSE(is_registered("a@x"));
}

}  // namespace
}  // namespace opensips::model
