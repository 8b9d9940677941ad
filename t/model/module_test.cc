// The test module `good` on all layers: what its functions wait for, and its place on the path.

#include <gtest/gtest.h>
#include <poll.h>

#include <filesystem>
#include <fstream>

#include "lp_routing/functions/table.hh"
#include "lp_routing/layer_services.hh"
#include "lp_routing/lua/loader.hh"
#include "model/model.hh"
#include "unit/module/test_modules.hh"

namespace opensips::model {
namespace {

class ModuleTest : public testing::Test {
 protected:
  ModuleTest() {
    const auto& good = configured.modules.all().front();
    functions.add("good", {good.descriptor->functions.first, good.descriptor->functions.count},
                  good.descriptor->objects, good.module.get());
    services.set_background(mailbox, inbox, offered.host.pool());
  }
  ~ModuleTest() override {
    mailbox->close();
    worker.reset();  // before the model that it refers to
    configured.modules.stop();
    std::filesystem::remove(script);
  }

  void start_modules(loop::Context& context) {
    ASSERT_EQ(configured.errors(), "");
    ASSERT_TRUE(configured.modules.start(offered.host, *configured.loaded));
    ASSERT_TRUE(configured.modules.start_on(worker.emplace(context), *configured.loaded));
  }

  /// Runs these lines for each request.
  void handle(const std::string& lines) {
    std::ofstream(script) << "local good = require 'good'\nlocal function answer(req, text) "
                             "req:reply(299, 'x', {content_type='text/plain', body=tostring(text)})"
                             " end\nsip.on_request(function(req)\n"
                          << lines << "\nend)\n";
    routing::lua::Settings settings;
    settings.script = script;
    settings.functions = &functions;
    routing::lua::Loader loader(model.shared.generations, settings, {&services}, 2);
    const auto loaded = loader.load();
    ASSERT_TRUE(loaded) << loaded.error();
  }

  void request(const std::string& call_id, const std::string& method = "OPTIONS") {
    model.receive(
        Request{.method = method, .branch = "z9hG4bK" + call_id, .call_id = call_id}.bytes());
  }
  /// The bodies of the final answers since the last call.
  std::vector<std::string> answers() {
    std::vector<std::string> bodies;
    for (const auto& one : model.take()) {
      if (one.bytes.starts_with("SIP/2.0 1")) continue;
      bodies.push_back(one.bytes.substr(one.bytes.find("\r\n\r\n") + 4));
    }
    return bodies;
  }
  /// Waits until another thread has posted something, and lets it happen.
  void take_post() {
    pollfd waiting{inbox.wake_fd(), POLLIN, 0};
    ASSERT_EQ(poll(&waiting, 1, 10'000), 1);
    inbox.drain(100);
    model.context.run_deferred();
  }

  using Bodies = std::vector<std::string>;

  const std::string script = std::filesystem::temp_directory_path() /
                             ("opensips-module-" + std::to_string(getpid()) + ".lua");
  modules::Offered offered;
  modules::Configured configured{"loadmodule \"good.so\"\n"};
  routing::FunctionTable functions;
  loop::Inbox inbox{100};
  std::shared_ptr<loop::Mailbox> mailbox = std::make_shared<loop::Mailbox>(inbox);
  std::optional<modules::Worker> worker;
  Model model{{}, [this](loop::Context& context) { start_modules(context); }};
  routing::LayerServices services{model.stack.routing,    model.stack.uac,
                                  model.shared.sockets,   model.shared.locations,
                                  model.shared.registrar, model.shared.script_tables};
};

TEST_F(ModuleTest, WorkInTheBackgroundBringsItsResult) {
  handle("answer(req, good.later(req.call_id))");
  request("a");
  EXPECT_EQ(answers(), Bodies{});
  take_post();
  EXPECT_EQ(answers(), Bodies{"a later"});
  EXPECT_EQ(model.stack.routing.runs(), 0U);
}

TEST_F(ModuleTest, WhatTheWorkThrowsIsAFailure) {
  handle("local text, why = good.later('throw') answer(req, why)");
  request("a");
  take_post();
  EXPECT_EQ(answers(), Bodies{"thrown"});
}

TEST_F(ModuleTest, AWakerWakesItsWaitAndNoOther) {
  handle(
      "if req.call_id == 'a' then local one = good.wait() sip.sleep(3600) answer(req, one) "
      "else answer(req, good.wake(req.call_id)) end");
  request("a");
  request("b");
  take_post();
  EXPECT_EQ(answers(), Bodies{"true"});
  request("c");  // the same waker again: by now the handler sleeps
  take_post();
  EXPECT_EQ(answers(), Bodies{"true"});
  EXPECT_EQ(model.stack.routing.runs(), 1U);
  model.advance(3'600'010);
  EXPECT_EQ(answers(), Bodies{"b"});
}

TEST_F(ModuleTest, WakingWhatHasEndedDoesNothing) {
  handle(
      "if req.method == 'INVITE' then local one, why = good.wait() answer(req, why) "
      "else answer(req, good.wake('late')) end");
  request("a", "INVITE");
  request("a", "CANCEL");
  EXPECT_EQ(model.stack.routing.runs(), 0U);
  answers();
  request("b");
  take_post();
  EXPECT_EQ(answers(), Bodies{"true"});
}

TEST_F(ModuleTest, AWakerOfAWorkerThatHasGoneSaysSo) {
  handle("if req.call_id == 'a' then good.wait() else answer(req, good.wake('late')) end");
  request("a");
  mailbox->close();
  request("b");
  EXPECT_EQ(answers(), Bodies{"false"});
}

TEST_F(ModuleTest, AFunctionMayAnswerAndEndTheHandler) {
  handle("pcall(function() good.refuse(403) end) answer(req, 'not reached')");
  for (const std::string call_id : {"a", "b"}) {
    request(call_id);
    EXPECT_EQ(answers(), Bodies{});
    take_post();
    const auto sent = model.take();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_TRUE(sent[0].bytes.starts_with("SIP/2.0 403 no\r\n")) << sent[0].bytes;
    EXPECT_NE(sent[0].bytes.find("X-Why: no\r\n"), std::string::npos) << sent[0].bytes;
    EXPECT_EQ(model.stack.routing.runs(), 0U);
  }
}

TEST_F(ModuleTest, AFunctionMayAnswerAndLetTheHandlerGoOn) {
  handle("local sent = good.refuse(404, true) assert(sent) assert(not good.refuse(404, true))");
  request("a");
  take_post();
  EXPECT_EQ(answers().size(), 1U);
  EXPECT_EQ(model.stack.routing.runs(), 0U);
}

TEST_F(ModuleTest, AFunctionMayEndTheHandlerAtOnce) {
  handle("good.leave() answer(req, 'not reached')");
  request("a");
  EXPECT_EQ(model.stack.routing.runs(), 0U);
  EXPECT_TRUE(model.take().empty());
}

TEST_F(ModuleTest, TheRestOfAFunctionIsNotRunForACallerWhoHasGivenUp) {
  handle("local sent, why = good.refuse(403, true) answer(req, why)");
  request("a", "INVITE");
  request("a", "CANCEL");
  answers();
  take_post();
  EXPECT_EQ(answers(), Bodies{});
  EXPECT_EQ(model.stack.routing.runs(), 0U);
}

TEST_F(ModuleTest, ItsPartOnTheWorkerSeesWalksEventsAndTime) {
  handle("answer(req, good.count())");
  request("a");
  EXPECT_EQ(answers(), Bodies{"1000001"});
  EXPECT_EQ(model.shared.stats.value("good:said"), std::nullopt);  // those are the offered ones
  model.pass(200);
  model.fail({});
  request("b");
  EXPECT_EQ(answers(), Bodies{"2001004"});
}

}  // namespace
}  // namespace opensips::model
