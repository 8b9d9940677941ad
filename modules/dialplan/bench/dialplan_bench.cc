#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dialplan/fold.hh"
#include "dialplan/rule_file.hh"
#include "dialplan/translate.hh"

namespace opensips::dialplan {
namespace {

constexpr std::int64_t kNow = 1'591'357'895;
constexpr std::string_view kHead =
    "id(int,auto) dpid(int) pr(int) match_op(int) match_exp(string) match_flags(int) "
    "subst_exp(string) repl_exp(string) timerec(string) disabled(int) attrs(string)\n";

/// As number blocks of a carrier: most rules are prefixes of some length, some are whole numbers, a
/// few (ten in all) begin with no literal.
std::string table(std::size_t rules) {
  std::string text(kHead);
  for (std::size_t i = 0; i < rules; ++i) {
    const std::string number = std::to_string(1'000'000 + i * 7'368'787 % 9'000'000);
    const std::string id = std::to_string(i + 1);
    if (i % 10 == 3) {
      text += id + ":1:" + std::to_string(i % 5) + ":0:49" + number + ":0:::::block" + id + "\n";
    } else if (i * 10 % rules < 10 && i > 0) {
      text += id + ":1:9:1:(" + id + ")x$:0:::::odd\n";
    } else {
      text += id + ":1:" + std::to_string(i % 5) + ":1:^\\\\+" + number +
              "[0-9]{2,6}$:0:^\\\\+(.*)$:00\\\\1::0:block" + id + "\n";
    }
  }
  return text;
}

struct Loaded {
  RuleSet rules;
  double bytes_per_rule = 0;
};

const Loaded& loaded(std::size_t count) {
  static std::map<std::size_t, Loaded> sets;
  Loaded& set = sets[count];
  if (set.rules.rule_count() != 0) return set;
  const std::string text = table(count);
  const auto before = mallinfo2();
  auto rules = parse_rules("bench", text);
  if (!rules) throw std::runtime_error(rules.error().text());
  set.rules = std::move(*rules);
  const auto after = mallinfo2();
  const auto bytes = (after.uordblks + after.hblkhd) - (before.uordblks + before.hblkhd);
  set.bytes_per_rule = static_cast<double>(bytes) / static_cast<double>(count);
  return set;
}

/// Inputs spread over the rules, so that the caches do not help more than they would.
std::vector<std::string> inputs(std::size_t count) {
  std::vector<std::string> list;
  for (std::size_t i = 0; list.size() < 4096; i += 7919) {
    const std::size_t rule = i % count;
    if (rule % 10 == 3) continue;
    list.push_back("+" + std::to_string(1'000'000 + rule * 7'368'787 % 9'000'000) + "1234");
  }
  return list;
}

void dialplan_look_up(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const Loaded& set = loaded(count);
  const auto numbers = inputs(count);
  std::size_t i = 0;
  std::size_t found = 0;
  for (auto _ : state) {
    const Translation result = translate(set.rules, 1, numbers[i++ % numbers.size()], kNow);
    found += result.rule ? 1 : 0;
    benchmark::DoNotOptimize(result.output.data());
  }
  state.counters["found"] = static_cast<double>(found) / static_cast<double>(state.iterations());
  state.counters["bytes/rule"] = set.bytes_per_rule;
}
BENCHMARK(dialplan_look_up)->Arg(100)->Arg(10'000)->Arg(100'000);

/// A number that no rule is for.
void dialplan_look_up_nothing(benchmark::State& state) {
  const Loaded& set = loaded(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(translate(set.rules, 1, "+390612345", kNow));
}
BENCHMARK(dialplan_look_up_nothing)->Arg(100)->Arg(10'000)->Arg(100'000);

/// The same by trying all rules in their order.
void dialplan_look_up_by_scan(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto rules = loaded(count).rules.plan(1)->rules();
  const auto numbers = inputs(count);
  std::size_t i = 0;
  for (auto _ : state) {
    const std::string& number = numbers[i++ % numbers.size()];
    const std::string small = folded(number);
    for (const Rule& rule : rules) {
      if (rule.matches(number, small, kNow) == base::Regex::Outcome::yes) {
        benchmark::DoNotOptimize(rule.id);
        break;
      }
    }
  }
}
BENCHMARK(dialplan_look_up_by_scan)
    ->Arg(100)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Unit(benchmark::kMicrosecond);

/// One compiled pattern and its substitution, as the floor.
void dialplan_one_pattern(benchmark::State& state) {
  auto pattern = base::Regex::compile("^\\+1000000[0-9]{2,6}$", false);
  if (state.range(0) != 0) pattern->optimize();
  for (auto _ : state) benchmark::DoNotOptimize(pattern->match("+10000001234"));
  state.SetLabel(state.range(0) != 0 ? "machine code" : "interpreted");
}
BENCHMARK(dialplan_one_pattern)->Arg(0)->Arg(1);

void dialplan_load(benchmark::State& state) {
  const std::string text = table(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    const auto rules = parse_rules("bench", text);
    if (!rules) state.SkipWithError("refused");
  }
}
BENCHMARK(dialplan_load)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace opensips::dialplan
