#include "dialplan/prefix.hh"

#include <algorithm>
#include <optional>
#include <utility>

#include "dialplan/fold.hh"

namespace opensips::dialplan {
namespace {

constexpr unsigned kMaxDepth = 32;   // of groups
constexpr unsigned kMaxCopies = 32;  // of a{n}
// "^+4930[0-9]" is filed under one beginning, not under ten.
constexpr std::size_t kEnoughLength = 4;
constexpr std::size_t kFewPrefixes = 4;

/// A beginning that is known so far. Once something unknown follows it is closed: what comes later
/// in the expression does not continue it.
struct Beginning {
  std::string text;
  bool open = true;

  auto operator<=>(const Beginning&) const = default;
};
using Beginnings = std::vector<Beginning>;

const Beginnings kNothing{{"", true}};
const Beginnings kUnknown{{"", false}};

void tidy(Beginnings& set) {
  std::ranges::sort(set);
  const auto rest = std::ranges::unique(set);
  set.erase(rest.begin(), rest.end());
}

void close(Beginnings& set) {
  for (Beginning& one : set) one.open = false;
}

/// Whether `first`, followed by each of `next`, would make too many beginnings: always too many, or
/// more than are worth the room once enough is known.
bool too_many(const Beginnings& first, const Beginnings& next) {
  const auto open = static_cast<std::size_t>(std::ranges::count(first, true, &Beginning::open));
  if (first.size() - open + open * next.size() > kMaxPrefixes) return true;
  return next.size() > kFewPrefixes && std::ranges::all_of(first, [](const Beginning& one) {
           return one.text.size() >= kEnoughLength;
         });
}

/// What may begin with `first` and go on with `next`. When there would be too many of them, or too
/// long ones, `next` becomes unknown.
void append(Beginnings& first, const Beginnings& next) {
  if (too_many(first, next)) return close(first);
  Beginnings joined;
  for (const Beginning& one : first) {
    if (!one.open) {
      joined.push_back(one);
      continue;
    }
    for (const Beginning& more : next) {
      Beginning both{one.text + more.text, more.open};
      if (both.text.size() >= kMaxPrefixLength) {
        both.text.resize(kMaxPrefixLength);
        both.open = false;
      }
      joined.push_back(std::move(both));
    }
  }
  tidy(joined);
  first = std::move(joined);
}

/// Either of the two; both unknown when there are too many.
void join(Beginnings& set, const Beginnings& other) {
  set.insert(set.end(), other.begin(), other.end());
  tidy(set);
  if (set.size() > kMaxPrefixes) set = kUnknown;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alnum(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Reads the part of PCRE2's grammar that dialplans are made of. What it does not know ends the
/// reading: `lost_`.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  /// The beginnings of the whole expression; closed nothing when they are not known.
  Beginnings read() {
    Beginnings set = alternatives(true, 0);
    if (lost_ || at_ < text_.size()) return kUnknown;
    return set;
  }

 private:
  bool at(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool take(char c) {
    if (!at(c)) return false;
    ++at_;
    return true;
  }
  Beginnings lose() {
    lost_ = true;
    return kUnknown;
  }

  /// sequence { "|" sequence }, up to the end or a ")". Anchored: each must say that it begins at
  /// the beginning of the subject.
  Beginnings alternatives(bool anchored, unsigned depth) {
    if (depth > kMaxDepth) return lose();
    Beginnings set = sequence(anchored, depth);
    while (!lost_ && take('|')) join(set, sequence(anchored, depth));
    return set;
  }

  Beginnings sequence(bool anchored, unsigned depth) {
    if (anchored && at('(')) {
      // The anchor may be in the group, if the group must be there: a quantifier behind it is no
      // item, and loses the thread.
      Beginnings set = group(true, depth);
      append(set, items(depth));
      return cut_short_ ? lose() : set;
    }
    if (anchored && !take('^')) return lose();
    return items(depth);
  }

  Beginnings items(unsigned depth) {
    Beginnings set = kNothing;
    Beginnings known = kNothing;
    while (!lost_ && at_ < text_.size() && !at('|') && !at(')')) {
      Beginnings item = atom(depth);
      if (!lost_) quantify(item);
      if (lost_) break;
      known = set;
      append(set, item);
    }
    if (!lost_) return set;
    // What is known stays so if no other alternative can follow and no group is unfinished; except
    // for the last item: the quantifier behind a comment, say, is still the item's.
    if (depth > 0 || text_.find('|', lost_at_) != std::string_view::npos) return kUnknown;
    lost_ = false;
    cut_short_ = true;
    at_ = text_.size();
    close(known);
    return known;
  }

  Beginnings atom(unsigned depth) {
    lost_at_ = at_;
    const char c = text_[at_];
    if (c == '(') return group(false, depth);
    ++at_;
    switch (c) {
      case '.':
      case '^':
      case '$': return kUnknown;
      case '[': return character_class();
      case '\\': return escape();
      case '*':
      case '+':
      case '?':
      case '{': return lose();
      default: return {{std::string(1, fold(c)), true}};
    }
  }

  Beginnings group(bool anchored, unsigned depth) {
    ++at_;
    if (at('*')) return lose();
    if (take('?') && !take(':')) return lose();
    Beginnings set = alternatives(anchored, depth + 1);
    if (lost_ || !take(')')) return lose();
    return set;
  }

  static Beginnings digits() {
    Beginnings set;
    for (char c = '0'; c <= '9'; ++c) set.push_back({std::string(1, c), true});
    return set;
  }

  Beginnings escape() {
    if (at_ == text_.size()) return lose();
    const char c = text_[at_++];
    if (!is_alnum(c)) return {{std::string(1, c), true}};
    if (c == 'd') return digits();
    constexpr std::string_view kOneCharacter = "DwWsSbBhHvVR";
    return kOneCharacter.find(c) == std::string_view::npos ? lose() : kUnknown;
  }

  /// One character of a class, escaped or not; nothing for what stands for several, or is not
  /// understood, which `lost_` tells.
  std::optional<char> class_member() {
    const char c = text_[at_++];
    if (c == '[') {
      lose();  // perhaps [:alpha:]
      return std::nullopt;
    }
    if (c != '\\') return c;
    if (at_ == text_.size()) {
      lose();
      return std::nullopt;
    }
    const char escaped = text_[at_++];
    if (!is_alnum(escaped)) return escaped;
    constexpr std::string_view kSets = "DwWsShHvV";
    if (kSets.find(escaped) == std::string_view::npos) lose();
    return std::nullopt;
  }

  Beginnings character_class() {
    const bool negated = take('^');
    bool known = !negated;
    std::string members;
    bool first = true;
    while (at_ < text_.size() && (first || !at(']'))) {
      first = false;
      if (text_.substr(at_).starts_with("\\d")) {
        at_ += 2;
        members += "0123456789";
        if (at('-')) return lose();
        continue;
      }
      const auto from = class_member();
      if (lost_) return kUnknown;
      if (!from) known = false;
      const bool range = at('-') && at_ + 1 < text_.size() && text_[at_ + 1] != ']';
      if (!range) {
        if (from) members += *from;
        continue;
      }
      if (!from) return lose();
      ++at_;
      const auto to = class_member();
      if (lost_ || !to) return lose();
      const auto low = static_cast<unsigned char>(*from);
      const auto high = static_cast<unsigned char>(*to);
      for (unsigned c = low; c <= high; ++c) members += static_cast<char>(c);
    }
    if (!take(']')) return lose();
    if (!known) return kUnknown;
    Beginnings set;
    for (const char c : members) set.push_back({std::string(1, fold(c)), true});
    tidy(set);
    return set.size() > kMaxPrefixes ? kUnknown : set;
  }

  bool is_quantifier() const { return at('*') || at('+') || at('?') || at('{'); }

  std::optional<unsigned> number() {
    std::optional<unsigned> value;
    while (at_ < text_.size() && is_digit(text_[at_]) && value.value_or(0) < 100'000) {
      value = value.value_or(0) * 10 + static_cast<unsigned>(text_[at_++] - '0');
    }
    return value;
  }

  void quantify(Beginnings& item) {
    while (is_quantifier()) {
      unsigned least = 0;
      std::optional<unsigned> most;
      if (take('?')) {
        most = 1;
      } else if (take('+')) {
        least = 1;
      } else if (!take('*')) {
        ++at_;
        const auto from = number();
        if (!from) return void(lose());
        least = *from;
        most = take(',') ? number() : from;
        if (!take('}')) return void(lose());
      }
      if (!take('?')) take('+');
      repeat(item, least, most);
    }
  }

  static void repeat(Beginnings& item, unsigned least, std::optional<unsigned> most) {
    if (least == 0 && most == 1) return join(item, kNothing);
    Beginnings copies = kNothing;
    for (unsigned i = 0; i < std::min(least, kMaxCopies); ++i) append(copies, item);
    if (most != least || least > kMaxCopies) close(copies);
    item = std::move(copies);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t lost_at_ = 0;  // where the atom began that is not understood
  bool lost_ = false;
  bool cut_short_ = false;  // lost, but kept what was known by then
};

}  // namespace

std::vector<std::string> literal_prefixes(std::string_view expression) {
  Beginnings set = Reader(expression).read();
  tidy(set);
  std::vector<std::string> prefixes;
  for (Beginning& one : set) {
    // Sorted: what one of them begins with stands before it.
    if (!prefixes.empty() && one.text.starts_with(prefixes.back())) continue;
    prefixes.push_back(std::move(one.text));
  }
  if (prefixes.empty()) prefixes.emplace_back();
  return prefixes;
}

}  // namespace opensips::dialplan
