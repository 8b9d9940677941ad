// Handlers of branches and responses, through all layers: what they change, and for how long what
// belongs to the transaction is there.

#include <gtest/gtest.h>

#include <algorithm>

#include "l1_parser/message_view.hh"
#include "model/model.hh"

namespace opensips::model {
namespace {

using Lines = std::vector<std::string>;
using Progress = routing::Engine::Progress;

const std::string kA = "127.0.0.1:5081", kB = "127.0.0.1:5082";

class PassingTest : public ::testing::Test {
 protected:
  /// What the handlers of responses have seen.
  routing::Engine::Progress note(routing::Run& run) {
    seen.push_back(run.responses.front()->code());
    return Progress::finished;
  }
  void send_invite() {
    model.receive(Request{}.bytes());
    sent = model.take();
    if (!sent.empty() && sent.front().bytes.starts_with("SIP/2.0 100")) sent.erase(sent.begin());
  }

  Model model;
  std::vector<Network::Sent> sent;
  std::vector<unsigned> seen;
};

TEST_F(PassingTest, WhatIsChangedOfABranchIsChangedForItAlone) {
  model.program.on_request = model.fork_to({"sip:x@" + kA, "sip:x@" + kB});
  model.program.on_branch = [](routing::Run& run) {
    auto& request = *run.request;
    const bool is_first = parser::effective_uri(request).ends_with("5081");
    EXPECT_TRUE(parser::add_header(request, "X-Branch", is_first ? "a" : "b"));
    if (is_first) {
      EXPECT_EQ(parser::remove_headers(request, "X-Unknown"), 1U);
      request.edits().set_body("of the first");
    }
    return Progress::finished;
  };
  send_invite();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(values(sent[0].bytes, "X-Branch"), Lines{"a"});
  EXPECT_EQ(values(sent[1].bytes, "X-Branch"), Lines{"b"});
  EXPECT_EQ(values(sent[0].bytes, "X-Unknown"), Lines{});
  EXPECT_EQ(values(sent[1].bytes, "X-Unknown"), Lines{" kept as it is "});
  EXPECT_EQ(values(sent[0].bytes, "Content-Length"), Lines{"12"});
  EXPECT_TRUE(sent[0].bytes.ends_with("\r\n\r\nof the first"));
  EXPECT_EQ(values(sent[1].bytes, "Content-Length"), Lines{"0"});
  for (const auto& one : sent) {
    EXPECT_EQ(values(one.bytes, "Via").size(), 2U);
    EXPECT_EQ(values(one.bytes, "Max-Forwards"), Lines{"69"});
    EXPECT_EQ(values(one.bytes, "Record-Route").size(), 1U);
  }
}

TEST_F(PassingTest, ABranchKeepsWhatWasChangedForAll) {
  model.program.on_request = [this](routing::Run& run) {
    EXPECT_TRUE(parser::set_header(*run.request, "X-Unknown", "for all"));
    return model.relay_to("sip:x@" + kA)(run);
  };
  model.program.on_branch = [](routing::Run& run) {
    EXPECT_EQ(parser::header(*run.request, "X-Unknown"), "for all");
    return Progress::finished;
  };
  send_invite();
  EXPECT_EQ(values(sent.at(0).bytes, "X-Unknown"), Lines{"for all"});
}

TEST_F(PassingTest, ABranchGoesWhereItsNewRequestUriSays) {
  model.program.on_request = model.relay_to("sip:x@" + kA);
  model.program.on_branch = [](routing::Run& run) {
    run.request->edits().set_uri("sip:other@127.0.0.1:5082");
    return Progress::finished;
  };
  send_invite();
  EXPECT_TRUE(sent.at(0).bytes.starts_with("INVITE sip:other@127.0.0.1:5082 SIP/2.0\r\n"));
  EXPECT_EQ(sent.at(0).to.peer.to_string(), kB);
}

TEST_F(PassingTest, ABranchLeavesByTheSocketOfItsTarget) {
  const auto other = model.shared.sockets.add(base::Transport::udp,
                                              *base::Address::parse("127.0.0.1", 5099), "", 0);
  model.program.on_request = [this, other](routing::Run& run) {
    const routing::Target targets[] = {
        {.uri = as_uri("sip:x@127.0.0.1:5081"), .flow = {}, .next_hop = {}, .socket = other},
        {.uri = as_uri("sip:x@127.0.0.1:5082"), .flow = {}, .next_hop = {}}};
    EXPECT_TRUE(model.stack.routing.proxy().fork(run, targets, {}));
    return Progress::finished;
  };
  std::vector<std::uint16_t> seen_sockets;
  model.program.on_branch = [&](routing::Run& run) {
    seen_sockets.push_back(run.socket);
    return Progress::finished;
  };
  send_invite();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].to.socket, other);
  EXPECT_NE(values(sent[0].bytes, "Via").at(0).find("127.0.0.1:5099"), std::string::npos);
  EXPECT_EQ(sent[1].to.socket, 0);
  EXPECT_EQ(seen_sockets, (std::vector<std::uint16_t>{other, base::Flow::kAnySocket}));
}

TEST_F(PassingTest, TheHandlerOfResponsesCallsTheInviteOff) {
  model.program.on_request = model.fork_to({"sip:x@" + kA, "sip:x@" + kB});
  model.program.on_response = [this](routing::Run& run) {
    if (run.responses.front()->code() == 183) {
      model.stack.routing.cancel(run, "Reason: Q.850;cause=17\r\n");
    }
    return Progress::finished;
  };
  send_invite();
  model.receive(answer(sent[1].bytes, 180), kB);
  model.take();
  model.receive(answer(sent[0].bytes, 183), kA);
  const auto after = model.take();
  ASSERT_EQ(after.size(), 3U);
  EXPECT_TRUE(after[0].bytes.starts_with("SIP/2.0 183"));  // it was on its way
  for (const auto i : {1U, 2U}) {
    EXPECT_TRUE(after[i].bytes.starts_with("CANCEL ")) << after[i].bytes;
    EXPECT_EQ(values(after[i].bytes, "Reason"), Lines{"Q.850;cause=17"});
  }
  model.receive(answer(sent[0].bytes, 487), kA);
  model.receive(answer(sent[1].bytes, 487), kB);
  const auto lines = model.take_start_lines();
  EXPECT_EQ(std::ranges::count(lines, "SIP/2.0 487 Request Terminated") +
                std::ranges::count(lines, "SIP/2.0 487 Answer"),
            1);
  model.pass(40'000);
  EXPECT_TRUE(model.idle());
}

TEST_F(PassingTest, ABranchThatIsDroppedIsNotSent) {
  model.program.on_request = model.fork_to({"sip:x@" + kA, "sip:x@" + kB});
  model.program.on_branch = [](routing::Run& run) {
    run.dropped = parser::effective_uri(*run.request).ends_with("5081");
    return Progress::finished;
  };
  send_invite();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].to.peer.to_string(), kB);
  EXPECT_EQ(model.stat("script:dropped_branches"), 1U);
}

TEST_F(PassingTest, WithoutABranchLeftTheAnswerIs480AndAfterAFailure500) {
  model.program.on_request = model.relay_to("sip:x@" + kA);
  model.program.on_branch = [](routing::Run& run) {
    run.dropped = true;
    return Progress::finished;
  };
  model.receive(Request{}.bytes());
  EXPECT_EQ(model.take_start_lines().back(), "SIP/2.0 480 Temporarily Unavailable");
  model.program.on_branch = [](routing::Run&) { return Progress::failed; };
  model.receive(Request{.branch = "z9hG4bKother", .call_id = "call-2"}.bytes());
  EXPECT_EQ(model.take_start_lines().back(), "SIP/2.0 500 Server Internal Error");
  model.pass(40'000);
  EXPECT_TRUE(model.idle());
}

TEST_F(PassingTest, EveryResponseOfEveryBranchIsSeenBeforeTheBestIsChosen) {
  model.program.on_request = model.fork_to({"sip:x@" + kA, "sip:x@" + kB});
  model.program.on_response = [this](routing::Run& run) { return note(run); };
  send_invite();
  model.receive(answer(sent[0].bytes, 100), kA);
  model.receive(answer(sent[0].bytes, 180), kA);
  model.receive(answer(sent[0].bytes, 404), kA);
  model.receive(answer(sent[0].bytes, 404), kA);  // a copy
  model.receive(answer(sent[1].bytes, 486), kB);
  EXPECT_EQ(seen, (std::vector<unsigned>{180, 404, 486}));
  model.pass(40'000);
  EXPECT_TRUE(model.idle());
}

TEST_F(PassingTest, AResponseIsChangedForTheCaller) {
  model.program.on_request = model.relay_to("sip:x@" + kA);
  model.program.on_response = [](routing::Run& run) {
    EXPECT_TRUE(parser::add_header(*run.responses.front(), "X-Seen", "yes"));
    return Progress::finished;
  };
  send_invite();
  for (int i = 0; i < 2; ++i) {  // a 2xx that is repeated is another one each time
    model.receive(answer(sent[0].bytes, 200), kA);
    EXPECT_EQ(values(model.take().at(0).bytes, "X-Seen"), Lines{"yes"});
  }
}

TEST_F(PassingTest, OnlyAProvisionalResponseCanBeDropped) {
  model.program.on_request = model.relay_to("sip:x@" + kA);
  model.program.on_response = [](routing::Run& run) {
    run.dropped = true;
    return Progress::finished;
  };
  send_invite();
  model.receive(answer(sent[0].bytes, 183), kA);
  EXPECT_EQ(model.take_start_lines(), Lines{});
  EXPECT_EQ(model.stat("script:dropped_replies"), 1U);
  model.receive(answer(sent[0].bytes, 200), kA);
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 200 Answer"});
}

TEST_F(PassingTest, AFailureOfTheHandlerHoldsNoResponseUp) {
  model.program.on_request = model.relay_to("sip:x@" + kA);
  model.program.on_response = [](routing::Run&) { return Progress::failed; };
  send_invite();
  model.receive(answer(sent[0].bytes, 180), kA);
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 180 Answer"});
}

TEST_F(PassingTest, WhatIsMadeHereInPlaceOfAnAnswerIsSeenToo) {
  model.program.on_request = model.relay_to("sip:x@" + kA);
  model.program.on_response = [this](routing::Run& run) { return note(run); };
  send_invite();
  model.pass(40'000);
  EXPECT_EQ(seen, std::vector<unsigned>{408});
}

TEST_F(PassingTest, TheRunOfTheRequestIsThereUntilItsTransactionHasEnded) {
  routing::RunId id;
  int* table = nullptr;
  model.program.on_request = [&](routing::Run& run) {
    run.kept.table = 7;
    id = run.id;
    return model.relay_to("sip:x@" + kA)(run);
  };
  model.program.on_response = [&](routing::Run& run) {
    EXPECT_EQ(run.request_run->id, id);
    table = &run.kept_with_request().table;
    EXPECT_EQ(*table, 7);
    return Progress::finished;
  };
  send_invite();
  EXPECT_EQ(model.stack.routing.runs(), 1U);
  model.receive(answer(sent[0].bytes, 200), kA);
  EXPECT_NE(table, nullptr);
  EXPECT_EQ(model.program.released, 0);
  model.pass(40'000);
  EXPECT_EQ(model.program.released, 1);
  EXPECT_TRUE(model.idle());
}

TEST_F(PassingTest, WithoutAHandlerNothingIsKept) {
  model.program.on_request = [&](routing::Run& run) {
    run.kept.table = 7;
    return model.relay_to("sip:x@" + kA)(run);
  };
  send_invite();
  EXPECT_EQ(model.stack.routing.runs(), 0U);
  EXPECT_EQ(model.program.released, 1);
}

TEST_F(PassingTest, ARequestInsideADialogIsNobodysBranch) {
  model.program.on_request = model.relay_to("sip:x@" + kA);
  model.program.on_response = [this](routing::Run& run) { return note(run); };
  send_invite();
  const auto ok = answer(sent[0].bytes, 200);
  model.receive(ok, kA);
  const auto route = values(ok, "Record-Route").at(0);
  model.take();
  model.receive(Request{.method = "BYE",
                        .uri = "sip:callee@127.0.0.1:5080",
                        .branch = "z9hG4bKbye",
                        .to_tag = "callee",
                        .cseq = 2,
                        .extra = "Route: " + route + "\r\n"}
                    .bytes());
  const auto bye = model.take();
  model.receive(answer(bye.at(0).bytes, 200), "127.0.0.1:5080");
  EXPECT_EQ(seen, std::vector<unsigned>{200});
}

}  // namespace
}  // namespace opensips::model
