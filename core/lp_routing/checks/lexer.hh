#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lp_routing/checks/syntax.hh"

namespace opensips::routing::checks {

struct Token {
  enum class Kind : std::uint8_t {
    end,     ///< of the file
    name,    ///< `text`
    word,    ///< a reserved one: `text`
    symbol,  ///< `text`
    number,  ///< `text`, as it was written
    string,  ///< `text`, without quotes and escapes
    wrong,   ///< `text`: what is wrong here
  };
  Kind kind = Kind::end;
  std::string text;
  Position at;
};

/// The tokens of a file in the language of LuaJIT: Lua 5.1, with goto, \x, \z and \u in strings,
/// numbers in hexadecimal and binary, and with LL, ULL and i behind them. `source` must outlive it.
class Lexer {
 public:
  explicit Lexer(std::string_view source);

  /// The next one; behind the end, and behind what is wrong, the end again and again.
  Token next();

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  bool at_end() const { return at_ >= source_.size(); }
  void step(std::size_t count = 1);
  bool starts(std::string_view text) const { return source_.substr(at_).starts_with(text); }
  /// Past blanks and comments; false: a comment has no end.
  bool skip();
  /// How many '=' stand in a long bracket that begins here; -1: none does.
  int long_bracket() const;
  bool read_long(int level, std::string* text);
  Token read_string();
  /// What stands behind a backslash; false: it is no escape.
  bool read_escape(std::string& text);
  bool read_code_point(std::string& text);
  Token read_number();
  Token read_word();
  Token read_symbol();
  Token wrong(Position at, std::string text);

  std::string_view source_;
  std::size_t at_ = 0;
  Position position_;
};

}  // namespace opensips::routing::checks
