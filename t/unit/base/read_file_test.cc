#include "base/read_file.hh"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace opensips::base {
namespace {

class ReadFile : public testing::Test {
 protected:
  ReadFile() : folder_(testing::TempDir() + "read_file_test") {
    std::filesystem::create_directories(folder_);
  }
  ~ReadFile() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }

  std::filesystem::path folder_;
};

TEST_F(ReadFile, GivesTheWholeOfIt) {
  const std::string text(200'000, 'x');
  EXPECT_EQ(read_file(file("a", text), 1 << 20).value_or(""), text);
  EXPECT_EQ(read_file(file("b", ""), 10).value_or("?"), "");
}

TEST_F(ReadFile, RefusesOneThatIsTooLarge) {
  const auto path = file("a", std::string(100, 'x'));
  EXPECT_TRUE(read_file(path, 100));
  EXPECT_EQ(read_file(path, 99).error().reason, "Larger than 99 bytes");
}

TEST_F(ReadFile, SaysWhetherItIsMissing) {
  const auto missing = read_file(folder_ / "none", 10);
  ASSERT_FALSE(missing);
  EXPECT_TRUE(missing.error().missing);
  EXPECT_EQ(missing.error().reason, "No such file or directory");
}

TEST_F(ReadFile, DoesNotWaitForWhatIsNoFile) {
  const std::string pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(read_file(pipe, 10).error().reason, "Not a regular file");
  EXPECT_FALSE(read_file(folder_, 10));
}

}  // namespace
}  // namespace opensips::base
