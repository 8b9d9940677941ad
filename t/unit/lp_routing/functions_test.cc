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
    const bool assigns =
        function.kind == Function::Kind::setter || function.kind == Function::Kind::set_element;
    EXPECT_TRUE(names.insert(name + (assigns ? "=" : "")).second) << name;
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

class EveryFunction : public ScriptTest {};

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
    EXPECT_EQ(refused(value(name + "()")), !(function.places & place_of(Handler::request))) << name;
  }
}

TEST_F(EveryFunction, IsCallableWhereMessagesPassIfItsRowSaysSo) {
  for (const Function& function : functions()) {
    const bool is_call =
        function.kind == Function::Kind::function || function.kind == Function::Kind::method;
    const bool of_response = function.object == ObjectKind::response;
    if (!is_call || (function.object > ObjectKind::request && !of_response)) continue;
    const std::string call = (function.object == ObjectKind::sip ? "sip."
                              : of_response                      ? "res:"
                                                                 : "req:") +
                             std::string(function.name) + "()";
    ASSERT_EQ(load("sip.on_request(print)\n"
                   "local function try(req, res)\n"
                   "  local _, why = pcall(function() return " +
                   call +
                   " end)\n"
                   "  sip.shared('result'):set('why', tostring(why))\n"
                   "end\n"
                   "sip.on_branch(try)\n"
                   "sip.on_local_request(try)\n"
                   "sip.on_response(function(res, req) try(req, res) end)"),
              "");
    for (const auto handler : {Handler::branch, Handler::response, Handler::local_request}) {
      if (of_response && handler != Handler::response) continue;  // there is none
      ASSERT_EQ(start(kInvite, handler), Progress::finished) << call;
      const auto why = std::get<std::string>(*services.tables.table("result").get("why", 0));
      EXPECT_EQ(why.find("cannot be used") != std::string::npos,
                !(function.places & place_of(handler)))
          << call << ": " << why;
      EXPECT_FALSE(function.waits && (function.places & place_of(handler))) << call;
    }
  }
}

}  // namespace
}  // namespace opensips::routing
