// Events from what happens in the layers to who listens: handlers, and runs that wait.

#include <gtest/gtest.h>

#include "lp_routing/event_value.hh"
#include "model/model.hh"

namespace opensips::model {
namespace {

using routing::Engine;
using routing::Value;

class EventsModel : public ::testing::Test {
 protected:
  EventsModel() {
    model.program.on_event = [this](routing::Run& run) {
      told.push_back(run.happened);
      return keep_waiting ? Engine::Progress::waiting : Engine::Progress::finished;
    };
    model.program.on_resume = [this](routing::Run&, const Value& value) {
      woken.push_back(text_of(value));
      return Engine::Progress::finished;
    };
  }
  void handle(std::vector<std::string> names) {
    model.program.event_names = std::move(names);
    model.stack.routing.begin_generation();
  }
  /// The caller's INVITE waits for that event.
  void wait_for(std::string name, routing::EventDesk::Filter filter) {
    model.program.on_request = [=, this](routing::Run& run) {
      EXPECT_TRUE(model.stack.routing.events().wait(run, name, filter));
      model.context.timers.arm(run.timer, 5000);
      return Engine::Progress::waiting;
    };
    model.receive(Request{}.bytes());
  }
  void raise(manage::Event event) {
    model.shared.events.raise(0, std::move(event));
    model.context.run_deferred();
  }
  static std::string text_of(const Value& value) {
    if (const auto* const problem = value.get<routing::Problem>()) return problem->text;
    const auto* const table = value.get<Value::Map>();
    if (!table) return "nil";
    std::string text;
    for (const auto& [name, field] : *table) {
      std::string_view room;
      const auto* const found = field.text(room);
      text.append(name).append("=").append(found ? *found : "?").append(";");
    }
    return text;
  }
  bool nobody_listens() const { return model.shared.events.listened().empty(); }

  Model model;
  std::vector<manage::EventRef> told;
  std::vector<std::string> woken;
  bool keep_waiting = false;
};

TEST_F(EventsModel, TheStatesOfADialogAreEvents) {
  handle({"E_DLG_STATE_CHANGED"});
  model.program.on_request = [this](routing::Run& run) {
    static_cast<void>(model.stack.dialogs.dialogs().create(*run.request, run.server, {}));
    return model.relay_to("sip:callee@127.0.0.1:5080")(run);
  };
  model.receive(Request{}.bytes());
  model.receive(answer(model.take().back().bytes, 200), "127.0.0.1:5080");
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(*told[0]->find("new_state"), manage::EventValue("unconfirmed"));
  EXPECT_EQ(*told[1]->find("old_state"), manage::EventValue("unconfirmed"));
  EXPECT_EQ(*told[1]->find("new_state"), manage::EventValue("unacknowledged"));
  EXPECT_EQ(*told[1]->find("callid"), manage::EventValue("call-1"));
  EXPECT_EQ(*told[1]->find("from_tag"), manage::EventValue("caller"));
  EXPECT_EQ(*told[1]->find("to_tag"), manage::EventValue("callee"));
}

TEST_F(EventsModel, HandlersEndWithTheirGeneration) {
  handle({"E_MINE"});
  raise({"E_MINE", {}});
  handle({});
  raise({"E_MINE", {}});
  EXPECT_EQ(told.size(), 1U);
  EXPECT_TRUE(nobody_listens());
}

TEST_F(EventsModel, HandlersThatStayAreBounded) {
  keep_waiting = true;
  handle({"E_MINE"});
  for (int i = 0; i < 1200; ++i) raise({"E_MINE", {}});
  EXPECT_EQ(told.size(), 1000U);
  EXPECT_EQ(model.stat("event:dropped"), 200U);
}

TEST_F(EventsModel, WhoWaitsIsWokenByTheEventThatFits) {
  wait_for("E_MINE", {{"number", std::int64_t{5}}, {"who", "bob"}});
  raise({"E_MINE", {{"who", "alice"}, {"number", std::int64_t{5}}}});
  raise({"E_MINE", {{"who", "bob"}, {"number", std::int64_t{4}}}});
  raise({"E_MINE", {{"who", "bob"}}});
  raise({"E_OTHER", {{"who", "bob"}, {"number", 5.0}}});
  EXPECT_TRUE(woken.empty());
  raise({"E_MINE", {{"number", 5.0}, {"who", "bob"}}});
  EXPECT_EQ(woken, std::vector<std::string>{"number=?;who=bob;"});
  EXPECT_TRUE(nobody_listens());
}

TEST_F(EventsModel, AWaitWithoutAFilterEndsWithAny) {
  wait_for("E_MINE", {});
  raise({"E_MINE", {{"who", "bob"}}});
  EXPECT_EQ(woken, std::vector<std::string>{"who=bob;"});
}

TEST_F(EventsModel, AWaitHasAnEnd) {
  wait_for("E_MINE", {});
  model.pass(5100);
  EXPECT_EQ(woken, std::vector<std::string>{"timed out"});
  EXPECT_TRUE(nobody_listens());
}

TEST_F(EventsModel, ACancelWakesWhoWaits) {
  wait_for("E_MINE", {{"who", "bob"}});
  Request cancel;
  cancel.method = "CANCEL";
  model.receive(cancel.bytes());
  EXPECT_EQ(woken, std::vector<std::string>{"cancelled"});
  EXPECT_TRUE(nobody_listens());
}

}  // namespace
}  // namespace opensips::model
