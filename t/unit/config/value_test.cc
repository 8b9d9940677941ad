#include "config/value.hh"

#include "support.hh"

namespace opensips::config {
namespace {

using namespace std::chrono_literals;

TEST(ValueTest, IntegersHaveARange) {
  EXPECT_EQ(good("workers=64").workers, 64);
  EXPECT_EQ(good("log_level=-3").log_level, -3);
  EXPECT_EQ(good("max_message_size=0x1000").max_message_size, 4096);
  EXPECT_EQ(errors_after_socket("workers=-1"),
            "2:9: workers is -1, expected an integer from 0 to 64\n");
  EXPECT_EQ(errors_after_socket("workers=4294967296"),
            "2:9: workers is 4294967296, expected an integer from 0 to 64\n");
  EXPECT_EQ(errors_after_socket("workers=\"4\""),
            "2:9: workers is '4', expected an integer from 0 to 64\n");
  EXPECT_EQ(errors_after_socket("workers=yes"),
            "2:9: workers is 'yes', expected an integer from 0 to 64\n");
  EXPECT_EQ(errors_after_socket("workers=99999999999999999999"),
            "2:9: number '99999999999999999999' is too large, expected one of 64 bits\n");
}

TEST(ValueTest, BooleansHaveManySpellings) {
  for (const std::string yes : {"yes", "on", "true", "1", "YES", "\"yes\""}) {
    EXPECT_TRUE(good("syslog_enabled=" + yes).syslog_enabled) << yes;
  }
  for (const std::string no : {"no", "off", "false", "0", "No"}) {
    EXPECT_FALSE(good("record_route=" + no).record_route) << no;
  }
  EXPECT_EQ(errors_after_socket("record_route=2"), "2:14: record_route is 2, expected yes or no\n");
  EXPECT_EQ(errors_after_socket("record_route=y"),
            "2:14: record_route is 'y', expected yes or no\n");
}

TEST(ValueTest, DurationsHaveTheUnitOfTheirNameOrTheirOwn) {
  EXPECT_EQ(good("script_time_limit=50").script_time_limit, 50ms);
  EXPECT_EQ(good("script_time_limit=\"50ms\"").script_time_limit, 50ms);
  EXPECT_EQ(good("script_time_limit=20s").script_time_limit, 20s);
  EXPECT_EQ(good("modparam(\"tm\", \"fr_inv_timeout\", 5)").tm.fr_inv_timeout, 5s);
  EXPECT_EQ(good("modparam(\"tm\", \"fr_inv_timeout\", \"5m\")").tm.fr_inv_timeout, 5min);
  EXPECT_EQ(good("modparam(\"tm\", \"fr_inv_timeout\", \"4h\")").tm.fr_inv_timeout, 4h);
  EXPECT_EQ(good("modparam(\"tm\", \"T1_timer\", 1000)").tm.t1, 1s);
  const std::string wrong = ", expected a duration from 1s to 1h\n";
  const auto fr_timeout = [](const std::string& value) {
    return errors_after_socket("modparam(\"tm\", \"fr_timeout\", " + value + ")");
  };
  EXPECT_EQ(fr_timeout("0"), "2:30: fr_timeout is 0" + wrong);
  EXPECT_EQ(fr_timeout("\"2h\""), "2:30: fr_timeout is '2h'" + wrong);
  EXPECT_EQ(fr_timeout("\"1500ms\""), "2:30: fr_timeout is '1500ms'" + wrong);
  EXPECT_EQ(fr_timeout("\"5 s\""), "2:30: fr_timeout is '5 s'" + wrong);
  EXPECT_EQ(fr_timeout("\"5\""), "2:30: fr_timeout is '5'" + wrong);
  EXPECT_EQ(fr_timeout("9223372036854775807"), "2:30: fr_timeout is 9223372036854775807" + wrong);
  EXPECT_EQ(fr_timeout("\"9223372036854775807h\""),
            "2:30: fr_timeout is '9223372036854775807h'" + wrong);
}

TEST(ValueTest, DurationsReadBackAsWritten) {
  for (const std::string text : {"0", "1ms", "1500ms", "32s", "5m", "90m", "4h"}) {
    const auto parsed = parse_duration(text).value();
    EXPECT_EQ(duration_text(parsed), text);
  }
  EXPECT_EQ(parse_duration("-5s"), std::nullopt);
  EXPECT_EQ(parse_duration(""), std::nullopt);
  EXPECT_EQ(parse_duration("ms"), std::nullopt);
}

TEST(ValueTest, ChoicesHeadersAndPathsAreChecked) {
  EXPECT_TRUE(errors_after_socket("syslog_facility=DAEMON")
                  .starts_with("2:17: syslog_facility is 'DAEMON', expected one of LOG_AUTH, "));
  EXPECT_EQ(errors_after_socket("server_header=\"mine\""),
            "2:15: server_header is 'mine', expected one line of up to 256 bytes that begins with "
            "\"Server: \"\n");
  EXPECT_TRUE(
      errors_after_socket("user_agent_header=\"User-Agent: a\\r\\nEvil: b\"")
          .starts_with(
              "2:19: user_agent_header is 'User-Agent: a\\x0d\\x0aEvil: b', expected one line"));
  EXPECT_EQ(errors_after_socket("script=5"), "2:8: script is 5, expected a path in quotes\n");
  EXPECT_EQ(errors_after_socket(std::string("script=\"a\0b\"", 12)),
            "2:8: script is 'a\\x00b', expected a path in quotes\n");
  EXPECT_EQ(errors_after_socket("script=\"a\" \"b\""),
            "2:12: unexpected 'b' after the value of script, expected a new line\n");
}

TEST(ValueTest, PathsStartAtADirectory) {
  EXPECT_EQ(resolve_path("a.lua", "/etc/o"), "/etc/o/a.lua");
  EXPECT_EQ(resolve_path("/a.lua", "/etc/o"), "/a.lua");
  EXPECT_EQ(resolve_path("../a.lua", "/etc/o"), "/etc/a.lua");
  EXPECT_EQ(resolve_path("a.lua", ""), "a.lua");
  EXPECT_EQ(resolve_path("", "/etc/o"), "");
}

}  // namespace
}  // namespace opensips::config
