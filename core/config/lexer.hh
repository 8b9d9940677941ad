#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.hh"

namespace opensips::config {

enum class TokenKind {
  word,         ///< identifier or bare value: workers, udp:127.0.0.1:5060, 500ms
  integer,      ///< decimal or 0x…, with an optional sign
  string,       ///< "…" with \n \r \t \" \\, or '…' as it stands; may go over lines
  punctuation,  ///< any other single byte
  bad,          ///< what no token begins with; `text` is the message for it
  end,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;
  long long number = 0;
  Position at;
  bool first_on_line = false;

  bool is(char c) const {
    return kind == TokenKind::punctuation && text.size() == 1 && text[0] == c;
  }
  bool is_word(std::string_view word) const { return kind == TokenKind::word && text == word; }
};

/// All tokens of a file, without comments; the last one is `end`. Any bytes are taken; what is
/// wrong becomes a `bad` token, for the parser to report if it gets there.
std::vector<Token> tokenize(std::string_view text, unsigned file);

}  // namespace opensips::config
