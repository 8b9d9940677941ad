#include "l6_location/instance.hh"
#include "l6_location/methods.hh"
#include "l6_location/target_groups.hh"
#include "registrations.hh"

namespace opensips::location::testing {
namespace {

std::string device(std::string_view uri, int reg_id, std::string_view more = {}) {
  return "Contact: <" + std::string(uri) +
         ">;+sip.instance=\"<urn:uuid:0A>\";reg-id=" + std::to_string(reg_id) + std::string(more) +
         "\r\n";
}
constexpr std::string_view kOutbound = "Supported: path, Outbound\r\n";

// Require (RFC 3261 8.2.2.3).

TEST_F(Registrations, WhatIsRequiredAndNotKnownIsNamed) {
  const auto refused = send({.headers = contact("<sip:bob@192.0.2.4>") +
                                        "Require: gruu, x-strange\r\nRequire: path, other\r\n"});
  EXPECT_EQ(refused.code, 420);
  EXPECT_EQ(refused.headers, "Unsupported: x-strange\r\nUnsupported: other\r\n");
  EXPECT_EQ(send({.headers = contact("<sip:bob@192.0.2.4>") + "Require: Path\r\n"}).code, 200);
}

// Path (RFC 3327).

TEST_F(Registrations, PathIsKeptInItsOrderAndGivenBackToWhoKnowsOfIt) {
  const std::string path = "Path: <sip:p2.example.com;lr>\r\nPath: <sip:p1.example.com;lr>\r\n";
  const auto silent = send({.headers = contact("<sip:bob@192.0.2.4>") + path, .cseq = 1});
  EXPECT_EQ(silent.code, 200);
  EXPECT_EQ(silent.headers.find("Path"), std::string::npos);
  EXPECT_EQ(silent.bindings->bindings()[0]->path(),
            "<sip:p2.example.com;lr>, <sip:p1.example.com;lr>");
  const auto knows =
      send({.headers = contact("<sip:bob@192.0.2.4>") + path + "Supported: path\r\n", .cseq = 2});
  EXPECT_NE(knows.headers.find("Path: <sip:p2.example.com;lr>, <sip:p1.example.com;lr>\r\n"),
            std::string::npos);
  const TargetGroups groups(knows.bindings, now);
  EXPECT_EQ(groups[0][0].path, "<sip:p2.example.com;lr>, <sip:p1.example.com;lr>");
  send({.headers = contact("<sip:bob@192.0.2.4>"), .cseq = 3});
  EXPECT_EQ(table.find(kBob)->bindings()[0]->path(), "");
}

TEST_F(Registrations, PathMayBePassedOverOrAskedToBeKnown) {
  const std::string path = contact("<sip:bob@192.0.2.4>") + "Path: <sip:p1.example.com;lr>\r\n";
  EXPECT_EQ(send({.headers = path}, {.path = PathMode::off}).bindings->bindings()[0]->path(), "");
  const auto refused = send({.headers = path, .cseq = 2}, {.path = PathMode::strict});
  EXPECT_EQ(refused.code, 420);
  EXPECT_EQ(refused.headers, "Unsupported: path\r\n");
  EXPECT_EQ(
      send({.headers = path + "Supported: path\r\n", .cseq = 2}, {.path = PathMode::strict}).code,
      200);
}

TEST_F(Registrations, APathThatIsNoneIsRefused) {
  for (const auto* path : {"<tel:1>", "<sip:>", "nonsense <", "<sip:p1>, <>"}) {
    EXPECT_EQ(send({.headers = contact("<sip:bob@192.0.2.4>") + "Path: " + path + "\r\n"}).code,
              400)
        << path;
  }
  EXPECT_FALSE(table.find(kBob));
}

// Outbound (RFC 5626).

TEST_F(Registrations, AFlowTakesThePlaceOfTheSameOneWhateverItsUri) {
  const auto first = send(
      {.headers = device("sip:bob@192.0.2.4:1", 1) + std::string(kOutbound), .call_id = "one"});
  EXPECT_EQ(first.code, 200);
  EXPECT_NE(first.headers.find("Require: outbound\r\n"), std::string::npos);
  send({.headers = device("sip:bob@192.0.2.4:1", 2) + std::string(kOutbound), .call_id = "two"});
  EXPECT_EQ(table.contacts(), 2U);
  const auto id = table.find(kBob)->bindings()[0]->id();
  send({.headers = device("sip:bob@192.0.2.4:9", 1) + std::string(kOutbound), .call_id = "new"});
  EXPECT_EQ(table.contacts(), 2U);
  EXPECT_EQ(table.find(kBob)->bindings()[0]->contact(), "sip:bob@192.0.2.4:9");
  EXPECT_EQ(table.find(kBob)->bindings()[0]->id(), id);
}

TEST_F(Registrations, WithoutTheOptionTagAFlowIsAContactLikeAnyOther) {
  const auto answer = send({.headers = device("sip:bob@192.0.2.4:1", 1), .call_id = "one"});
  EXPECT_EQ(answer.headers.find("Require"), std::string::npos);
  send({.headers = device("sip:bob@192.0.2.4:9", 1), .call_id = "two"});
  EXPECT_EQ(table.contacts(), 2U);
}

TEST_F(Registrations, OneFlowInOneRequest) {
  EXPECT_EQ(send({.headers = device("sip:b@192.0.2.4:1", 1) + device("sip:b@192.0.2.4:2", 2) +
                             std::string(kOutbound)})
                .code,
            400);
  EXPECT_FALSE(table.find(kBob));
}

TEST_F(Registrations, AFirstHopThatKeepsNoFlowsIsSaid) {
  const auto with = [&](std::string_view path) {
    return send({.headers =
                     device("sip:b@192.0.2.4:1", 1) + std::string(kOutbound) + std::string(path)})
        .code;
  };
  EXPECT_EQ(with("Path: <sip:core.example.com;lr;ob>, <sip:edge.example.com;lr>\r\n"), 439);
  EXPECT_EQ(with("Via: SIP/2.0/UDP edge.example.com;branch=z9hG4bK1\r\n"), 439);
  EXPECT_EQ(with("Path: <sip:core.example.com;lr>, <sip:edge.example.com;lr;ob>\r\n"), 200);
}

TEST_F(Registrations, WhoRegistersAFlowIsToldHowOftenToKeepItAlive) {
  Registrar with_timer{table, {.flow_timer = 120}};
  const auto flow = device("sip:b@192.0.2.4:1", 1);
  const Answer answer(
      with_timer.process(*message({.headers = flow + std::string(kOutbound)}), kBob, {}, now));
  EXPECT_TRUE(answer.headers.ends_with("Require: outbound\r\nFlow-Timer: 120\r\n"))
      << answer.headers;
  const Answer plain(with_timer.process(*message({.headers = flow, .cseq = 2}), kBob, {}, now));
  EXPECT_EQ(plain.code, 200);
  EXPECT_EQ(plain.headers.find("Flow-Timer"), std::string::npos);
  const auto gone = with_timer.process(
      *message({.headers = flow + "Expires: 0\r\n" + std::string(kOutbound), .cseq = 3}), kBob, {},
      now);
  EXPECT_EQ(gone.headers.find("Flow-Timer"), std::string::npos);
}

TEST_F(Registrations, WithoutFlowsAFlowIsAContactLikeAnyOther) {
  Registrar without{table, {.outbound = OutboundMode::off, .flow_timer = 120}};
  const auto send_to = [&](std::string_view uri, std::string_view tags, std::string call_id) {
    return without.process(
        *message({.headers = device(uri, 1) + std::string(tags), .call_id = std::move(call_id)}),
        kBob, {}, now);
  };
  EXPECT_EQ(send_to("sip:b@192.0.2.4:1", kOutbound, "one").headers.find("Require"),
            std::string::npos);
  send_to("sip:b@192.0.2.4:9", kOutbound, "two");
  EXPECT_EQ(table.contacts(), 2U);
  const auto refused = send_to("sip:b@192.0.2.4:1", "Require: outbound\r\n", "three");
  EXPECT_EQ(refused.code, 420);
  EXPECT_EQ(refused.headers, "Unsupported: outbound\r\n");
}

TEST_F(Registrations, FlowsMayBeRequired) {
  Registrar strict{table, {.outbound = OutboundMode::required}};
  const auto refused =
      strict.process(*message({.headers = contact("<sip:b@192.0.2.4>")}), kBob, {}, now);
  EXPECT_EQ(refused.code, 421);
  EXPECT_EQ(refused.headers, "Require: outbound\r\nSupported: outbound\r\n");
  EXPECT_EQ(table.contacts(), 0U);
  const auto flow = device("sip:b@192.0.2.4:1", 1) + std::string(kOutbound);
  EXPECT_EQ(strict.process(*message({.headers = flow}), kBob, {}, now).code, 200);
  // Who asks or goes needs no flow.
  EXPECT_EQ(strict.process(*message({.cseq = 2}), kBob, {}, now).code, 200);
  const auto all = contact("*") + "Expires: 0\r\n";
  EXPECT_EQ(strict.process(*message({.headers = all, .cseq = 3}), kBob, {}, now).code, 200);
  EXPECT_EQ(table.contacts(), 0U);
}

TEST_F(Registrations, OfTheFlowsToOneDeviceOneIsTriedAtATime) {
  for (const int flow : {1, 2}) {
    now += 1000;
    send({.headers = device("sip:b@192.0.2.4", flow) + std::string(kOutbound),
          .cseq = static_cast<std::uint32_t>(flow)});
  }
  send({.headers = contact("<sip:other@192.0.2.5>"), .call_id = "other"});
  const TargetGroups groups(table.find(kBob), now);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].size(), 2U);
  EXPECT_EQ(groups[1].size(), 1U);
  EXPECT_EQ(groups.targets().size(), 3U);
}

TEST_F(Registrations, OfFlowsOfTheSameMomentTheLaterComesFirst) {
  for (int round = 0; round < 20; ++round) {  // ids are drawn: they do not decide it
    const auto call_id = std::to_string(round);
    for (const int flow : {1, 2}) {
      send({.headers =
                device("sip:b@192.0.2.4:" + std::to_string(flow), flow) + std::string(kOutbound),
            .cseq = static_cast<std::uint32_t>(flow),
            .call_id = call_id});
    }
    const TargetGroups groups(table.find(kBob), now);
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(groups[0][0].uri, "sip:b@192.0.2.4:2");
    table.erase(kBob);
  }
}

// GRUUs (RFC 5627).

TEST_F(Registrations, AClientThatKnowsOfGruusGetsOne) {
  const auto answer = send({.headers = device("sip:b@192.0.2.4", 1) + "Supported: gruu\r\n"});
  EXPECT_NE(
      answer.headers.find(";pub-gruu=\"sip:bob@biloxi.com;gr=urn:uuid:0A\";temp-gruu=\"sip:tgruu."),
      std::string::npos)
      << answer.headers;
  EXPECT_EQ(send({.headers = device("sip:b@192.0.2.4", 1), .cseq = 2}).headers.find("gruu"),
            std::string::npos);
}

TEST_F(Registrations, GruusThatAClientSaysAgainAreNotKept) {
  const auto answer =
      send({.headers = device("sip:b@192.0.2.4", 1,
                              ";PUB-GRUU=\"sip:a@x;gr=1\";temp-gruu=\"sip:t@x;gr\"") +
                       "Supported: gruu\r\n"});
  EXPECT_EQ(answer.code, 200);
  EXPECT_EQ(answer.headers.find("PUB-GRUU"), std::string::npos) << answer.headers;
  EXPECT_EQ(answer.headers.find("temp-gruu"), answer.headers.rfind("temp-gruu"));
  EXPECT_EQ(table.find(kBob)->bindings()[0]->params(), "+sip.instance=\"<urn:uuid:0A>\";reg-id=1");
}

TEST_F(Registrations, NobodyGetsAGruuUnlessThatIsWanted) {
  Registrar plain{table};
  const auto request = message({.headers = device("sip:b@192.0.2.4", 1) + "Supported: gruu\r\n"});
  EXPECT_EQ(Answer(plain.process(*request, kBob, {}, now)).headers.find("gruu"), std::string::npos);
  const auto required =
      message({.headers = device("sip:b@192.0.2.4", 1) + "Require: gruu\r\n", .cseq = 2});
  const auto refused = plain.process(*required, kBob, {}, now);
  EXPECT_EQ(refused.code, 420);
  EXPECT_EQ(refused.headers, "Unsupported: gruu\r\n");
}

TEST(Gruu, IsAUriWhateverIsInIt) {
  EXPECT_EQ(public_gruu("b;b\"@h", "urn:x \"<", true), "\"sips:b;b%22@h;gr=urn:x%20%22%3C\"");
  EXPECT_EQ(public_gruu("h", "", false), "");
  EXPECT_EQ(instance_of_gruu("urn:x%20%22%3C"), "urn:x \"<");
}

TEST_F(Registrations, OnlyTheDeviceOfAGruuIsFound) {
  send({.headers = device("sip:b@192.0.2.4", 1), .call_id = "one"});
  send({.headers = contact("<sip:b@192.0.2.5>"), .call_id = "two"});
  const TargetGroups one(table.find(kBob), now, {.instance = "urn:uuid:0A"});
  ASSERT_EQ(one.targets().size(), 1U);
  EXPECT_EQ(one.targets()[0].uri, "sip:b@192.0.2.4");
  EXPECT_TRUE(TargetGroups(table.find(kBob), now, {.instance = "urn:uuid:0B"}).empty());
}

TEST(InstanceOf, IsInQuotesAndBrackets) {
  EXPECT_EQ(instance_of("q=1;+sip.instance=\"<urn:a>\";reg-id=7"), (Instance{"urn:a", 7}));
  EXPECT_EQ(instance_of("+sip.instance=\"<urn:a>\";reg-id=x").reg_id, 0U);
  for (const auto* params : {"", "+sip.instance", "+sip.instance=\"urn\"", "+sip.instance=\"<>\"",
                             "+sip.instance=<urn>", "reg-id=1"}) {
    EXPECT_FALSE(instance_of(params).is_flow()) << params;
    EXPECT_EQ(instance_of(params).id, "") << params;
  }
}

// Methods (RFC 3840 10.1).

TEST_F(Registrations, WhoDoesNotTakeAMethodIsLeftOut) {
  send({.headers = contact("<sip:b@192.0.2.4>;methods=\"INVITE, BYE\""), .call_id = "one"});
  const auto set = table.find(kBob);
  EXPECT_EQ(set->bindings()[0]->methods(), 9U);
  EXPECT_EQ(TargetGroups(set, now, {.methods = method_bit("INVITE")}).targets().size(), 1U);
  const TargetGroups none(set, now, {.methods = method_bit("MESSAGE")});
  EXPECT_TRUE(none.is_method_refused());
  send({.headers = contact("<sip:b@192.0.2.5>"), .call_id = "two"});
  EXPECT_EQ(TargetGroups(table.find(kBob), now, {.methods = method_bit("X")}).targets().size(), 1U);
}

TEST(Methods, BitsAreOpenSipss) {
  EXPECT_EQ(method_bit("INVITE"), 1U);
  EXPECT_EQ(method_bit("REGISTER"), 128U);
  EXPECT_EQ(method_bit("PUBLISH"), 8192U);
  EXPECT_EQ(method_bit("invite"), 16384U);
  EXPECT_EQ(method_bits("\"\""), kAllMethods);
}

// Which contacts are the same.

TEST_F(Registrations, ContactsMayBeToldApartByCallId) {
  const SaveOptions by_call_id{.match = ContactMatch::call_id};
  for (const auto* call_id : {"one", "two", "two"}) {
    now += 1000;
    send({.headers = contact("<sip:b@192.0.2.4>"),
          .cseq = static_cast<std::uint32_t>(now),
          .call_id = call_id},
         by_call_id);
  }
  EXPECT_EQ(table.contacts(), 2U);
}

TEST_F(Registrations, ContactsMayBeKnownByAParameterOfTheirUris) {
  const SaveOptions by_param{.match = ContactMatch::param, .match_param = "rinstance"};
  std::uint32_t cseq = 0;
  for (const auto* uri : {"sip:b@192.0.2.4:1;rinstance=a", "sip:b@192.0.2.4:2;rinstance=a",
                          "sip:b@192.0.2.4:2;rinstance=b", "sip:b@192.0.2.4:3"}) {
    send({.headers = contact("<" + std::string(uri) + ">"), .cseq = ++cseq}, by_param);
  }
  EXPECT_EQ(table.contacts(), 3U);
}

}  // namespace
}  // namespace opensips::location::testing
