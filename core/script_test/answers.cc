#include "script_test/answers.hh"

#include <cctype>
#include <ranges>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace opensips::script_test {
namespace {

char folded(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool is_blank(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

/// Small letters, and one blank where there were some.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (!is_blank(c)) {
      out += folded(c);
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

std::string shown(const Answer& answer) {
  if (const auto* const web = std::get_if<transport::WebServers::Result>(&answer.reply)) {
    return *web ? std::to_string((*web)->status) : web->error();
  }
  const auto& outcome = std::get<storage::Outcome>(answer.reply);
  if (!outcome) return outcome.error().text;
  if (outcome->affected > 0) return fmt::format("{} changed", outcome->affected);
  const auto rows = outcome->rows.size();
  return fmt::format("{} row{}", rows, rows == 1 ? "" : "s");
}

}  // namespace

std::string to_string(const Question& question) {
  constexpr std::string_view kNames[] = {"sql", "redis", "http", "dns"};
  const auto name = kNames[static_cast<unsigned>(question.service)];
  if (question.values.empty()) return fmt::format("{} {}", name, question.text);
  return fmt::format("{} {} ({})", name, question.text, fmt::join(question.values, ", "));
}

/// With one place to come back to: what follows the last star that was met.
bool matches(std::string_view pattern_text, std::string_view given) {
  const auto pattern = plain(pattern_text);
  const auto text = plain(given);
  std::size_t p = 0, t = 0, star = std::string::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::size_t Answers::add(Answer answer) {
  auto state = state_.lock();
  state->answers.push_back(std::move(answer));
  return state->answers.size() - 1;
}

std::optional<Answer> Answers::find(const Question& question) {
  auto state = state_.lock();
  for (Answer& one : std::views::reverse(state->answers)) {
    if (one.service != question.service || (one.once && !one.asked.empty())) continue;
    if (one.values && *one.values != question.values) continue;
    if (!matches(one.pattern, question.text)) continue;
    one.asked.push_back(question);
    journal_.note(fmt::format("{}: {}", to_string(question), shown(one)));
    return one;
  }
  return std::nullopt;
}

void Answers::nothing_for(const Question& question, std::string_view why) {
  auto text = to_string(question);
  if (!why.empty()) text += fmt::format(" ({})", why);
  journal_.note(text + ": nothing answers");
  state_.lock()->unanswered.push_back(std::move(text));
}

std::vector<std::string> Answers::take_unanswered() {
  return std::exchange(state_.lock()->unanswered, {});
}

}  // namespace opensips::script_test
