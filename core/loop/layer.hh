#pragma once

#include <cstdint>

#include "loop/walk.hh"

namespace opensips::loop {

/// What becomes of a walk when a layer has seen it. There is no fifth way out.
enum class Verdict : std::uint8_t {
  up,       ///< on to the layer above; from above, turned round
  down,     ///< on to the layer below; from below, turned round: an answer
  done,     ///< the walk ends here
  suspend,  ///< the walk waits; the layer has its id and calls Path::resume() later
};

/// One layer on one worker. A layer never calls another: it returns a verdict, and Path moves the
/// walk. Called on its worker only.
class Layer {
 public:
  virtual ~Layer() = default;
  /// A message on its way from the network.
  virtual Verdict up(Walk& walk) = 0;
  /// A message on its way to the network.
  virtual Verdict down(Walk& walk) = 0;
};

}  // namespace opensips::loop
