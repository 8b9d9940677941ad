#include "l6_location/commands.hh"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace opensips::location {
namespace {

using manage::CommandError;
using manage::Json;

class LocationCommandsTest : public ::testing::Test {
 protected:
  LocationCommandsTest() {
    sockets.add(base::Transport::udp, *base::Address::parse("127.0.0.1", 5060), "", 0);
    add_commands(commands, table, sockets);
  }
  Json call(std::string_view name, const Json& parameters = {}) {
    auto result = commands.call(name, parameters);
    EXPECT_TRUE(result) << result.error().message;
    return result.value_or(Json());
  }
  int code(std::string_view name, const Json& parameters) {
    const auto result = commands.call(name, parameters);
    return result ? 0 : result.error().code;
  }
  void add(const std::string& aor, const std::string& contact) {
    EXPECT_EQ(call("ul_add", {"location", aor, contact, 60}), "OK");
  }

  AorTable table;
  transport::Sockets sockets;
  manage::Commands commands;
};

TEST_F(LocationCommandsTest, dump_is_whole_json_whatever_is_in_the_table) {
  EXPECT_EQ(call("ul_dump"),
            Json::parse(R"({"Domains":[{"name":"location","hash_size":256,"AORs":[]}]})"));
  for (int i = 0; i < 1000; ++i) add("u" + std::to_string(i) + "@h", "sip:u@192.0.2.1");
  const auto aors = call("usrloc:dump")["Domains"][0]["AORs"];
  EXPECT_EQ(aors.size(), 1000U);
  for (const auto& one : aors) EXPECT_EQ(one["Contacts"].size(), 1U);
  const auto brief = call("ul_dump", {{"brief", "brief"}})["Domains"][0]["AORs"];
  EXPECT_EQ(brief.size(), 1000U);
  EXPECT_EQ(brief[0].size(), 1U);
}

TEST_F(LocationCommandsTest, dump_of_a_part_and_in_pages) {
  for (int i = 0; i < 100; ++i) add("u" + std::to_string(i) + "@h", "sip:u@192.0.2.1");
  const auto dumped = [&](const Json& parameters) {
    std::vector<std::string> aors;
    const auto result = call("ul_dump", parameters);
    for (const auto& one : result["Domains"][0]["AORs"]) {
      aors.push_back(one["AOR"]);
    }
    return aors;
  };
  EXPECT_EQ(dumped({{"aor", "u42@"}}), (std::vector<std::string>{"u42@h"}));
  EXPECT_EQ(dumped({{"aor", "u4"}}).size(), 11U);
  std::set<std::string> all;
  for (int index = 0; index < 100; index += 30) {
    const auto page = dumped({{"brief", "x"}, {"index", index}, {"counter", 30}});
    EXPECT_EQ(page.size(), index == 90 ? 10U : 30U);
    all.insert(page.begin(), page.end());
  }
  EXPECT_EQ(all.size(), 100U);
  EXPECT_TRUE(dumped({{"counter", 0}}).empty());
  EXPECT_EQ(code("ul_dump", {{"index", -1}}), 400);
}

TEST_F(LocationCommandsTest, nothing_is_said_of_contacts_that_memory_does_not_have) {
  manage::Commands others;
  std::string why = "contacts are being loaded";
  add_commands(others, table, sockets, [&] { return why; });
  for (const auto* name : {"ul_show_contact", "ul_rm"}) {
    EXPECT_EQ(others.call(name, {"location", "a@h"}).error().code, 503) << name;
  }
  EXPECT_EQ(others.start("ul_dump", {}).error().code, 503);
  why.clear();
  EXPECT_EQ(others.call("ul_rm", {"location", "a@h"}).error().code, 404);
}

TEST_F(LocationCommandsTest, dump_holds_no_more_than_a_stripe) {
  for (int i = 0; i < 2000; ++i) add("u" + std::to_string(i) + "@h", "sip:u@192.0.2.1");
  auto answer = commands.start("ul_dump", {});
  auto& pieces = std::get<manage::ResultPieces>(*answer);
  std::size_t most = 0, count = 0;
  for (bool more = true; more; ++count) {
    std::string piece;
    more = pieces(piece);
    most = std::max(most, piece.size());
  }
  EXPECT_EQ(count, table.stripes());
  EXPECT_LT(most, 20'000U);
}

TEST_F(LocationCommandsTest, a_table_that_changes_between_two_pieces_is_still_json) {
  for (int i = 0; i < 500; ++i) add("u" + std::to_string(i) + "@h", "sip:u@192.0.2.1");
  auto answer = commands.start("ul_dump", {});
  auto& pieces = std::get<manage::ResultPieces>(*answer);
  std::string text;
  for (int i = 0; pieces(text); ++i) {
    table.erase("u" + std::to_string(i) + "@h");
    add("new" + std::to_string(i) + "@h", "sip:n@192.0.2.1");
  }
  EXPECT_TRUE(Json::accept(text));
}

TEST_F(LocationCommandsTest, add_makes_and_changes_a_contact) {
  add("sip:Alice@EXAMPLE.com", "sip:a@192.0.2.1:5062;ob");
  EXPECT_EQ(call("ul_add", {"location", "Alice@example.com", "sip:a@192.0.2.1:5062;ob", "90",
                            "0.25", "", "0", "0", "4294967295"}),
            "OK");
  const auto shown = call("ul_show_contact", {"location", "Alice@example.com"});
  EXPECT_EQ(shown["AOR"], "Alice@example.com");
  ASSERT_EQ(shown["Contacts"].size(), 1U);
  const auto& contact = shown["Contacts"][0];
  EXPECT_EQ(contact["Contact"], "sip:a@192.0.2.1:5062;ob");
  EXPECT_EQ(contact["Expires"], 90);
  EXPECT_EQ(contact["Q"], "0.25");
  EXPECT_FALSE(contact.contains("Received"));
}

TEST_F(LocationCommandsTest, a_contact_tells_how_it_registered) {
  table.update("bob@h", [](BindingSetEdit& edit) {
    edit.insert(Binding::make({.contact = "sip:bob@10.0.0.1",
                               .call_id = "c\xff",
                               .user_agent = "Phone",
                               .received = {*base::Address::parse("192.0.2.9", 1024), 0},
                               .expires_at = 1,
                               .cseq = 7}));
    return true;
  });
  const auto contact = call("ul_show_contact", {"location", "bob@h"})["Contacts"][0];
  EXPECT_EQ(contact["Received"], "sip:192.0.2.9:1024");
  EXPECT_EQ(contact["Socket"], "udp:127.0.0.1:5060");
  EXPECT_EQ(contact["Expires"], "expired");
  EXPECT_EQ(contact["Cseq"], 7);
  EXPECT_TRUE(Json::accept(manage::to_text(contact)));
}

TEST_F(LocationCommandsTest, what_is_not_there_is_said) {
  add("alice@h", "sip:a@192.0.2.1");
  EXPECT_EQ(code("ul_rm", {"subscriber", "alice@h"}), 404);
  EXPECT_EQ(code("ul_rm", {"location", "bob@h"}), 404);
  EXPECT_EQ(code("ul_show_contact", {"location", "bob@h"}), 404);
  EXPECT_EQ(code("ul_rm_contact", {"location", "alice@h", "sip:b@192.0.2.1"}), 404);
  EXPECT_EQ(code("ul_rm_contact", {"location", "alice@h", "sip:a@192.0.2.1"}), 0);
  EXPECT_EQ(code("ul_rm_contact", {"location", "alice@h", "sip:a@192.0.2.1"}), 404);
  EXPECT_EQ(table.users(), 0U);
}

TEST_F(LocationCommandsTest, what_cannot_be_is_refused) {
  for (const auto& bad :
       {Json{"location", "<>", "sip:a@h", 60}, Json{"location", "a%zz@h", "sip:a@h", 60},
        Json{"location", std::string(600, 'a') + "@h", "sip:a@h", 60},
        Json{"location", "a@h", "tel:1", 60}, Json{"location", "a@h", "", 60},
        Json{"location", "a@h", "sip:a@h", 0}, Json{"location", "a@h", "sip:a@h", -1},
        Json{"location", "a@h", "sip:a@h", 60, "1.5"}, Json{"location", "a@h", "sip:a@h", 60, "x"},
        Json{"location", "a@h", "sip:a@h", 60, "nan"},
        Json{"location", "a@h", "sip:" + std::string(70'000, 'a') + "@h", 60}}) {
    EXPECT_EQ(code("ul_add", bad), 400) << manage::to_text(bad).substr(0, 80);
  }
  EXPECT_EQ(table.users(), 0U);
}

}  // namespace
}  // namespace opensips::location
