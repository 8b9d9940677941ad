#include "config/lexer.hh"

#include <charconv>
#include <cstddef>
#include <system_error>
#include <utility>

namespace opensips::config {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

bool is_word_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80 ||
         (c != '\0' && std::string_view("_.:/*@%+~-").find(c) != std::string_view::npos);
}

class Lexer {
 public:
  Lexer(std::string_view text, unsigned file) : text_(text), at_{file, 1, 1} {
    if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
  }

  std::vector<Token> run() {
    while (skip_blank()) {
      if (peek() == '"' || peek() == '\'') {
        string();
      } else if (is_word_char(peek()) || begins_address()) {
        word();
      } else {
        Token token = begin(TokenKind::punctuation);
        token.text = peek();
        advance();
        push(std::move(token));
      }
    }
    push(begin(TokenKind::end));
    return std::move(tokens_);
  }

 private:
  bool done(std::size_t ahead = 0) const { return pos_ + ahead >= text_.size(); }
  char peek(std::size_t ahead = 0) const { return done(ahead) ? '\0' : text_[pos_ + ahead]; }

  void advance() {
    const char c = text_[pos_++];
    if (c == '\n') {
      ++at_.line;
      at_.column = 1;
      line_begins_ = true;
    } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
      ++at_.column;
    }
  }

  Token begin(TokenKind kind) const { return {kind, {}, 0, at_, line_begins_}; }

  void push(Token token) {
    tokens_.push_back(std::move(token));
    line_begins_ = false;
  }

  // To the next token; false at the end of the file.
  bool skip_blank() {
    while (!done()) {
      if (is_space(peek())) {
        advance();
      } else if (peek() == '#') {
        while (!done() && peek() != '\n') advance();
      } else if (peek() == '/' && peek(1) == '*') {
        comment();
      } else {
        return true;
      }
    }
    return false;
  }

  void comment() {
    Token opening = begin(TokenKind::bad);
    const bool first = line_begins_;
    const unsigned line = at_.line;
    advance();
    advance();
    while (!done() && !(peek() == '*' && peek(1) == '/')) advance();
    if (done()) {
      opening.text = "comment is not closed, expected */";
      push(std::move(opening));
      return;
    }
    advance();
    advance();
    line_begins_ = first || at_.line != line;
  }

  // An IPv6 address in brackets stands where a value does; elsewhere [ is punctuation: route[name].
  bool begins_address() const {
    if (peek() != '[' || tokens_.empty()) return false;
    return tokens_.back().is('=') || tokens_.back().is_word("as");
  }

  void word() {
    Token token = begin(TokenKind::word);
    while (!done()) {
      if (peek() == '/' && peek(1) == '*') break;
      if (peek() == '[' && (token.text.empty() || token.text.back() == ':')) {
        bracketed(token.text);
      } else if (is_word_char(peek())) {
        token.text += peek();
        advance();
      } else {
        break;
      }
    }
    number(token);
    push(std::move(token));
  }

  void bracketed(std::string& out) {
    do {
      out += peek();
      advance();
    } while (!done() && is_word_char(peek()) && out.size() < 256);
    if (peek() == ']') {
      out += ']';
      advance();
    }
  }

  static void number(Token& token) {
    std::string_view digits = token.text;
    const bool negative = digits.starts_with('-');
    if (negative || digits.starts_with('+')) digits.remove_prefix(1);
    const bool hex = digits.starts_with("0x") || digits.starts_with("0X");
    if (hex) digits.remove_prefix(2);
    long long value = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value, hex ? 16 : 10);
    if (stop != end || digits.empty() || digits.front() == '-') return;
    if (error == std::errc::result_out_of_range) {
      token.kind = TokenKind::bad;
      token.text = "number " + in_quotes(token.text) + " is too large, expected one of 64 bits";
      return;
    }
    token.kind = TokenKind::integer;
    token.number = negative ? -value : value;
  }

  void string() {
    Token token = begin(TokenKind::string);
    const Mark opening{pos_, at_, line_begins_};
    const char quote = peek();
    advance();
    while (!done() && peek() != quote && !(one_line_ && peek() == '\n')) {
      if (quote == '"' && peek() == '\\') {
        escape(token.text);
      } else {
        token.text += peek();
        advance();
      }
    }
    if (done() || peek() != quote) {
      one_line_ = true;  // else a file full of quotes would be read to its end for each of them
      return unclosed(opening);
    }
    advance();
    // A text over lines that ends in the middle of something took the next line's opening for its
    // end.
    if (at_.line != token.at.line && !at_boundary()) return unclosed(opening);
    push(std::move(token));
  }

  bool at_boundary() const {
    return done() || is_space(peek()) ||
           (peek() != '\0' && std::string_view(",);#/").find(peek()) != std::string_view::npos);
  }

  struct Mark {
    std::size_t pos;
    Position at;
    bool line_begins;
  };

  // The rest of the file is still worth checking: go on after the line.
  void unclosed(const Mark& opening) {
    pos_ = opening.pos;
    at_ = opening.at;
    line_begins_ = opening.line_begins;
    Token token = begin(TokenKind::bad);
    token.text = std::string("string is not closed, expected ") + peek();
    while (!done() && peek() != '\n') advance();
    push(std::move(token));
  }

  void escape(std::string& out) {
    advance();
    if (done()) return;
    const char c = peek();
    switch (c) {
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case '"':
      case '\\': out += c; break;
      case '\n': break;
      default:  // as in OpenSIPS, so that "^\+49" is what it looks like
        out += '\\';
        out += c;
    }
    advance();
  }

  std::string_view text_;
  std::size_t pos_ = 0;
  Position at_;
  bool line_begins_ = true;
  bool one_line_ = false;  // strings have to end on their line
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view text, unsigned file) {
  return Lexer(text, file).run();
}

}  // namespace opensips::config
