#include <gtest/gtest.h>

#include "lp_routing/functions/table.hh"
#include "unit/lp_routing/script_test.hh"
#include "unit/module/test_modules.hh"

namespace opensips::routing {
namespace {

/// Scripts that may use the test module `good`.
class ModuleFunctions : public ScriptTest {
 protected:
  ModuleFunctions() {
    EXPECT_EQ(configured.errors(), "");
    for (const auto& one : configured.modules.all()) {
      const auto& functions = one.descriptor->functions;
      table.add(one.descriptor->name, {functions.first, functions.count}, one.descriptor->objects,
                one.module.get());
    }
    settings.functions = &table;
  }
  ~ModuleFunctions() override { engine.reset(); }

  modules::Configured configured{"loadmodule \"good.so\"\n"};
  FunctionTable table;
};

constexpr std::string_view kRest = " sip.on_request(print)";

TEST_F(ModuleFunctions, AreWhatRequireGives) {
  EXPECT_EQ(load("assert(require('good').word('you') == 'hello you')" + std::string(kRest)), "");
  EXPECT_EQ(value("return require 'good'.word()"), "hello");
}

TEST_F(ModuleFunctions, HaveTheChecksOfTheCores) {
  EXPECT_EQ(value("return require 'good'.word({})"),
            "route.lua:3: good.word: argument 1 (to): expected string, got table");
  EXPECT_EQ(value("return require 'good'.word('a', 'b')"),
            "route.lua:3: good.word: takes 1 argument, got 2");
  EXPECT_EQ(value("return require 'good'.wrod()"),
            "route.lua:4: good has no field 'wrod': did you mean 'word'?");
}

TEST_F(ModuleFunctions, MayGiveObjectsOfTheirOwn) {
  EXPECT_EQ(value("local t = require 'good'.thing(7) return t.number .. tostring(t)"), "7thing");
  EXPECT_EQ(value("return require 'good'.thing(7).nubmer"),
            "route.lua:4: thing has no field 'nubmer': did you mean 'number'?");
  EXPECT_EQ(value("req:relay(require 'good'.thing(7))"),
            "route.lua:4: request:relay: the object is of another request");
}

TEST_F(ModuleFunctions, OfAModuleThatIsNotLoadedSayHowToLoadIt) {
  settings.functions = &FunctionTable::core();
  EXPECT_NE(load("require 'good'").find("expected loadmodule \"good.so\" in opensips.cfg"),
            std::string::npos);
}

}  // namespace
}  // namespace opensips::routing
