#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace opensips::dialog {

/// What URIs of ours carry so that we believe them when they come back: `EPOCH.MAC` in hexadecimal
/// digits, or `EPOCH.MAC.REST`. Who writes one says what the MAC is over.
struct Token {
  static constexpr std::size_t kEpochDigits = 8;
  static constexpr std::size_t kMacDigits = 16;
  using Head = std::array<char, kEpochDigits + 1 + kMacDigits>;

  /// Not checked yet. Nothing if it has another form, or an empty REST.
  static std::optional<Token> read(std::string_view text);

  static Head head(std::string_view epoch, std::uint64_t mac);
  /// Whether this one's head is that. In constant time: a guess learns nothing from how long it
  /// takes.
  bool has(const Head& head) const;

  std::string_view epoch;
  std::string_view given_head;
  std::string_view rest;
};

/// The epoch of a process as a token has it.
class EpochDigits {
 public:
  explicit EpochDigits(std::uint32_t epoch);
  operator std::string_view() const { return {digits_.data(), digits_.size()}; }

 private:
  std::array<char, Token::kEpochDigits> digits_;
};

}  // namespace opensips::dialog
