#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "base/clock.hh"
#include "base/guarded.hh"
#include "base/time_condition.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/waiting.hh"

namespace opensips::routing {
namespace {

using base::TimeCondition;

constexpr std::size_t kMaxText = 4096;

/// The rules that scripts have asked for, read: reading one may mean to read the database of time
/// zones, which no worker does. Any thread.
class Rules {
 public:
  using Rule = std::expected<TimeCondition, base::TextError>;

  std::shared_ptr<const Rule> find(std::string_view text) const {
    const auto known = known_.lock();
    const auto found = known->by_text.find(text);
    return found == known->by_text.end() ? nullptr : found->second;
  }

  /// Not on a worker.
  std::shared_ptr<const Rule> read(const std::string& text) {
    base::TimeZones zones;
    auto rule = std::make_shared<const Rule>(TimeCondition::parse(text, zones));
    const auto known = known_.lock();
    // Scripts write their rules down; one that makes them gets each read anew after a while.
    if (known->by_text.size() >= kMost) known->by_text.clear();
    known->by_text.insert_or_assign(text, rule);
    return rule;
  }

 private:
  static constexpr std::size_t kMost = 1000;
  struct Known {
    std::map<std::string, std::shared_ptr<const Rule>, std::less<>> by_text;
  };
  base::Guarded<Known> known_;
};

Rules& rules() {
  static Rules all;
  return all;
}

Value holds(const Rules::Rule& rule, std::int64_t time) {
  if (rule) return rule->holds(time);
  return Problem{fmt::format("byte {}: {}", rule.error().offset + 1, rule.error().message)};
}

Value in_time(Call& call, Line rule, std::optional<std::int64_t> time) {
  if (rule.text.size() > kMaxText) {
    return Misuse{fmt::format("{}: argument 1 (rule): is too long", call.function.full_name())};
  }
  const std::int64_t at = time.value_or(base::wall_seconds());
  if (const auto known = rules().find(rule.text)) return holds(*known, at);
  return in_background(call, [text = std::string(rule.text), at]() -> Value {
    return holds(*rules().read(text), at);
  });
}

constexpr Function kRows[] = {
    waiting(function<in_time>(
        ObjectKind::sip, "in_time", "rule, time", "boolean, err", kInHandlers,
        "Whether it is a time that the rule names, or the given one is, in seconds since 1970. "
        "The rule is written as OpenSIPS writes it: "
        "\"Europe/Berlin|20200101T080000||10H|weekly|||MO,TU,WE,TH,FR\", several joined by & or /, "
        "with ! for not. Only the first time that a rule is met it waits, until it has been "
        "read.")),
};

}  // namespace

std::span<const Function> time_functions() {
  return kRows;
}

}  // namespace opensips::routing
