// A request other than INVITE that was answered here: its transaction is gone, and yet the same
// request gets the same answer until timer J (RFC 3261 17.2.2), and one that came another way 482.

#include <gtest/gtest.h>

#include "model/model.hh"

namespace opensips::model {
namespace {

class AnsweredRequestsTest : public ::testing::Test {
 protected:
  explicit AnsweredRequestsTest(const Shared::Options& options = {}) : model(options) {}

  /// What the request is answered at once; empty: nothing.
  std::string ask(const Request& request, std::string_view from = "127.0.0.1:5070") {
    model.receive(request.bytes(), from);
    const auto sent = model.take();
    return sent.empty() ? std::string() : sent.back().bytes;
  }
  static std::string start_line(const std::string& message) {
    return message.substr(0, message.find("\r\n"));
  }
  void answer_with(const routing::ReplyOptions& options) {
    model.program.on_request = [this, options](routing::Run& run) {
      const auto sent = model.stack.routing.uas().reply(run, 299, "Fine", options);
      EXPECT_TRUE(sent);
      return routing::Engine::Progress::finished;
    };
  }

  Model model;
};

const Request kMessage{.method = "MESSAGE", .extra = "Content-Type: text/plain\r\n", .body = "hi"};

TEST_F(AnsweredRequestsTest, GetTheSameBytesUntilTimerJ) {
  answer_with({.headers = "X-One: 1\r\nX-Two: 2\r\n", .content_type = "a/b", .body = "c"});
  const auto answer = ask(kMessage);
  EXPECT_EQ(start_line(answer), "SIP/2.0 299 Fine");
  EXPECT_EQ(model.stat("tm:inuse_transactions"), 1U);
  model.pass(16'000);
  EXPECT_EQ(ask(kMessage), answer);
  model.pass(15'980);
  EXPECT_EQ(ask(kMessage), answer);
  EXPECT_EQ(model.program.started, 1);
  EXPECT_EQ(model.stat("tm:retransmissions"), 2U);
  model.pass(30);
  EXPECT_TRUE(model.idle());
  EXPECT_EQ(model.stat("tm:inuse_transactions"), 0U);
  ask(kMessage);
  EXPECT_EQ(model.program.started, 2);
}

TEST_F(AnsweredRequestsTest, EachEndsAtItsOwnTime) {
  answer_with({});
  for (int i = 0; i < 3; ++i) {
    ask({.method = "OPTIONS", .branch = "z9hG4bK" + std::to_string(i), .cseq = i + 1});
    model.pass(10'000);
  }
  EXPECT_EQ(model.stat("tm:inuse_transactions"), 3U);
  model.pass(2'010);
  EXPECT_EQ(model.stat("tm:inuse_transactions"), 2U);
  model.pass(10'000);
  EXPECT_EQ(model.stat("tm:inuse_transactions"), 1U);
  model.pass(10'000);
  EXPECT_TRUE(model.idle());
}

TEST_F(AnsweredRequestsTest, InsideADialogToo) {
  model.program.on_in_dialog = [this](routing::Run& run) {
    EXPECT_TRUE(model.stack.routing.uas().reply(run, 200, {}));
    return routing::Engine::Progress::finished;
  };
  const Request info{.method = "INFO", .to_tag = "callee"};
  const auto answer = ask(info);
  EXPECT_EQ(start_line(answer), "SIP/2.0 200 OK");
  EXPECT_EQ(ask(info), answer);
  EXPECT_EQ(model.program.started, 1);
}

TEST_F(AnsweredRequestsTest, ByAnotherWayAreMerged) {
  answer_with({});
  ask(kMessage);
  auto other = kMessage;
  other.branch = "z9hG4bKother";
  EXPECT_EQ(start_line(ask(other)), "SIP/2.0 482 Loop Detected");
  other.cseq = 2;
  EXPECT_EQ(start_line(ask(other)), "SIP/2.0 299 Fine");
}

TEST_F(AnsweredRequestsTest, GoWhereTheFirstAnswerWent) {
  model.program.on_request = [this](routing::Run& run) {
    model.stack.routing.uas().force_rport(run);
    EXPECT_TRUE(model.stack.routing.uas().reply(run, 200, {}));
    return routing::Engine::Progress::finished;
  };
  model.receive(kMessage.bytes(), "127.0.0.1:40000");
  const auto first = model.take();
  model.receive(kMessage.bytes(), "127.0.0.1:40000");
  const auto again = model.take();
  ASSERT_EQ(first.size(), 1U);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(first[0].to.peer.to_string(), "127.0.0.1:40000");
  EXPECT_EQ(again[0].to.peer.to_string(), "127.0.0.1:40000");
  EXPECT_EQ(again[0].bytes, first[0].bytes);
}

Shared::Options with_domain() {
  Shared::Options options;
  options.registered_domains = {"127.0.0.1"};
  return options;
}

/// L6 answers for the domain.
class AnsweredRegisterTest : public AnsweredRequestsTest {
 protected:
  AnsweredRegisterTest() : AnsweredRequestsTest(with_domain()) {}

  static Request registration(int cseq, const std::string& lifetime = "600") {
    return {.method = "REGISTER",
            .uri = "sip:127.0.0.1:5060",
            .branch = "z9hG4bKregister" + std::to_string(cseq),
            .cseq = cseq,
            .extra = "Expires: " + lifetime + "\r\n"};
  }
};

TEST_F(AnsweredRegisterTest, ARetransmissionIsNoNewRegistration) {
  const auto answer = ask(registration(1));
  EXPECT_EQ(start_line(answer), "SIP/2.0 200 OK");
  model.pass(5'000);
  EXPECT_EQ(ask(registration(1)), answer);  // though the contact has less time left by now
  EXPECT_EQ(model.shared.registrar.accepted_regs(), 1U);
  const auto gone = ask(registration(2, "0"));
  EXPECT_EQ(values(gone, "Contact").size(), 0U);
  EXPECT_EQ(ask(registration(2, "0")), gone);
  EXPECT_EQ(model.shared.registrar.accepted_regs(), 2U);
}

// RFC 3261 10.3, step 7.
TEST_F(AnsweredRegisterTest, AnotherOneWithAnOldNumberIsRefused) {
  ask(registration(7));
  EXPECT_EQ(start_line(ask(registration(6))), "SIP/2.0 500 Out of Order");
  auto same_number = registration(7);
  same_number.branch = "z9hG4bKother";
  EXPECT_EQ(start_line(ask(same_number)), "SIP/2.0 482 Loop Detected");
  model.pass(33'000);
  EXPECT_EQ(start_line(ask(same_number)), "SIP/2.0 500 Out of Order");
  EXPECT_EQ(start_line(ask(registration(8))), "SIP/2.0 200 OK");
}

}  // namespace
}  // namespace opensips::model
