#include "manage/events.hh"

#include <gtest/gtest.h>

#include "manage/event_commands.hh"
#include "manage/rpc.hh"

namespace opensips::manage {
namespace {

using Scope = Events::Scope;

constexpr EventParameter kFields[] = {{"aor", "string", "whose"}};
constexpr EventType kTypes[] = {{"E_UL_INSERT", "There.", kFields}};

/// Three listeners (two workers and the control thread) whose work waits until it is run.
class EventsTest : public ::testing::Test {
 protected:
  EventsTest() {
    types.add(kTypes);
    events.add_to(statistics);
    for (unsigned number = 0; number < 3; ++number) {
      events.set_listener(number, {.post =
                                       [this](std::function<void()> work) {
                                         posted.push_back(std::move(work));
                                         return !gone;
                                       },
                                   .take =
                                       [this, number](const EventRef& event, bool here) {
                                         taken += std::to_string(number) + (here ? "!" : " ") +
                                                  event->name + ";";
                                       }});
    }
  }
  std::string run() {
    for (const auto& work : std::exchange(posted, {})) work();
    return std::exchange(taken, {});
  }
  std::uint64_t stat(std::string_view name) { return statistics.value(name).value(); }

  EventTypes types;
  base::Stats statistics;
  Events events{2};
  std::vector<std::function<void()>> posted;
  std::string taken;
  bool gone = false;
};

TEST_F(EventsTest, NamesAreKnownByTheirForm) {
  for (const auto* const good : {"E_A", "E_UL_CONTACT_INSERT", "E_2"}) {
    EXPECT_TRUE(is_event_name(good)) << good;
  }
  for (const std::string bad : {"", "E_", "e_a", "E_a", "X_A", "E_A B", "E_A\n"}) {
    EXPECT_FALSE(is_event_name(bad)) << bad;
  }
  EXPECT_FALSE(is_event_name("E_" + std::string(63, 'A')));
}

TEST_F(EventsTest, NamesLikeTheServersAreReserved) {
  EXPECT_TRUE(types.find("E_UL_INSERT"));
  EXPECT_FALSE(types.find("E_UL_INSRT"));
  EXPECT_TRUE(types.is_reserved("E_UL_INSRT"));
  EXPECT_FALSE(types.is_reserved("E_ULTRA"));
  EXPECT_FALSE(types.is_reserved("E_MINE"));
}

TEST_F(EventsTest, NothingIsSentWhileNobodyListens) {
  events.raise(0, {"E_MINE", {}});
  EXPECT_TRUE(posted.empty());
  ASSERT_TRUE(events.listen("E_MINE", 1, Scope::everywhere));
  events.raise(0, {"E_MINE", {}});
  EXPECT_EQ(run(), "1 E_MINE;");
  events.unlisten("E_MINE", 1, Scope::everywhere);
  events.raise(0, {"E_MINE", {}});
  EXPECT_TRUE(posted.empty());
  EXPECT_EQ(stat("event:raised"), 1U);
}

TEST_F(EventsTest, OneTakesCareOfAnEventAndAllWhoWaitHearOfIt) {
  for (const unsigned worker : {0U, 1U}) events.listen("E_MINE", worker, Scope::here);
  events.listen("E_MINE", 0, Scope::everywhere);
  events.raise(1, {"E_MINE", {}});
  EXPECT_EQ(run(), "0 E_MINE;1!E_MINE;");
  events.raise(events.control(), {"E_MINE", {}});
  EXPECT_EQ(run(), "0!E_MINE;");
}

TEST_F(EventsTest, AStormIsDroppedAndCounted) {
  events.listen("E_MINE", 0, Scope::everywhere);
  for (unsigned i = 0; i < Events::kMaxWaiting + 500; ++i) events.raise(0, {"E_MINE", {}});
  EXPECT_EQ(posted.size(), Events::kMaxWaiting);
  EXPECT_EQ(stat("event:dropped"), 500U);
  run();
  events.raise(0, {"E_MINE", {}});
  EXPECT_EQ(posted.size(), 1U);
}

TEST_F(EventsTest, AListenerThatHasGoneTakesNothing) {
  events.listen("E_MINE", 0, Scope::everywhere);
  gone = true;
  for (unsigned i = 0; i < Events::kMaxWaiting + 10; ++i) events.raise(0, {"E_MINE", {}});
  EXPECT_EQ(stat("event:dropped"), 0U);
}

TEST_F(EventsTest, ThereIsAnEndToNames) {
  for (std::size_t i = 0; i < Events::kMaxNames; ++i) {
    ASSERT_TRUE(events.listen("E_" + std::to_string(i), 0, Scope::here));
  }
  EXPECT_FALSE(events.listen("E_MORE", 0, Scope::here));
  EXPECT_TRUE(events.listen("E_1", 1, Scope::here));
}

/// A client that reads, or does not.
class Told final : public Client {
 public:
  bool tell(std::string_view line) override {
    if (reads) lines.emplace_back(line);
    return reads;
  }
  bool reads = true;
  std::vector<std::string> lines;
};

class EventCommandsTest : public EventsTest {
 protected:
  EventCommandsTest() { subscriptions.add_to(commands); }
  Json ask(Client* client, const std::string& method, const Json& params) {
    std::string text;
    answer(commands,
           Json{{"jsonrpc", "2.0"}, {"method", method}, {"params", params}, {"id", 1}}.dump(),
           client)
        .all(text, 1 << 20);
    const auto json = Json::parse(text);
    return json.contains("result") ? json["result"] : json["error"];
  }
  /// What the control thread has been posted.
  void turn() { control.inbox().drain(10'000); }

  loop::Control control;
  Commands commands;
  EventSubscriptions subscriptions{control, events, types};
};

TEST_F(EventCommandsTest, ASubscriberIsToldUntilItGoes) {
  auto client = std::make_unique<Told>();
  EXPECT_EQ(ask(client.get(), "evi:subscribe", {"E_MINE"}), "OK");
  EXPECT_EQ(ask(client.get(), "event_subscribe", {{"event", "E_MINE"}}), "OK");  // once more
  events.raise(1, {"E_MINE", {{"who", "alice\n"}, {"times", std::int64_t{3}}, {"good", true}}});
  turn();
  ASSERT_EQ(client->lines.size(), 1U);
  EXPECT_EQ(client->lines[0], R"({"jsonrpc":"2.0","method":"E_MINE","params":)"
                              R"({"who":"alice\n","times":3,"good":true}})");
  EXPECT_EQ(ask(client.get(), "evi:subscribers", Json::array()),
            (Json{{"Events", {{{"name", "E_MINE"}, {"subscribers", 1}}}}}));
  events.raise(1, {"E_MINE", {}});
  client.reset();
  turn();
  EXPECT_EQ(ask(nullptr, "evi:subscribers", Json::array()), (Json{{"Events", Json::array()}}));
}

TEST_F(EventCommandsTest, ASubscriptionIsTakenBack) {
  Told client;
  ask(&client, "evi:subscribe", {"E_MINE"});
  EXPECT_EQ(ask(&client, "evi:unsubscribe", {"E_MINE"}), "OK");
  EXPECT_EQ(ask(&client, "evi:unsubscribe", {"E_MINE"})["code"], 404);
  events.raise(1, {"E_MINE", {}});
  turn();
  EXPECT_TRUE(client.lines.empty());
}

TEST_F(EventCommandsTest, WhatCannotBeSubscribedToIsRefused) {
  Told client;
  EXPECT_EQ(ask(nullptr, "evi:subscribe", {"E_MINE"})["code"], 400);
  EXPECT_EQ(ask(&client, "evi:subscribe", {"mine"})["code"], 400);
  EXPECT_EQ(ask(&client, "evi:subscribe", {"E_UL_INSRT"})["code"], 404);
  EXPECT_EQ(ask(&client, "evi:subscribe", {"E_MINE", -1})["code"], 400);
}

TEST_F(EventCommandsTest, WhoDoesNotReadLosesEventsAndTheyAreCounted) {
  Told client;
  client.reads = false;
  ask(&client, "evi:subscribe", {"E_MINE"});
  events.raise(1, {"E_MINE", {}});
  turn();
  EXPECT_EQ(stat("event:dropped"), 1U);
}

TEST_F(EventCommandsTest, OperatorsRaiseEventsOfTheirOwn) {
  Told client;
  ask(&client, "evi:subscribe", {"E_MINE"});
  EXPECT_EQ(ask(nullptr, "evi:raise", {{"event", "E_MINE"}, {"params", {{"a", 1}}}}), "OK");
  EXPECT_EQ(ask(nullptr, "raise_event", {"E_MINE", "a=1", "b=x=y"}), "OK");
  turn();
  ASSERT_EQ(client.lines.size(), 2U);
  EXPECT_TRUE(client.lines[0].ends_with(R"("params":{"a":1}})")) << client.lines[0];
  EXPECT_TRUE(client.lines[1].ends_with(R"("params":{"a":"1","b":"x=y"}})")) << client.lines[1];
  EXPECT_EQ(ask(nullptr, "evi:raise", {"E_UL_INSERT"})["code"], 400);
  EXPECT_EQ(ask(nullptr, "evi:raise", {"mine"})["code"], 400);
  EXPECT_EQ(ask(nullptr, "evi:raise", {{"event", "E_MINE"}, {"params", {{"a", {1}}}}})["code"],
            400);
  EXPECT_EQ(ask(nullptr, "evi:raise", {"E_MINE", "a"})["code"], CommandError::kInvalidParameters);
}

TEST_F(EventCommandsTest, ListsWhatThereIs) {
  const auto listed = ask(nullptr, "events_list", Json::array())["Events"];
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0]["name"], "E_UL_INSERT");
  EXPECT_EQ(listed[0]["params"][0]["name"], "aor");
}

}  // namespace
}  // namespace opensips::manage
