// What a routing script costs: entering a handler, reading fields, a state of its own.

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdlib>
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
    settings.limits.time = std::chrono::seconds(10);
    reload();
    run.request = message_of(kInvite);
    run.source = run.request->source();
  }
  ~Bench() { unlink(path_.c_str()); }

  void reload() { engine = std::move(lua::Engine::load(settings, services).value()); }
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
BENCHMARK(BM_Getters)->Arg(1)->Arg(10)->Arg(100);

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
  bench.engine = std::move(lua::Engine::load(bench.settings, silent).value());
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

}  // namespace
}  // namespace opensips::routing
