#include "l6_location/event_feed.hh"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "bindings.hh"

namespace opensips::location::testing {
namespace {

constexpr std::string_view kAlice = "alice@example.com";

/// Two workers, whose turns are this test's.
class Feeding : public ::testing::Test {
 protected:
  struct Home {
    Home(unsigned number, base::Stats& stats, EventFeed& feed) : context(number, 1, 0, stats) {
      context.bus.subscribe<LocationEvent>([this](const LocationEvent& event) {
        seen.push_back(std::to_string(static_cast<int>(event.kind)) + " " + std::string(event.aor) +
                       (event.binding ? " " + std::string(event.binding->contact()) : ""));
      });
      context.bus.start();
      feed.add_worker(mailbox, context);
    }
    ~Home() { mailbox->close(); }

    loop::Inbox inbox{100};
    std::shared_ptr<loop::Mailbox> mailbox = std::make_shared<loop::Mailbox>(inbox);
    loop::Context context;
    std::vector<std::string> seen;
  };

  void insert(std::string_view aor, std::string_view contact) {
    table.update(aor, [&](BindingSetEdit& edit) {
      edit.insert(binding(contact));
      return true;
    });
  }
  std::size_t turn() {
    for (auto& home : homes) home->inbox.drain(1000);
    return homes[0]->seen.size() + homes[1]->seen.size();
  }

  base::Stats stats;
  AorTable table;
  EventFeed feed{table};
  std::vector<std::unique_ptr<Home>> homes;

  void SetUp() override {
    for (unsigned i = 0; i < 2; ++i) homes.push_back(std::make_unique<Home>(i, stats, feed));
  }
};

TEST_F(Feeding, NothingIsPublishedUntilSomebodyWantsIt) {
  insert(kAlice, "sip:alice@192.0.2.1");
  EXPECT_EQ(turn(), 0U);
  feed.want();
  insert(kAlice, "sip:alice@192.0.2.2");
  EXPECT_EQ(turn(), 1U);
  feed.want_no_more();
  insert(kAlice, "sip:alice@192.0.2.3");
  EXPECT_EQ(turn(), 1U);
}

TEST_F(Feeding, AllOfAnAorComesToOneWorkerInItsOrder) {
  feed.want();
  insert(kAlice, "sip:alice@192.0.2.1");
  table.erase(kAlice);
  ASSERT_EQ(turn(), 4U);
  const auto& seen = homes[0]->seen.empty() ? homes[1]->seen : homes[0]->seen;
  const std::vector<std::string> expected{
      "0 alice@example.com", "2 alice@example.com sip:alice@192.0.2.1",
      "4 alice@example.com sip:alice@192.0.2.1", "1 alice@example.com"};
  EXPECT_EQ(seen, expected);
}

TEST_F(Feeding, ManyAorsAreSpreadOverTheWorkers) {
  feed.want();
  for (int i = 0; i < 100; ++i) insert("user" + std::to_string(i) + "@x", "sip:user@192.0.2.1");
  EXPECT_EQ(turn(), 200U);
  EXPECT_GT(homes[0]->seen.size(), 20U);
  EXPECT_GT(homes[1]->seen.size(), 20U);
}

}  // namespace
}  // namespace opensips::location::testing
