#include "storage/statement.hh"

#include <algorithm>
#include <array>
#include <cctype>

namespace opensips::storage {
namespace {

constexpr std::array<std::string_view, 5> kLooking{"SELECT", "SHOW", "DESCRIBE", "EXPLAIN",
                                                   "VALUES"};

std::string first_word(std::string_view text) {
  std::string word;
  const auto begin = std::min(text.find_first_not_of(" \t\r\n("), text.size());
  for (const char c : text.substr(begin)) {
    const auto byte = static_cast<unsigned char>(c);
    if (!std::isalpha(byte)) break;
    word += static_cast<char>(std::toupper(byte));
  }
  return word;
}

}  // namespace

StatementRef make_statement(std::string text) {
  const bool looks = std::ranges::find(kLooking, first_word(text)) != kLooking.end();
  return std::make_shared<const Statement>(Statement{std::move(text), !looks});
}

}  // namespace opensips::storage
