#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "base/stats.hh"
#include "loop/context.hh"
#include "script_test/network.hh"

namespace opensips::script_test {

/// A worker without a thread, on a clock and bytes of a test's own: what layers are put on, and
/// what lies below them.
class FakeWorker {
 public:
  FakeWorker(std::uint32_t epoch, std::uint64_t now_ms, base::Stats& statistics)
      : context(0, epoch, now_ms, statistics) {}

  /// A message comes in; what was deferred is left to the end of the turn.
  void arrive(std::string_view bytes, const base::Flow& from) {
    loop::Walk walk = loop::Walk::up(loop::LayerId::transport);
    walk.bytes = bytes;
    walk.flow = from;
    context.path.launch(std::move(walk));
  }
  /// Timers due by then fire; the turn ends.
  void advance_to(std::uint64_t now_ms) {
    context.timers.advance(now_ms);
    context.run_deferred();
  }
  std::uint64_t now() const { return context.now(); }

  loop::Context context;
  Network network;
};

}  // namespace opensips::script_test
