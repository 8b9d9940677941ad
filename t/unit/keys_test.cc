#include "keys.hh"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace opensips {
namespace {

class MacKey : public ::testing::Test {
 protected:
  MacKey() : path(::testing::TempDir() + "opensips_key_" + std::to_string(getpid())) {
    unlink(path.c_str());
  }
  ~MacKey() override { unlink(path.c_str()); }
  void write(const std::string& text) const {
    std::ofstream(path) << text;
    chmod(path.c_str(), 0600);
  }
  std::string path;
};

TEST_F(MacKey, IsReadAsItStandsInTheFile) {
  for (const char* end : {"", "\n", "\r\n"}) {
    write(std::string("0123456789abcdefFEDCBA9876543210") + end);
    const auto key = load_mac_key(path);
    ASSERT_TRUE(key) << key.error();
    EXPECT_EQ(key->k0, 0x0123456789abcdefU);
    EXPECT_EQ(key->k1, 0xfedcba9876543210U);
  }
}

TEST_F(MacKey, IsMadeAndKeptIfThereIsNone) {
  const auto first = load_mac_key(path);
  ASSERT_TRUE(first) << first.error();
  const auto second = load_mac_key(path);
  ASSERT_TRUE(second);
  EXPECT_EQ(first->k0, second->k0);
  EXPECT_EQ(first->k1, second->k1);
  EXPECT_NE(first->k0, 0U);
}

TEST_F(MacKey, MadeOneIsForItsOwnerOnly) {
  ASSERT_TRUE(load_mac_key(path));
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(MacKey, TwoThatAreMadeDiffer) {
  const auto first = load_mac_key(path);
  unlink(path.c_str());
  const auto second = load_mac_key(path);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(first->k0 == second->k0 && first->k1 == second->k1);
}

TEST_F(MacKey, FileThatHoldsNoKeyIsRefusedAndLeftAlone) {
  for (const std::string text :
       {"", "\n", "0123", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdef0",
        "0123456789abcdefg123456789abcdef", " 0123456789abcdef0123456789abcde",
        "0x23456789abcdef0123456789abcdef", "-123456789abcdef0123456789abcdef",
        "0123456789abcdef 123456789abcdef"}) {
    write(text);
    const auto key = load_mac_key(path);
    ASSERT_FALSE(key) << text;
    EXPECT_EQ(key.error(), path + ": not a key, expected 32 hexadecimal digits");
    std::ifstream file(path);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
  }
}

TEST_F(MacKey, FolderThatIsNotThereIsSaid) {
  const auto key = load_mac_key(path + "/nowhere");
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error(), path + "/nowhere: No such file or directory");
}

TEST_F(MacKey, FolderInPlaceOfAFileIsRefused) {
  const auto key = load_mac_key(::testing::TempDir());
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error(), ::testing::TempDir() + ": Is a directory");
}

}  // namespace
}  // namespace opensips
