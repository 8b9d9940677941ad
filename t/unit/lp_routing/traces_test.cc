#include "lp_routing/traces.hh"

#include <regex>

#include "unit/lp_routing/script_test.hh"

namespace opensips::routing {
namespace {

using manage::Json;

/// A script whose calls an operator follows.
class TracesTest : public ScriptTest {
 protected:
  TracesTest() {
    settings.traces = traces;
    traces->add_to(commands);
    handle(
        "if req.method == 'REGISTER' then error 'no' end\n"
        "local res = req:fork('sip:bob@127.0.0.1:5080')\n"
        "if res then res:forward() else req:reply(480, 'Nobody') end");
  }
  ~TracesTest() override { runs.clear(); }

  manage::CommandResult say(std::string_view command, const Json& parameters = Json::object()) {
    testing::internal::CaptureStderr();
    auto result = commands.call(command, parameters);
    log = testing::internal::GetCapturedStderr();
    return result;
  }
  /// A call whose only branch is answered so; 0: none can be reached.
  void call(std::string_view bytes = kInvite, unsigned code = 486) {
    testing::internal::CaptureStderr();
    if (start(bytes) == Progress::waiting) {
      engine->resume(run(), code == 0 ? Value(Problem{"nobody is there"})
                                      : Value(message_of(response_bytes(code))));
    }
    log = without_folder(testing::internal::GetCapturedStderr());
  }
  /// What is shown of the only call, without times.
  std::string shown(std::string_view command) {
    const auto result = say(command);
    if (!result) return result.error().message;
    EXPECT_EQ(result->size(), 1U);
    std::string text;
    for (const Json& line : result->at(0).back()) text += line.get<std::string>() + "\n";
    return std::regex_replace(std::regex_replace(text, std::regex("(^|\n) *\\d+ ms"), "$1"),
                              std::regex("waited \\d\\.\\d{3} s"), "waited");
  }
  std::string with(std::string_view from, std::string_view to) const {
    std::string bytes(kInvite);
    bytes.replace(bytes.find(from), from.size(), to);
    return bytes;
  }

  const std::shared_ptr<Traces> traces = std::make_shared<Traces>();
  manage::Commands commands;
  std::string log;
};

TEST_F(TracesTest, ShowWhatTheScriptCalledAndWaitedFor) {
  ASSERT_TRUE(say("script:trace"));
  call();
  EXPECT_NE(log.find("trace: call-1: route.lua:5 response:forward()"), std::string::npos) << log;
  const std::string lines = shown("script:trace_show");
  for (const char* const line :
       {"  INVITE from the caller\n",
        "on_request: INVITE sip:bob@example.com:5070;transport=udp;lr from ",
        "  route.lua:3  request.method\n", "  route.lua:4  request:fork(sip:bob@127.0.0.1:5080)\n",
        "  486 Busy from the callee\n", "  waited in request:fork: 486 Busy\n",
        "  route.lua:5  response:forward()\n", "  ended\n"}) {
    EXPECT_NE(lines.find(line), std::string::npos) << line << "in:\n" << lines;
  }
}

TEST_F(TracesTest, AreDrawnAsLadders) {
  ASSERT_TRUE(say("script:trace"));
  call(kInvite, 0);
  const std::string ladder = shown("script:ladder");
  for (const char* const arrow :
       {" | -------------INVITE------------->|", "| -------------INVITE------------->| route.lua:4",
        "|<----------480, Nobody----------- |", "| waited in request:fork: nobody is there"}) {
    EXPECT_NE(ladder.find(arrow), std::string::npos) << arrow << " in:\n" << ladder;
  }
}

TEST_F(TracesTest, SayWhatFailed) {
  ASSERT_TRUE(say("script:trace"));
  call(kRegister);
  EXPECT_NE(log.find("trace: reg-1: failed: "), std::string::npos) << log;
  EXPECT_NE(shown("script:trace_show").find("route.lua:3: no"), std::string::npos);
}

TEST_F(TracesTest, FollowTheServersOwnRequests) {
  ASSERT_EQ(load("local sip = require 'sip'\n"
                 "sip.on_request(function(req) req:reply(200) end)\n"
                 "sip.on_local_request(function(req) req:header('Subject') end)"),
            "");
  ASSERT_TRUE(say("script:trace"));
  ASSERT_EQ(start(kInvite, Handler::local_request), Progress::finished);
  const std::string lines = shown("script:trace_show");
  EXPECT_NE(lines.find("on_local_request: INVITE sip:bob@example.com"), std::string::npos) << lines;
  EXPECT_EQ(lines.find("caller"), std::string::npos) << lines;
}

TEST_F(TracesTest, AreOfTheCallsThatWereAskedFor) {
  const auto traced = [&](const Json& filter, std::string_view bytes) {
    EXPECT_TRUE(say("script:trace", filter));
    call(bytes);
    return say("script:trace_show").has_value();
  };
  EXPECT_TRUE(traced({{"call_id", "call-1"}}, kInvite));
  EXPECT_FALSE(traced({{"call_id", "call-2"}}, kInvite));
  EXPECT_TRUE(traced({{"caller", "alice"}}, kInvite));
  EXPECT_FALSE(traced({{"caller", "alic"}}, kInvite));
  EXPECT_TRUE(traced({{"method", "INVITE"}}, kInvite));
  EXPECT_FALSE(traced({{"method", "INVITE"}}, kRegister));
  EXPECT_TRUE(traced({{"share", "100%"}}, kInvite));
}

TEST_F(TracesTest, TakeTheirShareOfTheCalls) {
  ASSERT_TRUE(say("script:trace", {{"share", "50%"}, {"calls", 200}}));
  for (int i = 0; i < 200; ++i) call(with("call-1", "call-" + std::to_string(i)));
  const auto all = say("script:trace_show");
  ASSERT_TRUE(all);
  EXPECT_GT(all->size(), 50U);
  EXPECT_LT(all->size(), 150U);
}

TEST_F(TracesTest, EndWithTheirNumberOfCallsTheirTimeOrByCommand) {
  ASSERT_TRUE(say("script:trace", {{"calls", 2}}));
  for (const char* const id : {"a", "b", "c", "a"}) call(with("call-1", id));
  EXPECT_EQ(say("script:trace_show")->size(), 2U);

  traces->start({}, 10, std::chrono::seconds(0));
  call();
  EXPECT_FALSE(say("script:trace_show"));

  ASSERT_TRUE(say("script:trace"));
  ASSERT_TRUE(say("script:trace_off"));
  call();
  EXPECT_EQ(log.find("trace:"), std::string::npos) << log;
  EXPECT_FALSE(say("script:trace_show"));
}

TEST_F(TracesTest, RefuseWhatTheyCannotDo) {
  EXPECT_EQ(say("script:trace", {{"share", "no"}}).error().code, 400);
  EXPECT_EQ(say("script:trace", {{"calls", 0}}).error().code, 400);
  EXPECT_EQ(say("script:trace", {{"seconds", 100'000}}).error().code, 400);
  EXPECT_EQ(say("script:ladder", {{"call_id", "x"}}).error().code, 404);
}

TEST_F(TracesTest, KeepSoMuchOfACallAndNoMore) {
  handle("for i = 1, 5000 do local m = req.method end req:drop()");
  ASSERT_TRUE(say("script:trace"));
  call();
  EXPECT_EQ(say("script:trace_show")->at(0)["lines"].size(), 500U);
}

}  // namespace
}  // namespace opensips::routing
