#include "dialplan/module.hh"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace opensips::dialplan {
namespace {

using manage::Json;

constexpr std::string_view kHead =
    "id(int,auto) dpid(int) pr(int) match_op(int) match_exp(string) match_flags(int) "
    "subst_exp(string) repl_exp(string) timerec(string) disabled(int) attrs(string)\n";

/// The module as a configuration and an operator meet it; what a script sees is in the scenarios.
class DialplanModule : public ::testing::Test {
 protected:
  DialplanModule() : folder_(::testing::TempDir() + "dialplan_module_test") {
    std::filesystem::create_directories(folder_);
  }
  ~DialplanModule() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& table, const std::string& rows) {
    std::ofstream(folder_ / table) << kHead << rows;
  }

  /// As modparam does it; returns what was expected instead.
  std::string set(std::string_view name, const std::string& value) {
    for (const modules::Parameter& parameter : parameters_) {
      if (parameter.name != name) continue;
      if (const auto* const text = std::get_if<std::string*>(&parameter.target)) {
        **text = value;
        return "";
      }
      const auto& setter = std::get<config::Setter>(parameter.target);
      return setter.set(setter.object, value).value_or("");
    }
    return "no such parameter";
  }

  std::string check() {
    const auto checked = module_.check();
    return checked ? "" : checked.error().text;
  }

  Json call(std::string_view command, const Json& arguments = nullptr) {
    if (commands_.all().empty()) {
      for (auto& one : module_.commands()) commands_.add(std::move(one));
    }
    const auto result = commands_.call(command, arguments);
    return result ? *result
                  : Json(std::to_string(result.error().code) + ": " + result.error().message);
  }

  std::filesystem::path folder_;
  Dialplan module_;
  std::vector<modules::Parameter> parameters_ = module_.parameters();
  manage::Commands commands_;
};

TEST_F(DialplanModule, ReadsTheTableOfItsDirectory) {
  write("dialplan", "3:1:7:1:^0:0:^0(.*):+49\\\\1::0:national\n");
  set("directory", folder_);
  ASSERT_EQ(check(), "");
  EXPECT_EQ(
      call("dialplan:translate", {{"dpid", 1}, {"input", "030"}}),
      Json({{"Output", "+4930"},
            {"ATTRIBUTES", "national"},
            {"rule", {{"id", 3}, {"line", 2}, {"pr", 7}, {"match_op", 1}, {"match_exp", "^0"}}}}));
  EXPECT_EQ(call("dp_translate", Json::array({1, "130"})), "404: no rule");
  EXPECT_EQ(call("dp_translate", Json::array({2, "130"})), "404: no such dpid");
  EXPECT_EQ(call("dp_translate", Json::array({1, "030", "x"})), "404: no partition x");
  EXPECT_EQ(call("dp_translate", Json::array({4'000'000'000, "030"})), "400: dpid is out of range");
}

TEST_F(DialplanModule, TakesTheUrlOfDbText) {
  write("other", "1:1:0:0:a:0::::0:\n");
  EXPECT_EQ(set("db_url", "text://" + folder_.string()), "");
  set("table_name", "other");
  EXPECT_EQ(check(), "");
  EXPECT_EQ(set("db_url", "mysql"), "expected text://DIRECTORY or the URL of a database");
}

TEST_F(DialplanModule, HasPartitions) {
  write("dialplan", "1:1:0:0:a:0::b::0:\n");
  write("pstn", "1:1:0:0:a:0::c::0:\n2:2:0:0:a:0::::0:\n");
  set("directory", folder_);
  EXPECT_EQ(set("partition", "pstn: table_name=pstn"), "");
  ASSERT_EQ(check(), "");
  EXPECT_EQ(call("dp_translate", Json::array({1, "a"}))["Output"], "b");
  EXPECT_EQ(call("dp_translate", Json::array({1, "a", "pstn"}))["Output"], "c");
  EXPECT_EQ(
      call("dp_show_partiton", Json::array({"pstn"})),
      Json({{"Partitions",
             Json::array(
                 {{{"partition", "pstn"}, {"default", false}, {"dpids", 2}, {"rules", 2}}})}}));
  EXPECT_EQ(call("dialplan:show_partition")["Partitions"].size(), 2U);
  EXPECT_EQ(call("dialplan:show_partition", Json::array({"x"})), "404: no partition x");
}

TEST_F(DialplanModule, MayHaveAnotherDefaultPartition) {
  write("pstn", "1:1:0:0:a:0::c::0:\n");
  set("directory", folder_);
  set("partition", "pstn: table_name=pstn");
  set("partition", "default: pstn");
  ASSERT_EQ(check(), "");
  EXPECT_EQ(call("dp_translate", Json::array({1, "a"}))["Output"], "c");
  EXPECT_EQ(call("dp_translate", Json::array({1, "a", "default"}))["Output"], "c");
  EXPECT_EQ(call("dp_reload", Json::array({"default"})), "OK");
}

TEST_F(DialplanModule, SaysWhatIsWrongWithItsParameters) {
  EXPECT_EQ(check(), "expected a directory, a db_url or a partition");
  set("partition", "pstn:");
  EXPECT_EQ(check(), "partition pstn: expected a directory or a db_url");
}

TEST_F(DialplanModule, RefusesPartitionsThatAreThereTwiceOrNot) {
  write("dialplan", "");
  set("directory", folder_);
  set("partition", "default: none");
  set("partition", "a: table_name=dialplan");
  EXPECT_EQ(check(), "there is no partition none");
  Dialplan twice;
  for (const modules::Parameter& parameter : twice.parameters()) {
    if (parameter.name == "directory") **std::get_if<std::string*>(&parameter.target) = folder_;
    if (parameter.name != "partition") continue;
    const auto& setter = std::get<config::Setter>(parameter.target);
    setter.set(setter.object, "a: table_name=dialplan");
    setter.set(setter.object, "a: table_name=dialplan");
  }
  EXPECT_EQ(twice.check().error().text, "there are two partitions a");
}

TEST_F(DialplanModule, SaysWhatIsWrongWithItsRules) {
  write("dialplan", "1:1:0:1:[:0::::0:\n2:x:0:1:a:0::::0:\n");
  set("directory", folder_);
  const std::string file = folder_ / "dialplan";
  EXPECT_EQ(check(), file + ":2:10: missing terminating ] for character class\n" + file +
                         ":3:3: dpid is 'x', expected an integer of 32 bits");
}

TEST_F(DialplanModule, ReloadsAllOrNothing) {
  write("dialplan", "1:1:0:0:a:0::b::0:\n");
  write("pstn", "1:1:0:0:a:0::c::0:\n");
  set("directory", folder_);
  set("partition", "pstn: table_name=pstn");
  ASSERT_EQ(check(), "");
  write("dialplan", "1:1:0:0:a:0::d::0:\n");
  std::filesystem::remove(folder_ / "pstn");
  const std::string missing = "500: " + (folder_ / "pstn").string() + ": No such file or directory";
  EXPECT_EQ(call("dialplan:reload"), missing);
  EXPECT_EQ(call("dp_translate", Json::array({1, "a"}))["Output"], "b");
  EXPECT_EQ(call("dp_translate", Json::array({1, "a", "pstn"}))["Output"], "c");
  EXPECT_EQ(call("dialplan:reload", {{"partition", "default"}}), "OK");
  EXPECT_EQ(call("dp_translate", Json::array({1, "a"}))["Output"], "d");
  EXPECT_EQ(call("dialplan:reload", {{"partition", "none"}}), "404: no partition none");
}

}  // namespace
}  // namespace opensips::dialplan
