#include "tools/subscribers.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace opensips {
namespace {

using storage::Outcome;
using storage::Rows;
using storage::Value;

/// A table that says what a test wants, and remembers what it was asked.
class FakeTable final : public storage::Connection {
 public:
  Outcome execute(const storage::Statement& statement, std::span<const Value> values) override {
    texts.push_back(statement.text);
    last.assign(values.begin(), values.end());
    if (answers.empty()) return Rows{};
    auto answer = std::move(answers.front());
    answers.erase(answers.begin());
    return answer;
  }
  std::expected<void, storage::Error> transaction(Step) override { return {}; }
  void interrupt() override {}
  bool usable() const override { return true; }

  static Outcome row(Value value) { return Rows{.columns = {"x"}, .rows = {{std::move(value)}}}; }

  std::vector<Outcome> answers;
  std::vector<std::string> texts;
  std::vector<Value> last;
};

SubscriberName alice() {
  return {"alice", "example.com"};
}

TEST(SubscriberName, IsSplitAtItsLastSign) {
  EXPECT_EQ(SubscriberName::parse("alice@Example.COM")->text(), "alice@example.com");
  const auto odd = SubscriberName::parse("Alice@home@example.com");
  EXPECT_EQ(odd->user, "Alice@home");
  EXPECT_EQ(odd->domain, "example.com");
  EXPECT_EQ(SubscriberName::parse("J\u00e4s\u00f8n@x")->user, "J\u00e4s\u00f8n");
}

TEST(SubscriberName, IsRefusedIfNobodyCouldLogInByIt) {
  const std::string long_name(65, 'a');
  for (const std::string& text :
       {std::string(), std::string("alice"), std::string("@x"), std::string("alice@"),
        std::string("a:b@x"), std::string("a\nb@x"), std::string("a@x\x7f"), std::string("a\xff@x"),
        long_name + "@x", "x@" + long_name}) {
    EXPECT_FALSE(SubscriberName::parse(text)) << text;
  }
  EXPECT_TRUE(SubscriberName::parse(std::string(64, 'a') + "@x"));
}

TEST(NewPassword, IsLimitedOnlyIfItIsKept) {
  const std::string password(26, 'p');
  EXPECT_FALSE(problem_of({.text = password, .realm = {}}));
  EXPECT_TRUE(problem_of({.text = password, .realm = {}, .is_kept = true}));
  EXPECT_TRUE(problem_of({.text = "", .realm = {}}));
  EXPECT_TRUE(problem_of({.text = "a\tb", .realm = {}}));
}

TEST(SubscribersTable, IsTheOneThatTheServerKnows) {
  FakeTable table;
  Subscribers users(table);
  const auto said = [&](std::vector<Outcome> answers) {
    table.answers = std::move(answers);
    const auto checked = users.check();
    return checked ? "good" : checked.error();
  };
  EXPECT_EQ(said({FakeTable::row(std::int64_t{8})}), "good");
  EXPECT_THAT(said({Rows{}}), testing::HasSubstr("opensipsctl db create"));
  EXPECT_EQ(said({FakeTable::row(std::int64_t{7})}),
            "table subscriber is version 7, expected 8: run `opensipsctl db migrate`");
  EXPECT_EQ(said({FakeTable::row(std::int64_t{9})}), "table subscriber is version 9, expected 8");
}

TEST(SubscribersTable, GetsTheHashesOfTheRealm) {
  FakeTable table;
  Subscribers users(table);
  ASSERT_TRUE(users.add(alice(), {.text = "s3cret", .realm = "r"}));
  ASSERT_EQ(table.last.size(), 6U);
  EXPECT_EQ(table.last[2], Value(""));
  EXPECT_EQ(table.last[3], Value("812d68aea6a4b5f955b7d413cddffbe9"));
  EXPECT_EQ(storage::text_of(table.last[4]).size(), 64U);
  EXPECT_EQ(storage::text_of(table.last[5]).size(), 64U);
}

TEST(SubscribersTable, KeepsAPasswordThatWasKept) {
  FakeTable table;
  Subscribers users(table);
  table.answers = {FakeTable::row("old")};
  ASSERT_TRUE(users.set_password(alice(), {.text = "new", .realm = {}}));
  EXPECT_EQ(table.last.front(), Value("new"));
  table.answers = {FakeTable::row("")};
  ASSERT_TRUE(users.set_password(alice(), {.text = "new", .realm = {}}));
  EXPECT_EQ(table.last.front(), Value(""));
  table.answers = {FakeTable::row("old")};
  EXPECT_FALSE(users.set_password(alice(), {.text = std::string(26, 'p'), .realm = {}}));
}

TEST(SubscribersTable, SaysWhatTheDatabaseSays) {
  FakeTable table;
  Subscribers users(table);
  const storage::Error error{storage::Error::Kind::read_only, "it is read-only"};
  for (int i = 0; i < 4; ++i) table.answers.emplace_back(std::unexpected(error));
  EXPECT_EQ(users.add(alice(), {.text = "x", .realm = {}}).error(), error.text);
  EXPECT_EQ(users.set_password(alice(), {.text = "x", .realm = {}}).error(), error.text);
  EXPECT_EQ(users.remove(alice()).error(), error.text);
  EXPECT_EQ(users.list({}).error(), error.text);
}

}  // namespace
}  // namespace opensips
