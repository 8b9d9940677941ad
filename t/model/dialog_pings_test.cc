// Pings of a dialog by re-INVITE, with what each side has last said of its media.

#include <gtest/gtest.h>

#include "model/dialog_call.hh"

namespace opensips::model {
namespace {

const std::string kCallersSdp = "v=0\r\ns=caller\r\n", kCalleesSdp = "v=0\r\ns=callee\r\n";

/// The message with a session description in place of its empty body.
std::string with_sdp(std::string message, const std::string& sdp) {
  const std::string none = "Content-Length: 0\r\n\r\n";
  message.erase(message.find(none));
  return message +
         "Content-Type: application/sdp\r\nContent-Length: " + std::to_string(sdp.size()) +
         "\r\n\r\n" + sdp;
}

/// A call of which one side is pinged by re-INVITE every ten seconds.
class PingedCall : public DialogCall {
 public:
  PingedCall()
      : DialogCall({.ping_interval = 10'000, .ping_by_invite = true, .ping_caller = false}) {}

  void establish_with_sdp() {
    model.receive(with_sdp(Request{}.bytes(), kCallersSdp));
    invites.push_back(to_callee());
    model.receive(with_sdp(model::answer(invites[0], 200), kCalleesSdp), kCallee);
    from_caller("ACK", 1);
    take();
  }
  std::string ping() {
    model.advance(10'010);
    return to_callee();
  }
  bool stands() { return model.stat("dialog:active_dialogs") == 1; }
};

TEST(Reinvites, RepeatTheSessionOfTheOtherSide) {
  PingedCall call;
  call.establish_with_sdp();
  const auto invite = call.ping();
  EXPECT_TRUE(invite.starts_with("INVITE sip:callee@127.0.0.1:5080 SIP/2.0\r\n")) << invite;
  EXPECT_TRUE(invite.ends_with("\r\n\r\n" + kCallersSdp));
  EXPECT_EQ(values(invite, "Contact").at(0), "<sip:caller@127.0.0.1:5070>");
  EXPECT_EQ(values(invite, "CSeq").at(0), "2 INVITE");
  call.model.receive(with_sdp(answer(invite, 200), kCalleesSdp), DialogCall::kCallee);
  const auto ack = call.to_callee();
  EXPECT_TRUE(ack.starts_with("ACK sip:callee@127.0.0.1:5080 SIP/2.0\r\n")) << ack;
  EXPECT_EQ(values(ack, "CSeq").at(0), "2 ACK");
  EXPECT_TRUE(call.stands());
  EXPECT_EQ(values(call.from_caller("INFO", 2).at(0), "CSeq").at(0), "3 INFO");
  EXPECT_TRUE(call.ping().starts_with("INVITE ")) << "and so on";
}

TEST(Reinvites, ASideThatKnowsTheCallNoMoreEndsIt) {
  for (const unsigned code : {481U, 408U}) {
    PingedCall call;
    call.establish_with_sdp();
    call.model.receive(answer(call.ping(), code), DialogCall::kCallee);
    EXPECT_FALSE(call.stands()) << code;
    EXPECT_TRUE(call.to_caller().starts_with("BYE sip:caller@127.0.0.1:5070 ")) << code;
  }
}

TEST(Reinvites, ASideThatDoesNotAnswerEndsIt) {
  PingedCall call;
  call.establish_with_sdp();
  call.ping();
  call.model.pass(33'000);
  EXPECT_FALSE(call.stands());
}

TEST(Reinvites, GlareIsLife) {
  PingedCall call;
  call.establish_with_sdp();
  call.model.receive(answer(call.ping(), 491), DialogCall::kCallee);
  EXPECT_TRUE(call.stands());
}

TEST(Reinvites, RepeatTheLastSessionAndMeetNoOtherInvite) {
  PingedCall call;
  call.establish_with_sdp();
  const std::string on_hold = "v=0\r\ns=on hold\r\n";
  const Request hold{.uri = "sip:callee@127.0.0.1:5080",
                     .branch = "z9hG4bKhold",
                     .to_tag = "callee",
                     .cseq = 2,
                     .extra = "Route: " + values(call.invites[0], "Record-Route").at(0) + "\r\n"};
  call.model.receive(with_sdp(hold.bytes(), on_hold));
  const auto onward = call.to_callee();
  const auto meanwhile = call.ping();
  EXPECT_TRUE(meanwhile.starts_with("OPTIONS ")) << meanwhile;
  call.model.receive(answer(meanwhile, 200), DialogCall::kCallee);
  call.model.receive(with_sdp(answer(onward, 200), kCalleesSdp), DialogCall::kCallee);
  call.from_caller("ACK", 2);
  EXPECT_TRUE(call.ping().ends_with("\r\n\r\n" + on_hold));
}

TEST(Reinvites, WithoutASessionToRepeatItIsOptions) {
  PingedCall call;
  call.establish();
  EXPECT_TRUE(call.ping().starts_with("OPTIONS sip:callee@127.0.0.1:5080 SIP/2.0"));
}

}  // namespace
}  // namespace opensips::model
