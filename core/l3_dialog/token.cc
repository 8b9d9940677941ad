#include "l3_dialog/token.hh"

#include <cstring>

#include "base/hex.hh"

namespace opensips::dialog {

EpochDigits::EpochDigits(std::uint32_t epoch) {
  base::write_hex(digits_.data(), epoch);
}

std::optional<Token> Token::read(std::string_view text) {
  constexpr auto kSize = std::tuple_size_v<Head>;
  if (text.size() < kSize) return std::nullopt;
  Token token{text.substr(0, kEpochDigits), text.substr(0, kSize), text.substr(kSize)};
  if (token.rest.empty()) return token;
  if (token.rest[0] != '.' || token.rest.size() == 1) return std::nullopt;
  token.rest.remove_prefix(1);
  return token;
}

Token::Head Token::head(std::string_view epoch, std::uint64_t mac) {
  Head head;
  std::memcpy(head.data(), epoch.data(), kEpochDigits);
  head[kEpochDigits] = '.';
  base::write_hex(head.data() + kEpochDigits + 1, mac);
  return head;
}

bool Token::has(const Head& head) const {
  unsigned difference = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    difference |= static_cast<unsigned char>(head[i]) ^ static_cast<unsigned char>(given_head[i]);
  }
  return difference == 0;
}

}  // namespace opensips::dialog
