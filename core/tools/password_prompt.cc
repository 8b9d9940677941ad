#include "tools/password_prompt.hh"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string_view>

#include <fmt/core.h>

#include "base/siphash.hh"

namespace opensips {
namespace {

/// While it lives, the terminal shows nothing of what is typed.
class Unseen {
 public:
  Unseen() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios unseen = before_;
    unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen) == 0;
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
  ~Unseen() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }

 private:
  termios before_{};
  bool changed_ = false;
};

std::string ask(std::string_view question) {
  const Unseen unseen;  // before the question: who answers at once is not seen either
  fmt::print(stderr, "{}: ", question);
  std::fflush(stderr);
  std::string line;
  std::getline(std::cin, line);
  fmt::print(stderr, "\n");
  return line;
}

}  // namespace

std::expected<std::string, std::string> read_password(const std::string& whose) {
  std::string line;
  if (::isatty(STDIN_FILENO) == 0) {
    std::getline(std::cin, line);
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }
  line = ask(fmt::format("Password of {}", whose));
  if (ask("Once more") != line) return std::unexpected("these are two passwords, expected one");
  return line;
}

std::string random_password() {
  constexpr std::string_view kCharacters = "abcdefghijkmnpqrstuvwxyz23456789";
  static_assert(kCharacters.size() == 32);
  std::string password;
  const auto random = base::SipKey::random();
  for (auto bits : {random.k0, random.k1}) {
    for (int i = 0; i < 8; ++i, bits >>= 5) password += kCharacters[bits & 31];
  }
  return password;
}

}  // namespace opensips
