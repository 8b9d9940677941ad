#include "lp_routing/functions/function.hh"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/manual.hh"
#include "unit/lp_routing/script_test.hh"

namespace opensips::routing {
namespace {

std::string file(const char* name) {
  const auto root =
      std::filesystem::path(__FILE__).parent_path().parent_path().parent_path().parent_path();
  std::ifstream in(root / name);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Functions, ManualAndStubsAreWhatTheTableSays) {
  std::ostringstream manual, stubs;
  write_manual(manual);
  write_stubs(stubs);
  EXPECT_EQ(file("man/opensips-lua.7"), manual.str()) << "make generate";
  EXPECT_EQ(file("lua/types/opensips.lua"), stubs.str()) << "make generate";
}

TEST(Functions, EachHasItsOwnNameAndADoc) {
  std::set<std::string> names;
  for (const Function& function : functions()) {
    const auto name = function.full_name();
    EXPECT_TRUE(names.insert(name + (function.kind == Function::Kind::setter ? "=" : "")).second)
        << name;
    EXPECT_TRUE(function.doc.ends_with('.') || function.doc.ends_with("…")) << name;
    EXPECT_NE(function.places, 0) << name;
    for (std::size_t i = 0; i < function.types.size(); ++i)
      EXPECT_FALSE(function.argument(i).empty()) << name;
  }
}

TEST(Functions, DurationsHaveUnits) {
  using std::chrono::milliseconds;
  EXPECT_EQ(parse_duration("20s"), milliseconds(20'000));
  EXPECT_EQ(parse_duration("500ms"), milliseconds(500));
  EXPECT_EQ(parse_duration("0.5s"), milliseconds(500));
  EXPECT_EQ(parse_duration("4h"), milliseconds(4 * 3600'000));
  EXPECT_EQ(parse_duration("0s"), milliseconds(0));
  for (const char* const bad :
       {"", "20", "s", "-1s", "1e3s", "20 s", "20x", "nans", "infs", "9999999999h"}) {
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
  }
}

/// Every function with values that do not fit: an error or a refusal, nothing sent, nothing broken.
class EveryFunction : public ScriptTest {
 protected:
  static constexpr const char* kObjects[] = {"sip",      "req",        "res",         "req.ruri",
                                             "req.from", "req.source", "sip.location"};
  static constexpr const char* kValues[] = {"nil",
                                            "true",
                                            "-1",
                                            "1e300",
                                            "0/0",
                                            "1.5",
                                            "''",
                                            "'a\\r\\nX: y'",
                                            "'a\\0b'",
                                            "('x'):rep(100000)",
                                            "{}",
                                            "{1, 2, {3}}",
                                            "{x = 1}",
                                            "{[1] = 1, x = 2}",
                                            "{{{{{{{{{1}}}}}}}}}",
                                            "print",
                                            "req",
                                            "req.source",
                                            "sip",
                                            "coroutine.create(print)",
                                            "'sip:bob@example.com\\r\\n'"};

  /// How a script calls the row with those arguments.
  static std::string call_of(const Function& function, const std::string& arguments) {
    const std::string object = kObjects[static_cast<unsigned>(function.object)];
    const std::string name(function.name);
    switch (function.kind) {
      case Function::Kind::function: return object + "." + name + "(" + arguments + ")";
      case Function::Kind::method: return object + ":" + name + "(" + arguments + ")";
      case Function::Kind::getter: return "local x = " + object + "." + name;
      case Function::Kind::setter: return object + "." + name + " = " + arguments;
      case Function::Kind::text: return "local x = tostring(" + object + ")";
    }
    return {};
  }
};

TEST_F(EveryFunction, SurvivesWhateverItIsGiven) {
  std::string script =
      "local sip = require 'sip' sip.on_request(function(req)\nlocal res = "
      "req:fork('sip:a@192.0.2.1')\n";
  for (const Function& function : functions()) {
    if (function.waits) continue;  // they may wait for good; below
    for (const char* const value : kValues) {
      for (const std::string& arguments :
           {std::string(value), "'sip:a@b', " + std::string(value),
            "200, 'OK', " + std::string(value), "200, " + std::string(value)}) {
        if (function.kind == Function::Kind::setter && arguments != value) continue;
        script += "pcall(function() " + call_of(function, arguments) + " end)\n";
      }
    }
  }
  script += "end)";
  settings.limits.time = settings.load_time = std::chrono::seconds(20);
  ASSERT_EQ(load(script), "");
  base::log_set_level(-3);
  ASSERT_EQ(start(), Progress::waiting);
  EXPECT_EQ(engine->resume(run(), message_of(response_bytes(404))), Progress::finished);
  base::log_set_level(static_cast<int>(base::LogLevel::notice));
  for (const auto& reply : services.replies) {
    EXPECT_EQ(reply.reason.find_first_of("\r\n"), std::string::npos);
    EXPECT_EQ(reply.headers.find("X: y"), std::string::npos);
  }
  for (const auto& fork : services.forks) {
    for (const auto& uri : fork.uris)
      EXPECT_EQ(uri.find_first_of(std::string_view("\r\n\0", 3)), std::string::npos);
  }
}

TEST_F(EveryFunction, ThatWaitsDoesNotWaitWhenMisused) {
  EXPECT_NE(value("sip.sleep()").find("expected duration, got nil"), std::string::npos);
  EXPECT_NE(value("sip.sleep(-1)").find("expected seconds from 0"), std::string::npos);
  EXPECT_NE(value("sip.sleep({})").find("expected duration, got table"), std::string::npos);
  EXPECT_NE(value("req:fork()").find("expected target|target[], got nil"), std::string::npos);
  EXPECT_NE(value("req:fork(print)").find("expected target"), std::string::npos);
  EXPECT_NE(value("req:fork(req)").find("a request is no target"), std::string::npos);
  EXPECT_TRUE(services.sleeps.empty());
  EXPECT_TRUE(services.forks.empty());
}

TEST_F(EveryFunction, IsCallableWhereItsRowSaysAndNowhereElse) {
  for (const Function& function : functions()) {
    if (function.object != ObjectKind::sip || function.kind == Function::Kind::getter) continue;
    const std::string name = function.full_name();
    const auto refused = [](const std::string& text) {
      return text.find("cannot be used") != std::string::npos;
    };
    EXPECT_EQ(refused(load(name + "() sip.on_request(print)")), !(function.places & kTopLevel))
        << name;
    EXPECT_EQ(refused(load("sip.on_request(print) sip.on_startup(function() " + name + "() end)")),
              !(function.places & place_of(Handler::startup)))
        << name;
    EXPECT_EQ(refused(value(name + "()")), !(function.places & kInRequests)) << name;
  }
}

}  // namespace
}  // namespace opensips::routing
