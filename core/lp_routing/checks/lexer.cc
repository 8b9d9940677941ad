#include "lp_routing/checks/lexer.hh"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace opensips::routing::checks {
namespace {

using Kind = Token::Kind;

constexpr std::string_view kWords[] = {"and",   "break", "do",       "else", "elseif", "end",
                                       "false", "for",   "function", "goto", "if",     "in",
                                       "local", "nil",   "not",      "or",   "repeat", "return",
                                       "then",  "true",  "until",    "while"};

// Longer ones first.
constexpr std::string_view kSymbols[] = {"...", "..", "==", "~=", "<=", ">=", "::", "+", "-",
                                         "*",   "/",  "%",  "^",  "#",  "<",  ">",  "=", "(",
                                         ")",   "{",  "}",  "[",  "]",  ";",  ":",  ",", "."};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
/// As LuaJIT has it: bytes above 127 too.
bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c) ||
         static_cast<unsigned char>(c) > 127;
}

unsigned hex_value(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>((c | 0x20) - 'a') + 10;
}

void append_utf8(std::string& text, std::uint32_t code) {
  const auto tail = [&](unsigned shift) {
    text += static_cast<char>(0x80 | ((code >> shift) & 0x3f));
  };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xc0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xe0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xf0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

/// Whether the text is a number: its digits, perhaps with a point and an exponent, and what may
/// stand behind them.
bool is_number(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  });
  std::string_view rest = lower;
  const bool hex = rest.starts_with("0x");
  const bool binary = rest.starts_with("0b");
  if (hex || binary) rest.remove_prefix(2);
  bool point = false, exponent = false;
  std::size_t digits = 0;
  const auto take_digits = [&](bool any_hex) {
    while (!rest.empty() && (any_hex ? is_hex(rest[0]) : is_digit(rest[0]))) {
      if (binary && rest[0] > '1') return;
      ++digits;
      rest.remove_prefix(1);
    }
  };
  take_digits(hex);
  if (!binary && rest.starts_with('.')) {
    point = true;
    rest.remove_prefix(1);
    take_digits(hex);
  }
  if (digits == 0) return false;
  if (!binary && !rest.empty() && rest[0] == (hex ? 'p' : 'e')) {
    exponent = true;
    rest.remove_prefix(1);
    if (!rest.empty() && (rest[0] == '+' || rest[0] == '-')) rest.remove_prefix(1);
    const std::size_t before = std::exchange(digits, 0);
    take_digits(false);
    if (digits == 0) return false;
    digits += before;
  }
  if (rest.empty() || rest == "i") return true;
  return !point && !exponent && (rest == "ll" || rest == "ull");
}

}  // namespace

Lexer::Lexer(std::string_view source) : source_(source) {
  if (starts("\xef\xbb\xbf")) at_ += 3;
  if (peek() != '#') return;
  while (!at_end() && peek() != '\n') step();
}

void Lexer::step(std::size_t count) {
  for (; count > 0 && !at_end(); --count) {
    if (source_[at_] == '\n') {
      ++position_.line;
      position_.column = 0;
    }
    ++at_;
    ++position_.column;
  }
}

Token Lexer::wrong(Position at, std::string text) {
  at_ = source_.size();
  return {Kind::wrong, std::move(text), at};
}

Token Lexer::next() {
  const Position before = position_;
  if (!skip()) return wrong(before, "a comment without an end");
  if (at_end()) return {Kind::end, "", position_};
  const char c = peek();
  if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return read_number();
  if (is_name(c)) return read_word();
  const bool is_long = c == '[' && long_bracket() >= 0;
  return c == '"' || c == '\'' || is_long ? read_string() : read_symbol();
}

bool Lexer::skip() {
  for (;;) {
    const char c = peek();
    if (!at_end() && (c == ' ' || (c >= '\t' && c <= '\r'))) {
      step();
    } else if (starts("--")) {
      step(2);
      const int level = long_bracket();
      if (level >= 0) {
        if (!read_long(level, nullptr)) return false;
      } else {
        while (!at_end() && peek() != '\n') step();
      }
    } else {
      return true;
    }
  }
}

int Lexer::long_bracket() const {
  if (peek() != '[') return -1;
  std::size_t equals = 0;
  while (peek(1 + equals) == '=') ++equals;
  return peek(1 + equals) == '[' ? static_cast<int>(equals) : -1;
}

bool Lexer::read_long(int level, std::string* text) {
  const auto equals = static_cast<std::size_t>(level);
  step(2 + equals);
  if (starts("\r\n")) step();
  if (peek() == '\n') step();
  const std::string close = "]" + std::string(equals, '=') + "]";
  const auto end = source_.find(close, at_);
  if (end == std::string_view::npos) return false;
  if (text) *text = source_.substr(at_, end - at_);
  step(end - at_ + close.size());
  return true;
}

Token Lexer::read_string() {
  const Position at = position_;
  std::string text;
  if (const int level = long_bracket(); level >= 0) {
    if (!read_long(level, &text)) return wrong(at, "a text without an end");
    return {Kind::string, std::move(text), at};
  }
  const char quote = peek();
  step();
  while (peek() != quote || at_end()) {
    if (at_end() || peek() == '\n') return wrong(at, "a text without an end");
    if (peek() == '\\') {
      step();
      if (!read_escape(text)) return wrong(position_, "no escape in a text begins so");
    } else {
      text += peek();
      step();
    }
  }
  step();
  return {Kind::string, std::move(text), at};
}

bool Lexer::read_escape(std::string& text) {
  constexpr std::string_view kLetters = "abfnrtv\\\"'\n", kMeant = "\a\b\f\n\r\t\v\\\"'\n";
  const char c = peek();
  if (at_end()) return false;
  if (const auto known = kLetters.find(c); known != std::string_view::npos) {
    text += kMeant[known];
    step();
    return true;
  }
  if (c == '\r') {
    step(peek(1) == '\n' ? 2 : 1);
    text += '\n';
    return true;
  }
  if (c == 'z') {
    step();
    while (!at_end() && (peek() == ' ' || (peek() >= '\t' && peek() <= '\r'))) step();
    return true;
  }
  if (c == 'x') {
    if (!is_hex(peek(1)) || !is_hex(peek(2))) return false;
    text += static_cast<char>(hex_value(peek(1)) * 16 + hex_value(peek(2)));
    step(3);
    return true;
  }
  if (c == 'u') return read_code_point(text);
  unsigned value = 0;
  int digits = 0;
  for (; digits < 3 && is_digit(peek()); ++digits) {
    value = value * 10 + static_cast<unsigned>(peek() - '0');
    step();
  }
  if (digits == 0 || value > 255) return false;
  text += static_cast<char>(value);
  return true;
}

bool Lexer::read_code_point(std::string& text) {
  if (peek(1) != '{' || !is_hex(peek(2))) return false;
  step(2);
  std::uint32_t code = 0;
  for (; is_hex(peek()); step()) {
    code = code * 16 + hex_value(peek());
    if (code > 0x10ffff) return false;
  }
  if (peek() != '}') return false;
  step();
  append_utf8(text, code);
  return true;
}

/// As LuaJIT reads one: whatever could belong to a number, then whether it is one.
Token Lexer::read_number() {
  const Position at = position_;
  const std::size_t begin = at_;
  const bool hex = starts("0x") || starts("0X");
  while (is_name(peek()) || peek() == '.') {
    const char lower = static_cast<char>(peek() | 0x20);
    const bool exponent = lower == (hex ? 'p' : 'e');
    step();
    if (exponent && (peek() == '+' || peek() == '-')) step();
  }
  const auto text = source_.substr(begin, at_ - begin);
  if (!is_number(text)) return wrong(at, fmt::format("'{:.40}' is no number", text));
  return {Kind::number, std::string(text), at};
}

Token Lexer::read_word() {
  const Position at = position_;
  const std::size_t begin = at_;
  while (is_name(peek())) step();
  const auto text = source_.substr(begin, at_ - begin);
  const bool reserved = std::ranges::find(kWords, text) != std::end(kWords);
  return {reserved ? Kind::word : Kind::name, std::string(text), at};
}

Token Lexer::read_symbol() {
  const Position at = position_;
  for (const auto symbol : kSymbols) {
    if (!starts(symbol)) continue;
    step(symbol.size());
    return {Kind::symbol, std::string(symbol), at};
  }
  const auto byte = static_cast<unsigned char>(peek());
  return wrong(at, byte > 0x20 && byte < 0x7f ? fmt::format("unexpected '{}'", peek())
                                              : fmt::format("unexpected byte {}", byte));
}

}  // namespace opensips::routing::checks
