// What a routing script costs: entering a handler, reading fields, a state of its own.

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <fstream>
#include <string>

#include "unit/lp_routing/fake_services.hh"

namespace opensips::routing {
namespace {

/// A script with that handler, and a run to start it with again and again.
class Bench {
 public:
  explicit Bench(const std::string& body, const std::string& before = "") {
    char name[] = "/var/tmp/opensips-bench-XXXXXX";
    path_ = name;
    const int file = mkstemp(path_.data());
    if (file < 0) std::abort();
    close(file);
    std::ofstream(path_) << "local sip = require 'sip'\n"
                         << before << "\nsip.on_request(function(req)\n"
                         << body << "\nend)\n";
    settings.script = path_;
    settings.limits.time = settings.load_time = std::chrono::seconds(10);
    settings.limits.memory = 1UL << 30;
    reload();
    run.request = message_of(kInvite);
    run.source = run.request->source();
  }
  ~Bench() { unlink(path_.c_str()); }

  void reload() { load(services); }
  void load(Services& of) {
    lua::Files files;
    engine = std::move(lua::Engine::load(settings, of, files).value());
  }
  Engine::Progress once() {
    run.answered = false;
    return engine->start(run);
  }

  lua::Settings settings;
  model::Model model;
  FakeServices services;
  std::unique_ptr<lua::Engine> engine;
  Run run{RunId(0, 1, 1), model.stack.routing};

 private:
  std::string path_;
};

void measure(benchmark::State& state, const std::string& body, int per_run = 1) {
  Bench bench(body);
  for (auto _ : state) {
    if (bench.once() != Engine::Progress::finished) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * per_run);
}

std::string repeated(const char* statement, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += statement;
  return text;
}

void BM_EmptyHandler(benchmark::State& state) {
  measure(state, "");
}
BENCHMARK(BM_EmptyHandler);

void BM_Getters(benchmark::State& state) {
  const int count = static_cast<int>(state.range(0));
  measure(state, "local x " + repeated("x = req.method ", count), count);
}
BENCHMARK(BM_Getters)->Arg(1)->Arg(10)->Arg(100)->Arg(1000);

void BM_UriParts(benchmark::State& state) {
  const int count = static_cast<int>(state.range(0));
  measure(state, "local x " + repeated("x = req.ruri.user ", count), count);
}
BENCHMARK(BM_UriParts)->Arg(1)->Arg(10)->Arg(100);

void BM_HeaderReads(benchmark::State& state) {
  measure(state, "local x " + repeated("x = req:header('User-Agent') ", 10), 10);
}
BENCHMARK(BM_HeaderReads);

/// Services that do nothing: what is left is the script and the function.
class Silent : public FakeServices {
 public:
  base::Result<void> fork(Run& run, std::span<const Target>, const ForkOptions&) override {
    run.answered = true;
    return {};
  }
};

void BM_RelayOnly(benchmark::State& state) {
  Bench bench("req:relay()");
  Silent silent;
  bench.load(silent);
  for (auto _ : state) {
    if (bench.once() != Engine::Progress::finished) std::abort();
  }
  bench.engine.reset();
}
BENCHMARK(BM_RelayOnly);

void BM_SleepAndResume(benchmark::State& state) {
  Bench bench("sip.sleep(1)");
  for (auto _ : state) {
    bench.services.sleeps.clear();
    if (bench.once() != Engine::Progress::waiting) std::abort();
    bench.engine->resume(bench.run, {});
  }
}
BENCHMARK(BM_SleepAndResume);

void BM_NewState(benchmark::State& state) {
  Bench bench("");
  for (auto _ : state) bench.reload();
  state.counters["KB"] = static_cast<double>(bench.engine->memory()) / 1024;
}
BENCHMARK(BM_NewState);

/// A state that a reload has replaced: what its end would hold up. The argument is what its script
/// keeps, in MB.
void BM_EndOfAState(benchmark::State& state) {
  const auto entries = std::to_string(state.range(0) * 6700);
  Bench bench("", "kept = {} for i = 1, " + entries + " do kept[i] = {user = i, at = {i}} end");
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    bench.engine.reset();
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    state.SetIterationTime(time.count());
    bench.reload();
  }
  state.counters["MB"] = static_cast<double>(bench.engine->memory()) / 1048576;
}
BENCHMARK(BM_EndOfAState)->Arg(1)->Arg(16)->Arg(64)->UseManualTime()->Unit(benchmark::kMillisecond);

double cpu_ms() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// Handlers that leave garbage while others sleep: the longest that one of them took is the
/// collector's longest step. The argument is how many sleep.
void BM_CollectorsLongestStep(benchmark::State& state) {
  Bench bench(
      "if req.cseq == 1 then local mine = {req.call_id} sip.sleep(1) return mine end "
      "local t = {} for i = 1, 20 do t[i] = {req.call_id .. i} end");
  std::string bytes(kInvite);
  bytes.replace(bytes.find("42 INVITE"), 2, "1");
  const auto sleeper = message_of(bytes);
  std::deque<Run> sleeping;
  for (int i = 0; i < state.range(0); ++i) {
    Run& run = sleeping.emplace_back(RunId(0, 2, static_cast<std::uint32_t>(i + 1)),
                                     bench.model.stack.routing);
    run.request = sleeper;
    if (bench.engine->start(run) != Engine::Progress::waiting) std::abort();
  }
  bench.services.sleeps.clear();
  double longest = 0;
  for (auto _ : state) {
    const double begin = cpu_ms();
    bench.once();
    longest = std::max(longest, cpu_ms() - begin);
  }
  state.counters["longest_ms"] = longest;
  state.counters["MB"] = static_cast<double>(bench.engine->memory()) / 1048576;
}
BENCHMARK(BM_CollectorsLongestStep)->Arg(0)->Arg(1000)->Arg(10'000);

}  // namespace
}  // namespace opensips::routing
