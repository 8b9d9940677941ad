#include "manage/core_commands.hh"

#include <gtest/gtest.h>

#include "base/log.hh"
#include "manage/stats_commands.hh"

namespace opensips::manage {
namespace {

class CoreCommandsTest : public ::testing::Test {
 protected:
  CoreCommandsTest() {
    add_core_commands(commands, std::time(nullptr) - 7, [this] { ++stops; });
    add_stats_commands(commands, stats);
    requests = stats.counter("core:rcv_requests");
    in_use = stats.gauge("tm:inuse_transactions");
    stats.function("load:load", [] { return 12; });
    mine.add(requests, 5);
    mine.add(in_use, 3);
  }
  ~CoreCommandsTest() override { base::log_set_level(level_before); }

  Json call(std::string_view name, const Json& parameters = {}) {
    auto result = commands.call(name, parameters);
    EXPECT_TRUE(result) << result.error().message;
    return result.value_or(Json());
  }
  int code(std::string_view name, const Json& parameters = {}) {
    const auto result = commands.call(name, parameters);
    return result ? 0 : result.error().code;
  }

  const int level_before = base::log_level();
  Commands commands;
  base::Stats stats;
  base::StatsBlock& mine = stats.new_block();
  base::Counter requests, in_use;
  int stops = 0;
};

TEST_F(CoreCommandsTest, version_names_the_server) {
  EXPECT_TRUE(call("version")["Server"].get<std::string>().starts_with("OpenSIPS ("));
}

TEST_F(CoreCommandsTest, uptime_counts_from_the_start) {
  const auto uptime = call("uptime");
  const auto time = uptime["Up time"].get<std::string>();
  EXPECT_GE(std::stoi(time), 7);
  EXPECT_LT(std::stoi(time), 60);
  EXPECT_TRUE(time.ends_with(" [sec]"));
  EXPECT_EQ(uptime["Now"].get<std::string>().size(), 24U);
  EXPECT_EQ(uptime["Up since"].get<std::string>().size(), 24U);
}

TEST_F(CoreCommandsTest, which_lists_both_names) {
  const auto names = call("which").get<std::vector<std::string>>();
  for (const auto* name : {"which", "kill", "statistics:get", "get_statistics"}) {
    EXPECT_NE(std::ranges::find(names, name), names.end()) << name;
  }
}

TEST_F(CoreCommandsTest, help_explains_a_command_by_either_name) {
  const auto help = call("help", {"get_statistics"});
  EXPECT_EQ(help["Name"], "statistics:get");
  EXPECT_EQ(help["Old name"], "get_statistics");
  EXPECT_EQ(help["Exported by"], "statistics");
  EXPECT_EQ(help["Parameters"][0]["Name"], "statistics");
  EXPECT_EQ(help["Parameters"][0]["Type"], "a list");
  EXPECT_EQ(call("help", {"kill"})["Exported by"], "core");
  EXPECT_EQ(code("help", {"nothing"}), 404);
  EXPECT_EQ(call("help").size(), commands.all().size());
}

TEST_F(CoreCommandsTest, everything_is_explained) {
  for (const auto& command : commands.all()) {
    EXPECT_TRUE(command.doc.ends_with('.')) << command.name;
    for (const auto& parameter : command.parameters) {
      EXPECT_TRUE(parameter.doc.ends_with('.')) << command.name << " " << parameter.name;
    }
  }
}

TEST_F(CoreCommandsTest, log_level_is_told_and_changed) {
  EXPECT_EQ(call("log_level", {4}), Json({{"New global log level", 4}}));
  EXPECT_EQ(base::log_level(), 4);
  EXPECT_EQ(call("log_level")["Processes"][0]["Log level"], 4);
  EXPECT_EQ(call("log_level", {"-1"}), Json({{"New global log level", -1}}));
  EXPECT_EQ(code("log_level", {5}), 400);
  EXPECT_EQ(code("log_level", {-4}), 400);
  EXPECT_EQ(base::log_level(), -1);
}

TEST_F(CoreCommandsTest, kill_stops_the_server) {
  EXPECT_EQ(call("kill"), "OK");
  EXPECT_EQ(stops, 1);
}

TEST_F(CoreCommandsTest, statistics_are_read_as_operators_write_them) {
  EXPECT_EQ(call("statistics:get", {{"all"}}),
            Json({{"core:rcv_requests", 5}, {"tm:inuse_transactions", 3}, {"load:load", 12}}));
  EXPECT_EQ(call("get_statistics", Json::array({"rcv_requests", "load:"})),
            Json({{"core:rcv_requests", 5}, {"load:load", 12}}));
  EXPECT_EQ(call("get_statistics", {{"statistics", {"tm:", "nothing", "tm:"}}}),
            Json({{"tm:inuse_transactions", 3}}));
  EXPECT_EQ(code("get_statistics", Json::array({"nothing"})), 404);
  EXPECT_EQ(code("get_statistics", Json::array({Json::array({7})})), 404);
  EXPECT_EQ(code("get_statistics"), CommandError::kInvalidParameters);
}

TEST_F(CoreCommandsTest, statistics_say_which_only_grow) {
  EXPECT_EQ(call("statistics:list"), Json({{"core:rcv_requests", "incremental"},
                                           {"tm:inuse_transactions", "non-incremental"},
                                           {"load:load", "non-incremental"}}));
  EXPECT_EQ(call("list_statistics", Json::array({"core:"})).size(), 1U);
}

TEST_F(CoreCommandsTest, statistics_are_counted_from_zero_again) {
  EXPECT_EQ(call("reset_statistics", Json::array({"all"})), "OK");
  mine.add(requests, 2);
  EXPECT_EQ(call("get_statistics", Json::array({"core:", "tm:"})),
            Json({{"core:rcv_requests", 2}, {"tm:inuse_transactions", 3}}));
  EXPECT_EQ(code("statistics:reset", Json::array({"nothing"})), 404);
}

}  // namespace
}  // namespace opensips::manage
