#include <benchmark/benchmark.h>
#include <malloc.h>

#include <string>

#include "l3_dialog/dialogs.hh"
#include "model/model.hh"

namespace opensips::dialog {
namespace {

constexpr std::int64_t kWall = 1'700'000'000;

/// A call between two phones behind one more proxy on each side, as it stands after its ACK.
DialogSnapshot call(std::uint64_t n) {
  const auto number = std::to_string(100'000 + n);
  DialogSnapshot call{
      .did = n + 1,
      .call_id = "f81d4fae-7dec-11d0-a765-" + number + "@10.20.30.40",
      .caller = {.uri = "sip:alice" + number + "@pbx.example.com",
                 .tag = "a6c85cf" + number,
                 .contact = "sip:alice" + number + "@10.20.30.40:5060;transport=udp",
                 .routes = "<sip:edge1.example.com;lr;did=f0e1d2c3>",
                 .socket = "udp:127.0.0.1:5060",
                 .cseq = 1,
                 .sent = 1},
      .callee = {.uri = "sip:+15551" + number + "@pbx.example.com",
                 .tag = "314159" + number,
                 .contact = "sip:+15551" + number + "@10.20.30.41:5060;ob",
                 .routes = "<sip:edge2.example.com;lr;did=c3d2e1f0>",
                 .socket = "udp:127.0.0.1:5060",
                 .cseq = 0,
                 .sent = 0},
      .state = State::confirmed,
      .started = kWall,
      .life_ends = kWall + 43'200,
      .session_ends = 0,
      .options = {.lifetime = 43'200'000},
      .vars = {},
      .profiles = {}};
  return call;
}

/// What a dialog takes, as malloc has it, with its share of the tables: `bytes` each.
void BM_DialogsHeld(benchmark::State& state) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  double bytes = 0;
  for (auto _ : state) {
    model::Model model;
    auto& dialogs = model.stack.dialogs.dialogs();
    const auto before = mallinfo2().uordblks;
    for (std::uint64_t n = 0; n < count; ++n) dialogs.restore(call(n), kWall);
    bytes = static_cast<double>(mallinfo2().uordblks - before) / static_cast<double>(count);
  }
  state.counters["bytes"] = bytes;
  state.SetItemsProcessed(static_cast<std::int64_t>(count) * state.iterations());
}
BENCHMARK(BM_DialogsHeld)->Arg(100'000)->Unit(benchmark::kMillisecond);

/// Finding one of many by Call-ID and tag, as each request inside does.
void BM_DialogFound(benchmark::State& state) {
  constexpr std::uint64_t kCount = 100'000;
  model::Model model;
  auto& dialogs = model.stack.dialogs.dialogs();
  for (std::uint64_t n = 0; n < kCount; ++n) dialogs.restore(call(n), kWall);
  std::uint64_t n = 0;
  for (auto _ : state) {
    n = (n + 7'368'787) % kCount;
    const auto number = std::to_string(100'000 + n);
    const auto call_id = "f81d4fae-7dec-11d0-a765-" + number + "@10.20.30.40";
    benchmark::DoNotOptimize(dialogs.table().find(call_id, "a6c85cf" + number));
  }
}
BENCHMARK(BM_DialogFound);

}  // namespace
}  // namespace opensips::dialog
