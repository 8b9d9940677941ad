#include "lp_routing/lua/pattern.hh"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace opensips::routing::lua {
namespace {

constexpr char kEscape = '%';
constexpr unsigned kTicks = 4096;

unsigned char byte_at(const char* at) {
  return static_cast<unsigned char>(*at);
}

/// Whether the byte is of the class that the letter names; an upper-case letter means all others.
bool is_class(unsigned char c, unsigned char letter) {
  bool is = false;
  switch (std::tolower(letter)) {
    case 'a': is = std::isalpha(c); break;
    case 'c': is = std::iscntrl(c); break;
    case 'd': is = std::isdigit(c); break;
    case 'g': is = std::isgraph(c); break;
    case 'l': is = std::islower(c); break;
    case 'p': is = std::ispunct(c); break;
    case 's': is = std::isspace(c); break;
    case 'u': is = std::isupper(c); break;
    case 'w': is = std::isalnum(c); break;
    case 'x': is = std::isxdigit(c); break;
    case 'z': is = c == 0; break;
    default: return letter == c;
  }
  return std::isupper(letter) ? !is : is;
}

}  // namespace

Pattern::Pattern(std::string_view pattern, std::string_view subject, Interrupt interrupt,
                 void* context)
    : pattern_end_(pattern.data() + pattern.size()),
      pattern_begin_(pattern.data()),
      subject_(subject),
      interrupt_(interrupt),
      context_(context) {
  if (!pattern.empty() && pattern.front() == '^') {
    anchored_ = true;
    ++pattern_begin_;
  }
}

const char* Pattern::match_at(std::size_t offset) {
  level_ = 0;
  depth_ = 0;
  match_begin_ = subject_.data() + offset;
  match_end_ = match(match_begin_, pattern_begin_);
  if (match_end_) {
    for (std::size_t i = 0; i < level_; ++i) {
      if (captures_[i].size == Capture::kOpen) return match_end_ = fail("unfinished capture");
    }
  }
  return match_end_;
}

bool Pattern::search(std::size_t offset) {
  for (; offset <= subject_.size() && fault_ == Fault::none; ++offset) {
    if (match_at(offset)) return true;
    if (anchored_) return false;
  }
  return false;
}

const char* Pattern::fail(const char* why) {
  if (fault_ == Fault::none) {
    fault_ = Fault::malformed;
    why_ = why;
  }
  return nullptr;
}

bool Pattern::tick() {
  if (fault_ != Fault::none) return false;
  if (++ticks_ < kTicks) return true;
  ticks_ = 0;
  if (interrupt_(context_)) fault_ = Fault::interrupted;
  return fault_ == Fault::none;
}

/// Matches the pattern from `item` on. Where the match ends, or nullptr.
const char* Pattern::match(const char* at, const char* item) {
  if (++depth_ > kMaxDepth) return fail("pattern too complex");
  const char* found = nullptr;
  for (;;) {
    if (!tick()) break;
    if (item == pattern_end_) {
      found = at;
      break;
    }
    if (*item == '(') {
      const bool position = item + 1 != pattern_end_ && item[1] == ')';
      found = open_capture(at, item + (position ? 2 : 1),
                           position ? Capture::kPosition : Capture::kOpen);
      break;
    }
    if (*item == ')') {
      found = close_capture(at, item + 1);
      break;
    }
    if (*item == '$' && item + 1 == pattern_end_) {
      found = at == subject_.data() + subject_.size() ? at : nullptr;
      break;
    }
    if (*item == kEscape && item + 1 != pattern_end_) {
      const char kind = item[1];
      if (kind == 'b') {
        if (!(at = match_balance(at, item + 2))) break;
        item += 4;
        continue;
      }
      if (kind == 'f') {
        if (!(item = match_frontier(at, item + 2))) break;
        continue;
      }
      if (std::isdigit(byte_at(item + 1))) {
        if (!(at = match_again(at, item + 1))) break;
        item += 2;
        continue;
      }
    }
    const char* const end = item_end(item);
    if (!end) break;
    const char suffix = end != pattern_end_ ? *end : '\0';
    if (end != pattern_end_ && (suffix == '?' || suffix == '*' || suffix == '+' || suffix == '-')) {
      found = match_item(at, item, end);
      break;
    }
    if (!fits(at, item, end)) break;
    ++at;
    item = end;
  }
  --depth_;
  return found;
}

/// An item with one of the suffixes ? * + -, and all behind it.
const char* Pattern::match_item(const char* at, const char* item, const char* end) {
  switch (*end) {
    case '?':
      if (fits(at, item, end)) {
        if (const char* const found = match(at + 1, end + 1)) return found;
      }
      return match(at, end + 1);
    case '+': return fits(at, item, end) ? match_most(at + 1, item, end) : nullptr;
    case '*': return match_most(at, item, end);
    default: return match_least(at, item, end);
  }
}

const char* Pattern::match_most(const char* at, const char* item, const char* end) {
  const char* last = at;
  while (fits(last, item, end)) {
    if (!tick()) return nullptr;
    ++last;
  }
  for (;; --last) {
    if (const char* const found = match(last, end + 1)) return found;
    if (last == at || fault_ != Fault::none) return nullptr;
  }
}

const char* Pattern::match_least(const char* at, const char* item, const char* end) {
  for (;; ++at) {
    if (const char* const found = match(at, end + 1)) return found;
    if (fault_ != Fault::none || !fits(at, item, end)) return nullptr;
  }
}

const char* Pattern::open_capture(const char* at, const char* item, std::ptrdiff_t size) {
  if (level_ == kMaxCaptures) return fail("too many captures");
  captures_[level_++] = {at, size};
  const char* const found = match(at, item);
  if (!found) --level_;
  return found;
}

const char* Pattern::close_capture(const char* at, const char* item) {
  std::size_t open = level_;
  while (open > 0 && captures_[open - 1].size != Capture::kOpen) --open;
  if (open == 0) return fail("invalid pattern capture");
  Capture& capture = captures_[open - 1];
  capture.size = at - capture.begin;
  const char* const found = match(at, item);
  if (!found) capture.size = Capture::kOpen;
  return found;
}

/// %bxy, `item` at the x.
const char* Pattern::match_balance(const char* at, const char* item) {
  if (pattern_end_ - item < 2) return fail("unbalanced pattern");
  const char* const end = subject_.data() + subject_.size();
  if (at == end || *at != item[0]) return nullptr;
  std::size_t open = 1;
  while (++at != end) {
    if (!tick()) return nullptr;
    if (*at == item[1]) {
      if (--open == 0) return at + 1;
    } else if (*at == item[0]) {
      ++open;
    }
  }
  return nullptr;
}

/// %f[set], `item` at the bracket. Behind the set, or nullptr.
const char* Pattern::match_frontier(const char* at, const char* item) {
  if (item == pattern_end_ || *item != '[') return fail("missing '[' after '%f' in pattern");
  const char* const end = item_end(item);
  if (!end) return nullptr;
  const unsigned char before = at == subject_.data() ? 0 : byte_at(at - 1);
  const unsigned char here = at == subject_.data() + subject_.size() ? 0 : byte_at(at);
  return !in_set(before, item, end - 1) && in_set(here, item, end - 1) ? end : nullptr;
}

/// %1 to %9, `item` at the digit.
const char* Pattern::match_again(const char* at, const char* item) {
  const auto index = static_cast<std::size_t>(*item - '1');
  if (*item == '0' || index >= level_ || captures_[index].size == Capture::kOpen) {
    return fail("invalid capture index");
  }
  const auto size = static_cast<std::size_t>(std::max<std::ptrdiff_t>(captures_[index].size, 0));
  const auto left = static_cast<std::size_t>(subject_.data() + subject_.size() - at);
  const bool same = left >= size && std::memcmp(captures_[index].begin, at, size) == 0;
  return same ? at + size : nullptr;
}

/// Behind a single character, a class or a set.
const char* Pattern::item_end(const char* item) {
  const char first = *item++;
  if (first == kEscape) {
    return item == pattern_end_ ? fail("malformed pattern (ends with '%')") : item + 1;
  }
  if (first != '[') return item;
  if (item != pattern_end_ && *item == '^') ++item;
  do {  // a ']' at the start stands for itself
    if (item == pattern_end_) return fail("malformed pattern (missing ']')");
    if (*item++ == kEscape) {
      if (item == pattern_end_) return fail("malformed pattern (missing ']')");
      ++item;
    }
  } while (item == pattern_end_ || *item != ']');
  return item + 1;
}

bool Pattern::fits(const char* at, const char* item, const char* end) const {
  if (at == subject_.data() + subject_.size()) return false;
  const unsigned char c = byte_at(at);
  switch (*item) {
    case '.': return true;
    case kEscape: return is_class(c, byte_at(item + 1));
    case '[': return in_set(c, item, end - 1);
    default: return byte_at(item) == c;
  }
}

/// `set` at the '[', `last` at the ']'.
bool Pattern::in_set(unsigned char c, const char* set, const char* last) const {
  bool is = true;
  if (*++set == '^') {
    is = false;
    ++set;
  }
  while (set < last) {
    if (*set == kEscape) {
      if (is_class(c, byte_at(set + 1))) return is;
      set += 2;
    } else if (last - set > 2 && set[1] == '-') {
      if (byte_at(set) <= c && c <= byte_at(set + 2)) return is;
      set += 3;
    } else {
      if (byte_at(set) == c) return is;
      ++set;
    }
  }
  return !is;
}

}  // namespace opensips::routing::lua
