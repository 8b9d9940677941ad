// The checks and what is there: Lua's libraries, the table of functions, and all scripts of this
// tree.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "lp_routing/checks/checks.hh"
#include "lp_routing/checks/flow.hh"
#include "lp_routing/checks/libraries.hh"
#include "unit/lp_routing/script_test.hh"
#include "unit/module/test_modules.hh"

namespace opensips::routing::checks {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The server's functions, and those of its own modules.
class Tree : public testing::Test {
 protected:
  Tree() {
    for (const auto& one : configured.modules.all()) {
      const auto& functions = one.descriptor->functions;
      table.add(one.descriptor->name, {functions.first, functions.count}, one.descriptor->objects,
                one.module.get());
    }
  }

  static std::string load_all() {
    std::string text;
    const fs::path folder = fs::path(modules::test_module_folder()) / "../../modules";
    text += "mpath=\"" + folder.string() + "\"\n";
    for (const auto& one : fs::directory_iterator(folder)) {
      if (one.path().extension() == ".so") {
        text += "loadmodule \"" + one.path().filename().string() + "\"\n";
      }
    }
    return text;
  }

  // Their parameters are missing, but their functions are known.
  modules::Configured configured{load_all()};
  FunctionTable table;
  const fs::path root = fs::path(__FILE__).parent_path() / "../../../..";
};

TEST_F(Tree, HasNoScriptInWhichSomethingIsFound) {
  std::size_t scripts = 0;
  for (const char* const folder : {"etc", "examples", "lua", "modules", "t/scenario"}) {
    for (const auto& one : fs::recursive_directory_iterator(root / folder)) {
      const auto name = one.path().filename().string();
      // Tests of scripts run elsewhere: `opensips test`.
      if (!name.ends_with(".lua") || name.ends_with("_test.lua")) continue;
      ++scripts;
      const std::string text = text_of(one.path());
      const auto read = [&](const std::string& file) {
        return file == one.path() ? &text : nullptr;
      };
      for (const Finding& finding : look_at({one.path(), "?.lua", &table, read})) {
        // What a test has elsewhere: files that it writes, a module that it builds.
        const bool is_elsewhere = finding.text.starts_with("module 'version' not found") ||
                                  finding.text.starts_with("module 'scanners' not found");
        EXPECT_TRUE(is_elsewhere) << finding.line();
      }
    }
  }
  EXPECT_GT(scripts, 40U);
}

TEST(HandlerRows, AreAllFunctionsThatTakeAHandler) {
  for (const Function& row : functions()) {
    if (std::ranges::any_of(row.types, takes_function)) {
      EXPECT_TRUE(handler_row(row)) << row.full_name();
    }
  }
}

class Libraries : public ScriptTest {};

TEST_F(Libraries, AreKnownAsTheyAre) {
  std::string names = value(
      "local all = {} for name, value in pairs(_G) do all[#all + 1] = name end\n"
      "table.sort(all) return table.concat(all, ' ')");
  std::istringstream globals(names);
  for (std::string name; globals >> name;) EXPECT_TRUE(is_global(name)) << name;
  for (const std::string library : {"string", "table", "math", "os", "bit", "coroutine", "debug"}) {
    std::istringstream there(value("local all = {} for name in pairs(" + library +
                                   ") do all[#all + 1] = name end return table.concat(all, ' ')"));
    std::size_t count = 0;
    for (std::string name; there >> name; ++count)
      EXPECT_TRUE(has(library, name)) << library << name;
    EXPECT_GT(count, 1U);
  }
}

TEST_F(Libraries, HaveWhatTheChecksSayTheyHave) {
  for (const auto name : checks::globals()) {
    EXPECT_EQ(value("return tostring(_G['" + std::string(name) + "'] ~= nil)"), "true") << name;
  }
}

}  // namespace
}  // namespace opensips::routing::checks
