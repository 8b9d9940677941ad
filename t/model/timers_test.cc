// Every timer of RFC 3261 17 and RFC 6026 through all layers: when it fires, what goes out, and
// that nothing is left.

#include <gtest/gtest.h>

#include <algorithm>

#include "model/model.hh"

namespace opensips::model {
namespace {

/// What went out and when: "500 INVITE sip:callee@127.0.0.1:5080", the time from the start of the
/// test.
using Log = std::vector<std::string>;

class TimersTest : public ::testing::Test {
 protected:
  Log watch(std::uint64_t ms) {
    Log log;
    for (std::uint64_t passed = 0; passed < ms; passed += 10) {
      model.pass(10);
      for (const auto& line : model.take_start_lines()) {
        const auto short_line = line.substr(0, line.find(" SIP/2.0"));
        log.push_back(std::to_string(model.now() - 1000) + " " + short_line);
      }
    }
    return log;
  }
  std::string send(const Request& request) {
    model.receive(request.bytes());
    const auto sent = model.take();
    return sent.empty() ? "" : sent.back().bytes;
  }
  void answer_with(const std::string& forwarded, unsigned code) {
    model.receive(answer(forwarded, code), "127.0.0.1:5080");
  }
  Log lines() { return model.take_start_lines(); }

  Model model;
};

const std::string kInvite = " INVITE sip:callee@127.0.0.1:5080";
const std::string kMessage = " MESSAGE sip:callee@127.0.0.1:5080";
const std::string kTrying = " SIP/2.0 100 Trying";  // RFC 4320 4.1
const std::string kCancel = " CANCEL sip:callee@127.0.0.1:5080";
const std::string kAckLine = "ACK sip:callee@127.0.0.1:5080 SIP/2.0";

TEST_F(TimersTest, AAndBThenGAndHOfTheAnswer) {
  send({});
  EXPECT_EQ(watch(32'000),
            (Log{"500" + kInvite, "1500" + kInvite, "3500" + kInvite, "7500" + kInvite,
                 "15500" + kInvite, "31500" + kInvite, "32000 SIP/2.0 408 Request Timeout"}));
  EXPECT_EQ(model.stack.transactions.clients(), 0U);
  const std::string again = " SIP/2.0 408 Request Timeout";
  EXPECT_EQ(watch(32'000), (Log{"32500" + again, "33500" + again, "35500" + again, "39500" + again,
                                "43500" + again, "47500" + again, "51500" + again, "55500" + again,
                                "59500" + again, "63500" + again}));
  EXPECT_TRUE(model.idle());
}

TEST_F(TimersTest, AStopsWithTheFirstProvisional) {
  const auto forwarded = send({});
  EXPECT_EQ(watch(1'000), Log{"500" + kInvite});
  answer_with(forwarded, 100);
  EXPECT_EQ(watch(100'000), Log{});
}

TEST_F(TimersTest, CIsMovedByRingingAndEndsTheCallWithACancel) {
  const auto forwarded = send({});
  answer_with(forwarded, 180);
  EXPECT_EQ(lines(), Log{"SIP/2.0 180 Answer"});
  EXPECT_EQ(watch(100'000), Log{});
  answer_with(forwarded, 180);
  lines();
  EXPECT_EQ(watch(179'990), Log{});
  EXPECT_EQ(watch(10), (Log{"280000" + kCancel, "280000 SIP/2.0 408 Request Timeout"}));
  model.receive(Request{.method = "ACK", .to_tag = "x"}.bytes());
  // E of the CANCEL that nobody answers, and its F; the INVITE is given up as well.
  EXPECT_EQ(watch(32'000),
            (Log{"280500" + kCancel, "281500" + kCancel, "283500" + kCancel, "287500" + kCancel,
                 "291500" + kCancel, "295500" + kCancel, "299500" + kCancel, "303500" + kCancel,
                 "307500" + kCancel, "311500" + kCancel}));
  EXPECT_TRUE(model.idle());
}

TEST_F(TimersTest, TryingStartsCButDoesNotMoveIt) {
  const auto forwarded = send({});
  answer_with(forwarded, 100);
  watch(100'000);
  answer_with(forwarded, 100);
  EXPECT_EQ(watch(80'000), (Log{"180000" + kCancel, "180000 SIP/2.0 408 Request Timeout"}));
}

TEST_F(TimersTest, DAcknowledgesCopiesOfARefusal) {
  const auto forwarded = send({});
  answer_with(forwarded, 486);
  model.receive(Request{.method = "ACK", .to_tag = "callee"}.bytes());
  lines();
  watch(31'990);
  answer_with(forwarded, 486);
  EXPECT_EQ(lines(), Log{kAckLine});
  watch(10);
  answer_with(forwarded, 486);
  EXPECT_EQ(lines(), Log{});
  EXPECT_EQ(model.stat("tm:stray_replies"), 1U);
  EXPECT_TRUE(model.idle());
}

TEST_F(TimersTest, EDoublesUpToT2AndFEndsInSilence) {
  send({.method = "MESSAGE"});
  EXPECT_EQ(watch(32'000),
            (Log{"500" + kMessage, "1500" + kMessage, "3500" + kTrying, "3500" + kMessage,
                 "7500" + kMessage, "11500" + kMessage, "15500" + kMessage, "19500" + kMessage,
                 "23500" + kMessage, "27500" + kMessage, "31500" + kMessage}));
  EXPECT_EQ(watch(32'000), Log{});
  EXPECT_TRUE(model.idle());
}

TEST_F(TimersTest, EIsT2AfterAProvisional) {
  const auto forwarded = send({.method = "MESSAGE"});
  answer_with(forwarded, 100);
  EXPECT_EQ(watch(10'000),
            (Log{"500" + kMessage, "3500" + kTrying, "4500" + kMessage, "8500" + kMessage}));
}

TEST_F(TimersTest, GStopsWithTheAckAndIAbsorbsItsCopies) {
  model.program.on_request = model.reply_with(486);
  send({});
  EXPECT_EQ(watch(600), Log{"500 SIP/2.0 486 Busy Here"});
  const Request ack{.method = "ACK", .to_tag = "callee"};
  model.receive(ack.bytes());
  EXPECT_EQ(watch(4'990), Log{});
  model.receive(ack.bytes());
  EXPECT_FALSE(model.idle());
  EXPECT_EQ(watch(10), Log{});
  EXPECT_TRUE(model.idle());
}

TEST_F(TimersTest, HEndsARefusalThatNobodyAcknowledges) {
  model.program.on_request = model.reply_with(486);
  send({});
  watch(31'990);
  EXPECT_FALSE(model.idle());
  watch(10);
  EXPECT_TRUE(model.idle());
}

TEST_F(TimersTest, JAnswersCopiesAndThenTheRequestIsANewOne) {
  model.program.on_request = model.reply_with(200);
  const Request message{.method = "MESSAGE"};
  send(message);
  watch(31'990);
  model.receive(message.bytes());
  EXPECT_EQ(lines(), Log{"SIP/2.0 200 OK"});
  EXPECT_EQ(model.program.started, 1);
  watch(10);
  EXPECT_TRUE(model.idle());
  model.receive(message.bytes());
  EXPECT_EQ(model.program.started, 2);
}

TEST_F(TimersTest, KAbsorbsCopiesOfTheAnswer) {
  const auto forwarded = send({.method = "MESSAGE"});
  answer_with(forwarded, 200);
  EXPECT_EQ(lines(), Log{"SIP/2.0 200 Answer"});
  watch(4'990);
  answer_with(forwarded, 200);
  EXPECT_EQ(model.stack.transactions.clients(), 1U);
  watch(10);
  EXPECT_EQ(model.stack.transactions.clients(), 0U);
  answer_with(forwarded, 200);
  EXPECT_EQ(lines(), Log{});
  EXPECT_EQ(model.stat("tm:stray_replies"), 1U);
}

TEST_F(TimersTest, LAndMLetCopiesOfASuccessThrough) {
  const auto forwarded = send({});
  answer_with(forwarded, 200);
  lines();
  EXPECT_EQ(watch(31'990), Log{});
  answer_with(forwarded, 200);
  EXPECT_EQ(lines(), Log{"SIP/2.0 200 Answer"});
  model.receive(Request{}.bytes());  // a late copy of the INVITE
  EXPECT_EQ(lines(), Log{});
  watch(10);
  EXPECT_TRUE(model.idle());
  answer_with(forwarded, 200);
  EXPECT_EQ(lines(), Log{});
}

TEST_F(TimersTest, CancelledInviteIsGivenUpAfter64T1) {
  const auto forwarded = send({});
  answer_with(forwarded, 180);
  model.receive(Request{.method = "CANCEL"}.bytes());
  const auto sent = model.take();
  model.receive(answer(sent.at(1).bytes, 200), "127.0.0.1:5080");
  EXPECT_EQ(watch(31'990), Log{});
  EXPECT_EQ(watch(10), Log{"32000 SIP/2.0 487 Request Terminated"});
  EXPECT_EQ(model.stack.transactions.clients(), 0U);
}

TEST_F(TimersTest, TimesAreThoseOfTheConfiguration) {
  Shared::Options options;
  options.timers = {.t1 = 100,
                    .t2 = 200,
                    .t4 = 300,
                    .fr_timeout = 1000,
                    .fr_inv_timeout = 2000,
                    .timer_d = 400,
                    .linger = 500};
  Model other(options);
  other.receive(Request{}.bytes());
  other.take();
  for (int i = 0; i < 100; ++i) other.pass(10);
  const auto sent = other.take_start_lines();
  EXPECT_EQ(std::ranges::count(sent, "INVITE sip:callee@127.0.0.1:5080 SIP/2.0"),
            3);  // at 100, 300, 700
  EXPECT_EQ(sent.back(), "SIP/2.0 408 Request Timeout");
  other.pass(500);
  EXPECT_TRUE(other.idle());
}

}  // namespace
}  // namespace opensips::model
