// Every function of the table with values that do not fit, made from the table itself: an error or
// a refusal, nothing sent, nothing broken.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "lp_routing/functions/function.hh"
#include "unit/lp_routing/misuses.hh"
#include "unit/lp_routing/script_test.hh"
#include "unit/storage/fake_backend.hh"

namespace opensips::routing {
namespace {

class EveryMisuse : public ScriptTest {
 protected:
  EveryMisuse() {
    settings.limits.time = settings.load_time = std::chrono::seconds(60);
    base::log_set_level(-3);
    keep_dialog();
    databases.add(backend);
    databases.add(without_sql);
    services.databases = &databases;
  }
  ~EveryMisuse() override { base::log_set_level(static_cast<int>(base::LogLevel::notice)); }

  storage::FakeBackend backend;
  storage::FakeBackend without_sql = storage::FakeBackend::without_sql("redis");
  storage::Storage databases;
};

TEST_F(EveryMisuse, IsAnErrorAndSendsNothing) {
  std::string script =
      "local sip, wrong = require 'sip', {}\n"
      "local function try(what, outcome, call)\n"
      "  local ran, first = pcall(call)\n"
      "  local passes = outcome > 0 and ran and (outcome > 1 or first)\n"
      "  if passes then wrong[#wrong + 1] = what end\n"
      "end\n"
      "local tests = {}\n";
  std::set<std::string> covered;
  std::string at_the_top;  // behind the handler: there is one already
  std::size_t calls = 0;
  for (const Function& function : functions()) {
    ASSERT_NE(object_of(function), "") << function.full_name();
    if (function.waits) continue;  // below
    script += "tests[#tests + 1] = function(req, res)\n";
    for (const WrongCall& misuse : misuses(function)) {
      script += fmt::format("try([==[{0}]==], {1}, function() {0} end)\n", misuse.call,
                            static_cast<int>(misuse.outcome));
      ++calls;
    }
    script += "end\n";
    if (function.places == kTopLevel)
      at_the_top += fmt::format("tests[{}]()\n", covered.size() + 1);
    covered.insert(function.full_name() + (function.kind == Function::Kind::setter ? "=" : ""));
  }
  script +=
      "sip.on_request(function(req)\n"
      "  local res = req:fork('sip:a@192.0.2.1')\n"
      "  for _, test in ipairs(tests) do test(req, res) end\n"
      "  sip.shared('result'):set('wrong', table.concat(wrong, '\\n'):sub(1, 60000))\n"
      "end)\n" +
      at_the_top;
  EXPECT_GT(calls, 2'000U);
  ASSERT_EQ(load(script), "");
  ASSERT_EQ(start(), Progress::waiting);
  EXPECT_EQ(engine->resume(run(), message_of(response_bytes(404))), Progress::finished);
  EXPECT_EQ(services.tables.table("result").get("wrong", 0),
            base::SharedTable::Value(std::string()))
      << "these should have failed";
  expect_nothing_slipped_in(services, runs);
}

TEST_F(EveryMisuse, OfAFunctionThatWaitsIsOneToo) {
  for (const Function& function : functions()) {
    if (!function.waits) continue;
    const auto all = misuses(function);
    std::string script = "local sip, next = require 'sip', 0\nlocal calls = {\n";
    for (const WrongCall& misuse : all) {
      script += "function(req) " + misuse.call + " end,\n";
    }
    script +=
        "}\nsip.on_request(function(req) next = next + 1 "
        "local ran, first = pcall(calls[next], req) "
        "req:reply(ran and first and 299 or 599) end)";
    ASSERT_EQ(load(script), "") << function.full_name();
    for (const WrongCall& misuse : all) {
      services.replies.clear();
      const Progress progress = start();
      if (progress == Progress::waiting) {
        EXPECT_EQ(misuse.outcome, Outcome::any) << misuse.call;
        engine->abandon(run());
        continue;
      }
      ASSERT_EQ(progress, Progress::finished) << misuse.call;
      ASSERT_EQ(services.replies.size(), 1U) << misuse.call;
      if (misuse.outcome != Outcome::any) {
        EXPECT_EQ(services.replies[0].code, 599U) << misuse.call;
      }
    }
  }
  EXPECT_FALSE(services.forks.empty());  // some of it was good
  expect_nothing_slipped_in(services, runs);
}

}  // namespace
}  // namespace opensips::routing
