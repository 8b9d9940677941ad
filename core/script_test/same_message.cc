#include "script_test/same_message.hh"

#include <algorithm>
#include <array>
#include <cctype>

#include "l1_parser/message.hh"

namespace opensips::script_test {
namespace {

constexpr std::string_view kDividers = " \t\r\n;,<>\"=?&()";

/// The parameters whose values are made up by whoever sends.
constexpr std::array<std::string_view, 3> kMadeUp{"branch", "tag", "did"};

/// Words and what stands between them, one after the other.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ >= text_.size(); }
  /// One divider, or a word.
  std::string_view next() {
    const std::size_t begin = at_;
    const auto end = text_.find_first_of(kDividers, at_);
    at_ = end == begin ? begin + 1 : std::min(end, text_.size());
    return text_.substr(begin, at_ - begin);
  }
  /// The line that the last word was in.
  std::string line() const {
    const auto place = at_ == 0 ? 0 : at_ - 1;
    const auto before = place == 0 ? std::string_view::npos : text_.rfind('\n', place - 1);
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    auto line = text_.substr(begin, text_.find('\n', begin) - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return std::string(line);
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

bool is_made_up(std::string_view name) {
  return std::ranges::any_of(kMadeUp, [&](std::string_view one) {
    return std::ranges::equal(
        one, name, [](unsigned char a, unsigned char b) { return a == std::tolower(b); });
  });
}

}  // namespace

bool MadeUp::pair(std::string_view then, std::string_view now) {
  const auto known = now_.find(then);
  const auto other = then_.find(now);
  if (known != now_.end() || other != then_.end()) {
    return known != now_.end() && known->second == now;
  }
  now_.emplace(then, now);
  then_.emplace(now, then);
  return true;
}

std::string MadeUp::translate(std::string_view message) const {
  std::string text;
  for (Words words(message); !words.at_end();) {
    const auto word = words.next();
    const auto known = now_.find(word);
    text += known == now_.end() ? word : std::string_view(known->second);
  }
  return text;
}

std::optional<Difference> difference(std::string_view then, std::string_view now, MadeUp& made_up) {
  Words was(then), is(now);
  std::string_view name, divider;
  while (!was.at_end() && !is.at_end()) {
    const auto before = was.next();
    const auto after = is.next();
    const bool may_differ = divider == "=" && is_made_up(name);
    if (before != after && !(may_differ && made_up.pair(before, after))) {
      return Difference{was.line(), is.line()};
    }
    const bool divides = before.size() == 1 && kDividers.find(before) != std::string_view::npos;
    (divides ? divider : name) = before;
    if (!divides) divider = {};
  }
  if (was.at_end() && is.at_end()) return std::nullopt;
  const auto rest = [](Words& words) {
    if (words.at_end()) return std::string();
    words.next();
    return words.line();
  };
  return Difference{rest(was), rest(is)};
}

std::string_view start_line(std::string_view message) {
  return message.substr(0, message.find('\r'));
}

std::string kind_of(std::string_view message) {
  std::string kind(start_line(message));
  const auto parsed = parser::Message::parse(message, {});
  if (parsed.message) {
    kind += ' ' + std::to_string(parsed.message->cseq().number) + ' ';
    kind += parsed.message->method_text();
  }
  return kind;
}

}  // namespace opensips::script_test
