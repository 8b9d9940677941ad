#include "manage/socket_file.hh"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

namespace opensips::manage {
namespace {

namespace fs = std::filesystem;

class SocketFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "opensips_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory = name;
    path = directory / "it";
  }
  void TearDown() override { fs::remove_all(directory); }

  /// What a server that was killed leaves behind.
  void leave(int type) const {
    const int fd = socket(AF_UNIX, type, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    close(fd);
  }
  mode_t mode() const {
    struct stat status {};
    EXPECT_EQ(stat(path.c_str(), &status), 0);
    return status.st_mode & 07777;
  }

  fs::path directory;
  fs::path path;
};

TEST_F(SocketFileTest, is_there_while_it_lives) {
  for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
    {
      const auto file = SocketFile::bind(path, type, {});
      ASSERT_TRUE(file) << file.error();
      EXPECT_TRUE(fs::is_socket(path));
    }
    EXPECT_FALSE(fs::exists(path));
  }
  {
    const auto file = SocketFile::make_fifo(path, {});
    ASSERT_TRUE(file) << file.error();
    EXPECT_TRUE(fs::is_fifo(path));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(SocketFileTest, has_the_mode_that_was_asked_for) {
  const mode_t before = umask(0);
  {
    const auto file = SocketFile::bind(path, SOCK_STREAM, {});
    EXPECT_EQ(mode(), 0600U);
  }
  umask(077);
  {
    const auto file = SocketFile::bind(path, SOCK_DGRAM, {.mode = 0660});
    EXPECT_EQ(mode(), 0660U);
  }
  {
    const auto file = SocketFile::make_fifo(path, {.mode = 0622});
    EXPECT_EQ(mode(), 0622U);
  }
  umask(before);
}

TEST_F(SocketFileTest, takes_the_place_of_what_a_dead_server_left) {
  for (const int left : {SOCK_STREAM, SOCK_DGRAM}) {
    for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
      leave(left);
      EXPECT_TRUE(SocketFile::bind(path, type, {}));
    }
    leave(left);
    EXPECT_TRUE(SocketFile::make_fifo(path, {}));
  }
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_TRUE(SocketFile::make_fifo(path, {}));
}

TEST_F(SocketFileTest, respects_a_living_server) {
  for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
    const auto first = SocketFile::bind(path, type, {});
    for (const int other : {SOCK_STREAM, SOCK_DGRAM}) {
      const auto second = SocketFile::bind(path, other, {});
      ASSERT_FALSE(second);
      EXPECT_EQ(second.error(), path.string() + ": in use by another server");
    }
    EXPECT_FALSE(SocketFile::make_fifo(path, {}));
    EXPECT_TRUE(fs::is_socket(path));
  }
  const auto first = SocketFile::make_fifo(path, {});
  EXPECT_FALSE(SocketFile::make_fifo(path, {}));
  EXPECT_FALSE(SocketFile::bind(path, SOCK_STREAM, {}));
  EXPECT_TRUE(fs::is_fifo(path));
}

TEST_F(SocketFileTest, never_removes_another_file) {
  std::ofstream(path) << "mine";
  EXPECT_FALSE(SocketFile::bind(path, SOCK_STREAM, {}));
  EXPECT_FALSE(SocketFile::make_fifo(path, {}));
  EXPECT_TRUE(fs::is_regular_file(path));
  fs::remove(path);
  fs::create_symlink(directory, path);
  EXPECT_FALSE(SocketFile::bind(path, SOCK_STREAM, {}));
  EXPECT_TRUE(fs::is_symlink(path));
}

TEST_F(SocketFileTest, leaves_what_took_its_place) {
  auto first = std::make_optional(SocketFile::bind(path, SOCK_STREAM, {}));
  fs::remove(path);
  const auto second = SocketFile::bind(path, SOCK_STREAM, {});
  first.reset();
  EXPECT_TRUE(fs::is_socket(path));
}

TEST_F(SocketFileTest, says_what_is_wrong_with_a_name) {
  const auto long_name = directory / std::string(120, 'x');
  EXPECT_FALSE(SocketFile::bind(long_name, SOCK_STREAM, {}));
  const auto nowhere = SocketFile::bind(directory / "no" / "it", SOCK_STREAM, {});
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().find("No such file"), std::string::npos) << nowhere.error();
}

TEST_F(SocketFileTest, keeps_what_waits_in_a_fifo_that_is_opened_anew) {
  auto file = SocketFile::make_fifo(path, {});
  ASSERT_TRUE(file);
  const Descriptor writer(open(path.c_str(), O_WRONLY | O_NONBLOCK));
  ASSERT_EQ(write(writer.fd(), "abc", 3), 3);
  EXPECT_TRUE(file->reopen());
  char bytes[4];
  EXPECT_EQ(read(file->fd(), bytes, sizeof bytes), 3);
  fs::remove(path);
  EXPECT_FALSE(file->reopen());
}

TEST(Access, is_for_root_and_the_server) {
  const Access access;
  EXPECT_TRUE(access.permits(0, 0));
  EXPECT_TRUE(access.permits(geteuid(), getegid()));
  EXPECT_FALSE(access.permits(65534, 65534));
}

TEST(Access, is_for_whom_the_operator_names) {
  const auto access = Access::of(0660, "1234", "5678");
  ASSERT_TRUE(access) << access.error();
  EXPECT_TRUE(access->permits(1234, 1));
  EXPECT_TRUE(access->permits(99, 5678));
  EXPECT_FALSE(access->permits(99, 1234));
  EXPECT_EQ(Access::of(0600, "root", "")->user, 0U);
  EXPECT_EQ(Access::of(0600, "no such user", "").error(), "no user no such user");
  EXPECT_EQ(Access::of(0600, "", "no such group").error(), "no group no such group");
}

}  // namespace
}  // namespace opensips::manage
