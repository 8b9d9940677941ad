#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "lp_routing/functions/manual.hh"
#include "module/library.hh"
#include "unit/module/test_modules.hh"

namespace opensips::routing {
namespace {

struct Written {
  explicit Written(const std::string& path) {
    const auto descriptor = modules::open_library(path);
    EXPECT_TRUE(descriptor) << descriptor.error();
    if (!descriptor) return;
    const auto module = (*descriptor)->make();
    std::ostringstream pages, annotations;
    write_module_manual(pages, **descriptor, *module);
    write_module_stubs(annotations, **descriptor, *module);
    manual = pages.str();
    stubs = annotations.str();
  }
  std::string manual, stubs;
};

TEST(ModuleManual, HasEverythingThatAModuleDeclares) {
  const Written good(modules::test_module_folder() + "/good.so");
  for (const char* const part : {
           ".TH OPENSIPS-MODULE-GOOD 7 ",
           ".SH NAME\nopensips\\-module\\-good \\- Says a word\n",
           ".BR word \" (string)\"\nWhat it says.\nDefault: hello.\n",
           ".BR times \" (integer)\"\nHow often.\nTakes an integer from 1 to 3.\nDefault: 1.\n",
           ".BR pause \" (duration)\"\nAfter it.\nTakes a duration from 0 to 1m.\nDefault: 0.\n",
           ".BR pair \" (string)\"\nNAME=WORD.\nMay be given several times.\n",
           "require \"good\" gives these.\n.TP\n.B good.word([to])\nSays the word.\nGives "
           "string.\n",
           ".SS thing\n.TP\n.B thing.number\nIts number.\n(integer)\n",
           ".B good:word\nThe word.\n",
           ".B good:said\nWords said.\n",
       }) {
    EXPECT_NE(good.manual.find(part), std::string::npos) << part << "\nis not in\n" << good.manual;
  }
  for (const char* const part : {
           "---@meta good\n",
           "---@class good\nlocal good = {}\n",
           "---Says the word.\n---@param to? string\n---@return string\nfunction good.word(to) "
           "end\n",
           "---@class thing\n---@field number integer Its number.\nlocal thing = {}\n",
           "\nreturn good\n",
       }) {
    EXPECT_NE(good.stubs.find(part), std::string::npos) << part << "\nis not in\n" << good.stubs;
  }
}

std::string file(const std::string& name) {
  const auto root =
      std::filesystem::path(__FILE__).parent_path().parent_path().parent_path().parent_path();
  std::ifstream in(root / name);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(ModuleManual, PagesAndStubsOfOurModulesAreWhatTheirTablesSay) {
  const auto folder =
      std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "modules";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "there are none";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!modules::open_library(entry.path())) continue;  // its own tests say why
    const auto name = entry.path().stem().string();
    const Written module(entry.path());
    EXPECT_EQ(file("man/opensips-module-" + name + ".7"), module.manual) << "make generate";
    EXPECT_EQ(file("lua/types/" + name + ".lua"), module.stubs) << "make generate";
  }
}

}  // namespace
}  // namespace opensips::routing
