#include "base/event_bus.hh"

#include <gtest/gtest.h>

#include <string>

namespace opensips::base {
namespace {

struct Opened {
  int number = 0;
};
struct Closed {
  int number = 0;
};

TEST(EventBus, CallsTheHandlersOfTheTypeInTheirOrder) {
  std::string calls;
  EventBus bus;
  bus.subscribe<Opened>([&](const Opened& event) { calls += "a" + std::to_string(event.number); });
  bus.subscribe<Opened>([&](const Opened& event) { calls += "b" + std::to_string(event.number); });
  bus.subscribe<Closed>([&](const Closed& event) { calls += "c" + std::to_string(event.number); });
  bus.start();
  bus.publish(Opened{1});
  EXPECT_EQ(calls, "a1b1");
  bus.publish(Closed{2});
  EXPECT_EQ(calls, "a1b1c2");
}

TEST(EventBus, IgnoresWhatNobodySubscribedTo) {
  struct Unknown {};
  EventBus bus;
  bus.subscribe<Opened>([](const Opened&) { FAIL(); });
  bus.start();
  bus.publish(Unknown{});
  bus.publish(Closed{});
}

TEST(EventBus, LetsAHandlerPublish) {
  std::string calls;
  EventBus bus;
  bus.subscribe<Closed>([&](const Closed& event) {
    calls += '<';
    if (event.number > 0) bus.publish(Closed{event.number - 1});
    bus.publish(Opened{});
    calls += '>';
  });
  bus.subscribe<Opened>([&](const Opened&) { calls += 'o'; });
  bus.start();
  bus.publish(Closed{1});
  EXPECT_EQ(calls, "<<o>o>");
}

TEST(EventBus, KeepsBusesApart) {
  int first = 0, second = 0;
  EventBus one, two;
  one.subscribe<Opened>([&](const Opened&) { ++first; });
  two.subscribe<Opened>([&](const Opened&) { ++second; });
  one.start();
  two.start();
  two.publish(Opened{});
  EXPECT_EQ(first, 0);
  EXPECT_EQ(second, 1);
}

#ifndef NDEBUG
TEST(EventBusDeathTest, DoesNotAcceptASubscriberAfterTheStart) {
  EventBus bus;
  bus.start();
  EXPECT_DEATH(bus.subscribe<Opened>([](const Opened&) {}), "started_");
}
#endif

}  // namespace
}  // namespace opensips::base
