// script:record and opensips replay: a day's calls are run again.

#include "script_test/replay.hh"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "model/recorded_day.hh"

namespace opensips::model {
namespace {

using script_test::Record;
using script_test::Replayed;

/// From the environment, or as `make check` has it.
unsigned calls_of_the_day() {
  const char* const text = std::getenv("OPENSIPS_RECORDED_CALLS");
  return text ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : 220;
}

Replayed run_again(const Record& record, const std::string& config) {
  auto replayed = script_test::replay(record, {config, {}});
  EXPECT_TRUE(replayed) << replayed.error();
  return replayed ? *std::move(replayed) : Replayed{};
}

std::string with(std::string_view from, std::string_view to) {
  std::string script(kScriptOfTheDay);
  const auto place = script.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return script.replace(place, from.size(), to);
}

std::string text_of(const Replayed& replayed) {
  std::string text;
  for (const auto& call : replayed.different) {
    text += call.id;
    for (const auto& line : call.differences) text += "\n  " + line;
    text += "\n";
  }
  return text;
}

TEST(Replay, ADayOfMixedCallsGoesTheSameTwice) {
  const unsigned calls = calls_of_the_day();
  const RecordedDay day(calls);
  const auto record = Record::read(day.record());
  ASSERT_TRUE(record) << record.error();
  EXPECT_EQ(record->calls.size(), calls);
  EXPECT_FALSE(record->cut);
  for (int time = 0; time < 2; ++time) {
    const auto replayed = run_again(*record, day.config());
    EXPECT_EQ(replayed.same, calls);
    EXPECT_TRUE(replayed.different.empty()) << text_of(replayed);
  }
  struct stat file {};
  ASSERT_EQ(stat(day.record().c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600U);
}

/// Each change touches the calls of one kind.
TEST(Replay, AnotherScriptShowsTheCallsThatGoOtherwiseAndNoOthers) {
  struct Change {
    const char* from;
    const char* to;
    const char* kind;
    const char* shown;
  };
  const Change changes[] = {
      {"req:reply(404)", "req:reply(410)", "gone", "now SIP/2.0 410 Gone to udp:127.0.0.9:5070"},
      {"pbx.example\"", "pbx2.example\"", "named", "then INVITE sip:named-"},
      {"busy = \"sip:carrier-a", "busy = \"sip:carrier-b", "busy", "now INVITE sip:busy-"},
      {"WHERE user = ?\"", "WHERE name = ?\"", "queried", "now asks [\"sql:query\""},
      {"http://routes.example/\"", "http://routes.example/v2/\"", "asked",
       "now asks [\"sip.http.get\""},
      {"@127.0.0.3:5071\"", "@127.0.0.3:5072\"", "forked", "udp:127.0.0.3:5072"},
      {"\"X-Kept\"", "\"X-Held\"", "kept", "\"X-Held: "},
      {"sip.sleep \"1500ms\"", "sip.sleep \"9s\"", "sleepy", "s later"},
      {"sip.sleep \"1500ms\"", "error \"none\"", "sleepy", "SIP/2.0 500 "},
  };
  const unsigned calls = 66;
  const RecordedDay day(calls);
  const auto record = Record::read(day.record());
  ASSERT_TRUE(record) << record.error();
  for (const auto& change : changes) {
    SCOPED_TRACE(std::string(change.from) + " becomes " + change.to);
    const auto replayed =
        run_again(*record, day.config_with("changed", with(change.from, change.to)));
    EXPECT_EQ(replayed.different.size(), calls / kKindsOfCalls.size()) << text_of(replayed);
    EXPECT_EQ(replayed.same, calls - calls / kKindsOfCalls.size());
    for (const auto& call : replayed.different) {
      EXPECT_TRUE(call.id.starts_with(change.kind)) << call.id;
    }
    EXPECT_NE(text_of(replayed).find(change.shown), std::string::npos) << text_of(replayed);
  }
}

/// What a killed server has left goes the same as far as it goes.
TEST(Replay, ARecordThatIsCutGoesTheSameAsFarAsItGoes) {
  const RecordedDay day(44);
  std::ifstream file(day.record());
  const std::string whole((std::istreambuf_iterator<char>(file)), {});
  for (const std::size_t part : {3, 5, 7, 8}) {
    std::istringstream stream(whole.substr(0, whole.size() / 10 * part));
    const auto record = Record::read(stream, "cut");
    ASSERT_TRUE(record) << record.error();
    EXPECT_TRUE(record->cut);
    const auto replayed = run_again(*record, day.config());
    EXPECT_GT(replayed.same, 0U);
    EXPECT_TRUE(replayed.different.empty()) << text_of(replayed);
  }
}

TEST(Replay, AConfigurationThatDoesNotStartIsSaidSo) {
  const RecordedDay day(11);
  const auto record = Record::read(day.record());
  ASSERT_TRUE(record) << record.error();
  const auto replayed = script_test::replay(*record, {"/no/such.cfg", {}});
  ASSERT_FALSE(replayed);
  EXPECT_NE(replayed.error().find("/no/such.cfg"), std::string::npos) << replayed.error();
}

}  // namespace
}  // namespace opensips::model
