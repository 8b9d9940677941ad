#include "module/library.hh"

#include <gtest/gtest.h>

#include "unit/module/test_modules.hh"

namespace opensips::modules {
namespace {

std::string refusal(const std::string& name) {
  const auto opened = open_library(test_module_folder() + "/" + name + ".so");
  if (opened) return {};
  auto text = opened.error();
  const auto at = text.find(test_module_folder());
  return at == std::string::npos ? text : text.erase(at, test_module_folder().size() + 1);
}

TEST(Library, OpensAModuleAndReadsItsDescriptor) {
  const auto opened = open_library(test_module_folder() + "/good.so");
  ASSERT_TRUE(opened) << opened.error();
  EXPECT_EQ((*opened)->abi, kAbi);
  EXPECT_EQ((*opened)->name, "good");
  EXPECT_EQ((*opened)->version, "1.0");
  EXPECT_EQ((*opened)->functions.count, 10U);
}

TEST(Library, RefusesAnotherAbiBeforeAnyCodeRuns) {
  const std::string ours(kAbi.substr(kAbi.find("headers="), 24));
  EXPECT_EQ(refusal("wrong_abi"),
            "cannot load 'wrong_abi.so': it was built against another OpenSIPS (abi "
            "headers=0123456789abcdef, this server " +
                ours + "), expected one built with this server's headers and flags");
}

TEST(Library, RefusesWhatIsNoModule) {
  EXPECT_EQ(refusal("no_descriptor"),
            "cannot load 'no_descriptor.so': it has no opensips_module, expected "
            "OPENSIPS_MODULE(…) in it");
  EXPECT_EQ(refusal("not_there"), "cannot load 'not_there.so': it cannot be read");
  const auto program = open_library("/proc/self/maps");
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error(),
            "cannot load '/proc/self/maps': it is no module of OpenSIPS 2, expected one that "
            "exports opensips_module");
}

TEST(Library, SaysWhichSymbolIsMissing) {
  const auto text = refusal("undefined_symbol");
  EXPECT_NE(text.find("undefined symbol: _Z15nobody_has_thisv"), std::string::npos) << text;
}

TEST(Library, FindsByNameInMpathAndByPath) {
  const std::vector<std::string> mpath{"/nowhere", test_module_folder()};
  const auto file = test_module_folder() + "/good.so";
  EXPECT_EQ(find_library("good.so", mpath), file);
  EXPECT_EQ(find_library("good", mpath), file);
  EXPECT_EQ(find_library(test_module_folder() + "/good", {}), file);
  EXPECT_EQ(find_library("bad", {{"/nowhere", "/a"}}).error(),
            "cannot open 'bad.so': no such module in mpath (/nowhere, /a), expected one that is "
            "installed");
  EXPECT_EQ(find_library("/nowhere/good.so", mpath).error(),
            "cannot open '/nowhere/good.so': no such file, expected a module");
}

TEST(Library, AbisDifferWhereTheirWordsDo) {
  EXPECT_EQ(abi_difference("m headers=1 assert=on c++=23", "m headers=1 assert=off c++=26"),
            "assert=on c++=23, this server assert=off c++=26");
  EXPECT_EQ(abi_difference("m headers=1 new=2", "m headers=1"), "new=2, this server ");
}

}  // namespace
}  // namespace opensips::modules
