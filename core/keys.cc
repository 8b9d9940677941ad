#include "keys.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

#include <fmt/core.h>

#include "base/log.hh"

namespace opensips {

namespace {

constexpr std::size_t kDigits = 32;

std::unexpected<std::string> failure(const std::string& path, std::string_view what) {
  return std::unexpected(fmt::format("{}: {}", path, what));
}

std::expected<base::SipKey, std::string> read_key(const std::string& path, std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  base::SipKey key;
  const auto half = [&](std::size_t at, std::uint64_t& into) {
    const char* const begin = text.data() + at;
    const auto [end, error] = std::from_chars(begin, begin + kDigits / 2, into, 16);
    return error == std::errc() && end == begin + kDigits / 2;
  };
  if (text.size() != kDigits || !half(0, key.k0) || !half(kDigits / 2, key.k1)) {
    return failure(path, "not a key, expected 32 hexadecimal digits");
  }
  return key;
}

std::expected<base::SipKey, std::string> make_key(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return failure(path, std::strerror(errno));
  const auto key = base::SipKey::random();
  const auto text = fmt::format("{:016x}{:016x}\n", key.k0, key.k1);
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (::close(fd) != 0 || !written) return failure(path, "cannot write the new key");
  base::log_notice("{}: made a new key", path);
  return key;
}

}  // namespace

std::expected<base::SipKey, std::string> load_mac_key(const std::string& path) {
  std::ifstream file(path);
  if (!file) return errno == ENOENT ? make_key(path) : failure(path, std::strerror(errno));
  struct stat status {};
  const bool known = ::stat(path.c_str(), &status) == 0;
  if (known && S_ISDIR(status.st_mode)) return failure(path, std::strerror(EISDIR));
  std::string text(kDigits + 3, '\0');  // more than a key and its line end is none
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (known && (status.st_mode & 077) != 0) {
    base::log_warn("{}: others than its owner can read the key (chmod 600)", path);
  }
  return read_key(path, text);
}

}  // namespace opensips
