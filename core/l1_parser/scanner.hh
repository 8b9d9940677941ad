#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "l1_parser/chars.hh"
#include "l1_parser/scan_bytes.hh"

namespace opensips::parser {

/// One header as the scanner finds it.
struct HeaderLine {
  const char* begin;
  const char* name_end;     ///< without the white space before the colon
  const char* value_begin;  ///< without the white space around it, folds included
  const char* value_end;
  const char* end;  ///< behind the line end of the last continuation line
  bool folded;
  bool control;  ///< a byte below 0x20 other than HTAB and line ends is in it
  bool bad;      ///< no colon, no name, or a CR without its LF: not a header

  std::string_view name() const { return chars::between(begin, name_end); }
  std::string_view value() const { return chars::between(value_begin, value_end); }
  std::string_view line() const { return chars::between(begin, end); }
};

/// The only thing that cuts a message into lines. Line ends are CRLF or LF; a line that begins with
/// a blank continues the header before it (RFC 3261 7.3.1). Copies nothing, allocates nothing,
/// reads within its bytes.
class HeaderScanner {
 public:
  /// Skips the line ends that may stand before a message (RFC 3261 7.5).
  explicit HeaderScanner(std::string_view bytes);
  /// Goes on at an offset behind the start line; offsets count from the first byte of `bytes` all
  /// the same.
  HeaderScanner(std::string_view bytes, std::uint32_t offset)
      : begin_(bytes.data()), at_(begin_ + offset), end_(begin_ + bytes.size()) {}

  /// The start line without its line end; call it once, first. nullopt: there is no whole line.
  std::optional<std::string_view> start_line();
  /// The next header. False at the empty line, or where the bytes end before it: see complete().
  bool next(HeaderLine& line);

  /// The empty line behind the headers has been read.
  bool complete() const { return complete_; }
  /// Offset of the byte that is read next: behind the empty line, the body.
  std::uint32_t offset() const { return static_cast<std::uint32_t>(at_ - begin_); }

 private:
  bool take_empty_line();
  const char* take_lines(HeaderLine& line);

  const char* begin_;
  const char* at_;
  const char* end_;
  bool complete_ = false;
};

/// `bytes` without the line ends before the message.
std::string_view skip_line_ends(std::string_view bytes);

inline bool HeaderScanner::take_empty_line() {
  if (*at_ == '\n') {
    ++at_;
    return true;
  }
  if (*at_ == '\r' && end_ - at_ >= 2 && at_[1] == '\n') {
    at_ += 2;
    return true;
  }
  return false;
}

// Finds where the header's line and its continuation lines end; the end of the first one's text, or
// nullptr if the bytes end before. line.value_end is then where the last one's text ends. A
// function of its own, it and next() take a tenth more of reading a message.
[[gnu::always_inline]] inline const char* HeaderScanner::take_lines(HeaderLine& line) {
  line.control = line.bad = false;
  const char* at = find_control(at_, end_);
  if (end_ - at > 2 && at[0] == '\r' && at[1] == '\n' && !chars::is_blank(at[2])) {  // as a rule
    line.value_end = at;
    line.end = at + 2;
    return at;
  }
  for (const char* first_end = nullptr;; at = find_control(at, end_)) {
    if (at == end_) return nullptr;
    const char* const text_end = at;
    if (*at == '\r' && end_ - at >= 2 && at[1] == '\n') ++at;
    if (*at++ == '\n') {
      if (!first_end) first_end = text_end;
      if (at != end_ && chars::is_blank(*at)) continue;
      line.value_end = text_end;
      line.end = at;
      return first_end;
    }
    if (*text_end == '\t') continue;
    line.control = true;
    line.bad |= *text_end == '\r';
  }
}

[[gnu::always_inline]] inline bool HeaderScanner::next(HeaderLine& line) {
  const char* const begin = at_;
  if (begin == end_ || complete_) return false;
  if (take_empty_line()) {
    complete_ = true;
    return false;
  }
  const char* const first_end = take_lines(line);
  if (!first_end) {
    at_ = end_;
    return false;
  }
  at_ = line.end;
  line.begin = begin;
  line.folded = first_end != line.value_end;
  const char* const colon = find_colon(begin, first_end);
  const char* name_end = colon;
  while (name_end != begin && chars::is_blank(name_end[-1])) --name_end;
  line.name_end = name_end;
  if (colon == first_end || name_end == begin || chars::is_blank(*begin)) line.bad = true;

  const auto is_space = [](char c) {
    return c <= ' ' && (chars::is_blank(c) || c == '\r' || c == '\n');
  };
  const char* value = colon == first_end ? colon : colon + 1;
  const char* value_end = line.value_end;
  while (value != value_end && is_space(*value)) ++value;
  while (value_end != value && is_space(value_end[-1])) --value_end;
  line.value_begin = value;
  line.value_end = value_end;
  return true;
}

}  // namespace opensips::parser
