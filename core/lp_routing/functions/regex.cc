#include "base/regex.hh"

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"

namespace opensips::routing {
namespace {

using base::Regex;
using Outcome = Regex::Outcome;

/// The expressions that a worker's scripts used last, compiled. A script writes them where it needs
/// them; they are few, unless it makes them from what it gets: then the oldest go.
class Compiled {
 public:
  /// nullptr, with what is wrong in `why`, for none.
  const Regex* find(std::string_view text, bool ignore_case, std::string& why) {
    const auto known = by_text_[ignore_case].find(text);
    if (known != by_text_[ignore_case].end()) {
      by_age_.splice(by_age_.end(), by_age_, known->second);
      return &known->second->regex;
    }
    auto made = Regex::compile(text, ignore_case);
    if (!made) {
      why = fmt::format("{}, at byte {}", made.error().message, made.error().offset + 1);
      return nullptr;
    }
    made->optimize();
    if (by_age_.size() == kMost) {
      by_text_[by_age_.front().ignore_case].erase(by_age_.front().text);
      by_age_.pop_front();
    }
    by_age_.push_back({std::string(text), ignore_case, std::move(*made)});
    by_text_[ignore_case].emplace(by_age_.back().text, std::prev(by_age_.end()));
    return &by_age_.back().regex;
  }

 private:
  static constexpr std::size_t kMost = 256;
  struct Entry {
    std::string text;
    bool ignore_case;
    Regex regex;
  };
  std::list<Entry> by_age_;  // the one that was used last at the end
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_text_[2];
};

/// The flag "i" alone is known.
bool read_flags(std::string_view flags, bool& ignore_case) {
  ignore_case = flags == "i";
  return ignore_case || flags.empty();
}

/// The expression, or what is wrong with it.
const Regex* expression(const Call& call, std::string_view text,
                        std::optional<std::string_view> flags, Value& wrong) {
  thread_local Compiled compiled;
  bool ignore_case = false;
  std::string why = "flags: expected \"i\"";
  if (read_flags(flags.value_or(""), ignore_case)) {
    if (const auto* const regex = compiled.find(text, ignore_case, why)) return regex;
  }
  wrong = Misuse{fmt::format("{}: {}", call.function.full_name(), why)};
  return nullptr;
}

Value too_costly() {
  return Problem{"the expression takes too many steps on this text"};
}

Value test(Call& call, Body text, std::string_view pattern, std::optional<std::string_view> flags) {
  Value wrong;
  const Regex* const regex = expression(call, pattern, flags, wrong);
  if (!regex) return wrong;
  const Outcome outcome = regex->match(text.text);
  return outcome == Outcome::limit ? too_costly() : Value(outcome == Outcome::yes);
}

Value match(Call& call, Body text, std::string_view pattern,
            std::optional<std::string_view> flags) {
  Value wrong;
  const Regex* const regex = expression(call, pattern, flags, wrong);
  if (!regex) return wrong;
  Regex::Groups groups;
  const Outcome outcome = regex->match(text.text, groups);
  if (outcome == Outcome::limit) return too_costly();
  if (outcome == Outcome::no) return Problem{"no match"};
  Value::List all;
  // A group that took no part leaves no hole, at which the list would end.
  const auto count = std::min<std::size_t>(regex->group_count() + 1, groups.size());
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(groups[i].data() ? Value(groups[i]) : Value(false));
  }
  return all;
}

/// Each may take as many steps as a match may.
constexpr unsigned kMostReplaced = 1000;

/// Puts the groups where the replacement has \0 to \9; "\\" is a backslash.
void expand(std::string_view replacement, const Regex::Groups& groups, std::string& to) {
  for (std::size_t i = 0; i < replacement.size(); ++i) {
    if (replacement[i] != '\\' || i + 1 == replacement.size()) {
      to += replacement[i];
      continue;
    }
    const char c = replacement[++i];
    if (c >= '0' && c <= '9') {
      to += groups[static_cast<std::size_t>(c - '0')];
    } else {
      to += c;
    }
  }
}

Value replace(Call& call, Body text, std::string_view pattern, Body replacement,
              std::optional<std::string_view> flags) {
  std::string_view others = flags.value_or("");
  const bool once = others.ends_with('1');
  if (once) others.remove_suffix(1);
  Value wrong;
  const Regex* const regex = expression(call, pattern, others, wrong);
  if (!regex) return wrong;
  const std::string_view subject = text.text;
  std::string out;
  std::size_t at = 0;
  for (unsigned count = 0; at <= subject.size() && !(once && count == 1); ++count) {
    if (count == kMostReplaced) return Problem{"it matches too often"};
    Regex::Groups groups;
    const Outcome outcome = regex->match(subject, groups, at);
    if (outcome == Outcome::limit) return too_costly();
    if (outcome == Outcome::no) break;
    if (!groups[0].data()) break;  // \K has put its beginning behind its end
    const auto begin = static_cast<std::size_t>(groups[0].data() - subject.data());
    out += subject.substr(at, begin - at);
    expand(replacement.text, groups, out);
    if (out.size() > kMaxBody) return Problem{"the result is too long"};
    at = begin + groups[0].size();
    if (groups[0].empty() && at < subject.size()) out += subject[at];
    if (groups[0].empty()) ++at;
  }
  if (at < subject.size()) out += subject.substr(at);
  return out;
}

constexpr ObjectKind kRegex = ObjectKind::regex;

constexpr Function kRows[] = {
    function<test>(kRegex, "test", "text, pattern, flags", "boolean, err", kAnywhere,
                   "Whether the expression matches somewhere in the text. The flag \"i\" ignores "
                   "case. One that would take too long on this text gives nil. In Lua's [[…]] "
                   "backslashes stand for themselves."),
    function<match>(kRegex, "match", "text, pattern, flags", "(string|false)[], err", kAnywhere,
                    "What matched: the whole first, then the groups, nine at most, with false for "
                    "one that took no part; nil and \"no match\" if there is none."),
    function<replace>(kRegex, "replace", "text, pattern, replacement, flags", "string, err",
                      kAnywhere,
                      "The text with what matches replaced, everywhere, or with \"1\" at the end "
                      "of the flags the first time. In the replacement \\0 is what matched, \\1 "
                      "to \\9 are groups."),
};

}  // namespace

std::span<const Function> regex_functions() {
  return kRows;
}

}  // namespace opensips::routing
