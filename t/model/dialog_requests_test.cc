// What passes inside a dialog, what is refused, and what we send there ourselves.

#include <gtest/gtest.h>

#include "l3_dialog/flow_token.hh"
#include "model/dialog_call.hh"

namespace opensips::model {
namespace {

using dialog::Ending;
using dialog::Party;
using Lines = std::vector<std::string>;

std::string first_line(const std::vector<std::string>& all) {
  return all.empty() ? "" : all.back().substr(0, all.back().find("\r\n"));
}

/// Of the CSeq, or another header.
std::string value(const std::string& message, const char* name) {
  const auto found = values(message, name);
  return found.empty() ? "" : found.front();
}

TEST(InDialog, ARequestOfEachSidePasses) {
  DialogCall call;
  call.establish();
  EXPECT_EQ(first_line(call.from_caller("INFO", 2)), "INFO sip:callee@127.0.0.1:5080 SIP/2.0");
  EXPECT_EQ(first_line(call.from_callee("INFO", 1)), "INFO sip:caller@127.0.0.1:5070 SIP/2.0");
  EXPECT_EQ(first_line(call.from_caller("INFO", 2)), "INFO sip:callee@127.0.0.1:5080 SIP/2.0");
}

TEST(InDialog, AFlowTokenLeadsToAClientWhoseDialogIsSetUpElsewhere) {
  Model model;
  const dialog::Way way(*base::Address::parse("127.0.0.1", 5090));
  const auto token =
      dialog::write_flow_token(model.shared.options.mac_key, model.shared.epoch, {way, 0});
  for (const auto* const method : {"INVITE", "ACK", "BYE"}) {
    Request request{.method = method, .branch = std::string("z9hG4bK") + method};
    request.to_tag = "callee";
    request.extra = "Route: <sip:127.0.0.1:5060;lr;" + token + ">\r\n";
    model.receive(request.bytes());
    const auto sent = model.take();
    ASSERT_FALSE(sent.empty()) << method;
    EXPECT_EQ(sent.back().to.peer.to_string(), "127.0.0.1:5090") << method;
    EXPECT_TRUE(sent.back().bytes.starts_with(method)) << sent.back().bytes;
  }
  EXPECT_EQ(model.program.started, 0);
  EXPECT_EQ(model.stat("dialog:unproven_requests"), 0U);
}

TEST(InDialog, TheBreadthIsHandedOn) {
  DialogCall call;
  call.establish();
  EXPECT_EQ(value(call.from_caller("INFO", 2).at(0), "Max-Breadth"), "60");
  EXPECT_EQ(value(call.from_callee("INFO", 1, "callee", "Max-Breadth: 5\r\n").at(0), "Max-Breadth"),
            "5");
  EXPECT_TRUE(first_line(call.from_caller("INFO", 3, "callee", "Max-Breadth: 0\r\n"))
                  .starts_with("SIP/2.0 440 "));
  EXPECT_TRUE(first_line(call.from_caller("INFO", 4, "callee", "Max-Breadth: many\r\n"))
                  .starts_with("SIP/2.0 400 "));
}

TEST(InDialog, AnOldCSeqIsRefusedOnBothSides) {
  DialogCall call;
  call.establish();
  call.from_caller("INFO", 5);
  EXPECT_TRUE(first_line(call.from_caller("INFO", 4)).starts_with("SIP/2.0 500 "));
  call.from_callee("INFO", 20);
  EXPECT_TRUE(first_line(call.from_callee("BYE", 19)).starts_with("SIP/2.0 500 "));
  EXPECT_NE(call.dialog(), nullptr) << "a refused BYE ends nothing";
  EXPECT_EQ(call.model.stat("dialog:old_cseqs"), 2u);
}

TEST(InDialog, AWrongTagIsRefused) {
  DialogCall call;
  call.establish();
  EXPECT_TRUE(first_line(call.from_caller("BYE", 2, "other")).starts_with("SIP/2.0 481 "));
  EXPECT_TRUE(first_line(call.from_callee("BYE", 2, "other")).starts_with("SIP/2.0 481 "));
  EXPECT_EQ(call.from_caller("ACK", 1, "other"), Lines());
  EXPECT_NE(call.dialog(), nullptr);
  EXPECT_EQ(call.model.stat("dialog:wrong_tags"), 3u);
}

TEST(InDialog, AWayThatIsNotTheDialogsIsRefused) {
  DialogCall call;
  call.establish();
  const auto ours = values(call.invites.at(0), "Record-Route").at(0);
  call.route = ours + ", <sip:gateway@127.0.0.1:5099;lr>";
  EXPECT_TRUE(first_line(call.from_caller("INFO", 2)).starts_with("SIP/2.0 403 "));
  call.route.clear();
  call.target = "sip:+4670@127.0.0.1:5099";
  EXPECT_TRUE(first_line(call.from_caller("INVITE", 3)).starts_with("SIP/2.0 403 "));
  EXPECT_EQ(call.model.stat("dialog:wrong_ways"), 2u);
}

TEST(InDialog, ATamperedRouteProvesNothing) {
  DialogCall call;
  call.establish();
  call.route = values(call.invites.at(0), "Record-Route").at(0);
  auto& digit = call.route[call.route.rfind('>') - 1];
  digit = digit == '0' ? '1' : '0';
  EXPECT_TRUE(first_line(call.from_caller("BYE", 2)).starts_with("SIP/2.0 403 "));
  EXPECT_NE(call.dialog(), nullptr);
}

TEST(InDialog, AStormOfByesEndsItOnce) {
  DialogCall call;
  call.establish();
  for (int i = 0; i < 1000; ++i) call.from_caller("BYE", 2, "guess" + std::to_string(i));
  EXPECT_EQ(call.model.stat("dialog:active_dialogs"), 1u);
  for (int i = 0; i < 100; ++i) call.from_caller("BYE", 2);
  EXPECT_EQ(call.model.stat("dialog:active_dialogs"), 0u);
  EXPECT_EQ(std::ranges::count(call.passed, dialog::State::ended, &DialogCall::Passed::after), 1);
}

TEST(InDialog, ARefreshedTargetIsKnownFromItsAnswerOn) {
  DialogCall call;
  call.establish();
  auto out = call.from_caller("UPDATE", 2);
  auto moved = out.back();
  EXPECT_EQ(call.dialog()->contact(Party::callee), "sip:callee@127.0.0.1:5080");
  auto ok = answer(moved, 200);
  ok.replace(ok.find("<sip:callee@127.0.0.1:5080>", ok.find("Contact:")), 27,
             "<sip:callee@127.0.0.1:5081>");
  call.model.receive(ok, DialogCall::kCallee);
  call.take();
  EXPECT_EQ(call.dialog()->contact(Party::callee), "sip:callee@127.0.0.1:5081");
  call.target = "sip:callee@127.0.0.1:5081";
  EXPECT_EQ(first_line(call.from_caller("INFO", 3)), "INFO sip:callee@127.0.0.1:5081 SIP/2.0");
}

TEST(InDialog, EarlyRequestsOfEachCalleePass) {
  DialogCall call;
  call.invite();
  call.answer(183, "one");
  call.answer(183, "two");
  EXPECT_EQ(first_line(call.from_caller("PRACK", 2, "one")),
            "PRACK sip:callee@127.0.0.1:5080 SIP/2.0");
  EXPECT_EQ(first_line(call.from_callee("UPDATE", 9, "two")),
            "UPDATE sip:caller@127.0.0.1:5070 SIP/2.0");
  EXPECT_EQ(first_line(call.from_callee("UPDATE", 3, "one")),
            "UPDATE sip:caller@127.0.0.1:5070 SIP/2.0");
  EXPECT_TRUE(first_line(call.from_caller("PRACK", 3, "three")).starts_with("SIP/2.0 481 "));
}

/// Its transaction knows a dialog that is no more.
TEST(InDialog, AnAnswerPassesWhenTheDialogWasEndedMeanwhile) {
  for (const std::string method : {"INFO", "INVITE"}) {
    DialogCall call;
    call.invite_another();
    call.establish();
    const auto asked = call.from_caller(method, 2);
    ASSERT_EQ(asked.size(), method == "INVITE" ? 2u : 1u);
    ASSERT_TRUE(call.dialogs().end(*call.dialog(), Ending::command));
    call.model.context.run_deferred();
    EXPECT_EQ(call.dialog(), nullptr);
    call.model.take();
    call.model.receive(answer(asked.back(), 200), DialogCall::kCallee);
    const auto got = call.to_caller();
    EXPECT_TRUE(got.starts_with("SIP/2.0 200 ")) << method << ": " << got;
    EXPECT_EQ(value(got, "CSeq"), "2 " + method);
    EXPECT_EQ(call.dialogs().table().size(), 1u) << "the other one";
    call.model.pass(80'000);
    EXPECT_TRUE(call.model.idle());
  }
}

TEST(InDialog, AnAnswerIsRenumberedWhenTheDialogWasEndedMeanwhile) {
  DialogCall call({.ping_interval = 10'000, .ping_caller = false});
  call.establish();
  call.model.advance(10'010);
  call.model.receive(answer(call.to_callee(), 200), DialogCall::kCallee);
  const auto info = call.from_caller("INFO", 2);
  ASSERT_EQ(info.size(), 1u);
  EXPECT_EQ(value(info[0], "CSeq"), "3 INFO");
  ASSERT_TRUE(call.dialogs().end(*call.dialog(), Ending::command));
  call.model.context.run_deferred();
  call.model.take();
  call.model.receive(answer(info[0], 200), DialogCall::kCallee);
  EXPECT_EQ(value(call.to_caller(), "CSeq"), "2 INFO");
}

TEST(OwnRequests, ByeGoesToBothWithTheirTagsAndNumbers) {
  DialogCall call({.lifetime = 5000});
  call.establish();
  call.from_caller("INFO", 7);
  call.from_callee("INFO", 31);
  call.model.advance(5010);
  std::string to_caller, to_callee;
  for (const auto& one : call.model.take()) {
    (one.to.peer.to_string() == DialogCall::kCaller ? to_caller : to_callee) = one.bytes;
  }
  EXPECT_TRUE(to_callee.starts_with("BYE sip:callee@127.0.0.1:5080 SIP/2.0")) << to_callee;
  EXPECT_EQ(value(to_callee, "From"), "<sip:caller@127.0.0.1:5070>;tag=caller");
  EXPECT_EQ(value(to_callee, "To"), "<sip:callee@127.0.0.1:5060>;tag=callee");
  EXPECT_EQ(value(to_callee, "CSeq"), "8 BYE");
  EXPECT_TRUE(to_caller.starts_with("BYE sip:caller@127.0.0.1:5070 SIP/2.0")) << to_caller;
  EXPECT_EQ(value(to_caller, "From"), "<sip:callee@127.0.0.1:5060>;tag=callee");
  EXPECT_EQ(value(to_caller, "To"), "<sip:caller@127.0.0.1:5070>;tag=caller");
  EXPECT_EQ(value(to_caller, "CSeq"), "32 BYE");
  EXPECT_EQ(value(to_caller, "Call-ID"), "call-1");
}

TEST(OwnRequests, GoTheWayOfTheRouteSet) {
  DialogCall call;
  call.invite("Record-Route: <sip:127.0.0.1:5071;lr>\r\n");
  const auto recorded = values(call.invites.at(0), "Record-Route");
  auto ok = answer(call.invites.at(0), 200);
  ok.insert(ok.find("Record-Route:"),
            "Record-Route: <sip:127.0.0.1:5082;lr>\r\nRecord-Route: <sip:127.0.0.1:5081;lr>\r\n");
  call.model.receive(ok, DialogCall::kCallee);
  call.model.take();
  EXPECT_EQ(call.dialog()->routes(Party::caller), "<sip:127.0.0.1:5071;lr>");
  EXPECT_EQ(call.dialog()->routes(Party::callee),
            "<sip:127.0.0.1:5081;lr>, <sip:127.0.0.1:5082;lr>");
  ASSERT_TRUE(call.dialogs().end(*call.dialog(), dialog::Ending::script));
  const auto sent = call.model.take();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].to.peer.to_string(), "127.0.0.1:5071");
  EXPECT_EQ(sent[1].to.peer.to_string(), "127.0.0.1:5081");
  EXPECT_TRUE(sent[1].bytes.starts_with("BYE sip:callee@127.0.0.1:5080 "));
}

TEST(OwnRequests, PingsAreNotSeenInTheNumbersOfTheSides) {
  DialogCall call({.ping_interval = 10'000, .ping_caller = false});
  call.establish();
  call.model.advance(10'010);
  auto ping = call.to_callee();
  EXPECT_TRUE(ping.starts_with("OPTIONS sip:callee@127.0.0.1:5080 SIP/2.0")) << ping;
  EXPECT_EQ(value(ping, "CSeq"), "2 OPTIONS");
  call.model.receive(answer(ping, 200), DialogCall::kCallee);
  EXPECT_EQ(call.to_caller(), "") << "its answer is nobody else's";

  const auto info = call.from_caller("INFO", 2);
  ASSERT_EQ(info.size(), 1u);
  EXPECT_EQ(value(info[0], "CSeq"), "3 INFO");
  call.model.receive(answer(info[0], 200), DialogCall::kCallee);
  EXPECT_EQ(value(call.to_caller(), "CSeq"), "2 INFO");

  const auto bye = call.from_caller("BYE", 3);
  EXPECT_EQ(value(bye.at(0), "CSeq"), "4 BYE");
  call.model.receive(answer(bye.at(0), 200), DialogCall::kCallee);
  EXPECT_EQ(value(call.to_caller(), "CSeq"), "3 BYE");
  call.model.advance(33'000);
  EXPECT_EQ(call.dialogs().table().size(), 0u);
}

TEST(OwnRequests, ASideThatDoesNotAnswerEndsTheCall) {
  DialogCall call({.ping_interval = 10'000, .ping_caller = false});
  call.establish();
  call.model.advance(10'010);
  call.model.take();
  call.model.pass(33'000);
  EXPECT_EQ(call.model.stat("dialog:active_dialogs"), 0u);
  bool caller_told = false;
  for (const auto& one : call.model.take()) {
    caller_told |= one.to.peer.to_string() == DialogCall::kCaller && one.bytes.starts_with("BYE ");
  }
  EXPECT_TRUE(caller_told);
}

TEST(OwnRequests, AnyOtherAnswerToAPingIsLife) {
  for (const unsigned code : {200U, 404U, 405U, 500U}) {
    DialogCall call({.ping_interval = 10'000, .ping_caller = false});
    call.establish();
    call.model.advance(10'010);
    call.model.receive(answer(call.to_callee(), code), DialogCall::kCallee);
    EXPECT_EQ(call.model.stat("dialog:active_dialogs"), 1u) << code;
  }
}

TEST(SessionTimer, IsAskedForAndEndsTheCallWithoutRefresh) {
  DialogCall call({.session_interval = 1'800'000, .min_session = 90'000});
  call.invite("Supported: timer\r\n");
  EXPECT_EQ(value(call.invites.at(0), "Session-Expires"), "1800");
  const auto ok = call.answer(200);
  EXPECT_EQ(value(ok, "Session-Expires"), "1800;refresher=uac");
  EXPECT_EQ(value(ok, "Require"), "timer");
  call.from_caller("ACK", 1);
  call.model.advance(1'000'000);
  const auto update = call.from_caller("UPDATE", 2, "callee", "Supported: timer\r\n");
  call.model.receive(answer(update.at(0), 200), DialogCall::kCallee);
  call.model.advance(1'700'000);
  EXPECT_EQ(call.model.stat("dialog:active_dialogs"), 1u);
  call.model.advance(101'000);
  EXPECT_EQ(call.model.stat("dialog:active_dialogs"), 0u);
}

TEST(SessionTimer, ATooShortOneIsRefusedInside) {
  DialogCall call({.min_session = 300'000});
  call.establish();
  const auto refused =
      call.from_caller("UPDATE", 2, "callee", "Supported: timer\r\nSession-Expires: 120\r\n");
  EXPECT_TRUE(first_line(refused).starts_with("SIP/2.0 422 "));
  EXPECT_EQ(value(refused.back(), "Min-SE"), "300");
}

TEST(SessionTimer, ATooShortOneIsRaisedForWhoCannotBeTold) {
  DialogCall call({.min_session = 300'000});
  call.invite("Session-Expires: 120\r\n");
  EXPECT_EQ(value(call.invites.at(0), "Session-Expires"), "300");
  EXPECT_EQ(value(call.invites.at(0), "Min-SE"), "300");
}

}  // namespace
}  // namespace opensips::model
