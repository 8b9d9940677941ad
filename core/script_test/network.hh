#pragma once

#include <string>
#include <vector>

#include "base/flow.hh"
#include "loop/layer.hh"
#include "loop/walk.hh"

namespace opensips::script_test {

/// The bottom of a stack without sockets: what would be sent is kept.
class Network final : public loop::Layer {
 public:
  struct Sent {
    std::string bytes;
    base::Flow to;
    loop::ClientId client;
  };

  loop::Verdict up(loop::Walk&) override { return loop::Verdict::up; }
  loop::Verdict down(loop::Walk& walk) override {
    sent.push_back({std::string(walk.wire->view()), walk.flow, walk.client});
    return loop::Verdict::done;
  }

  std::vector<Sent> sent;
};

}  // namespace opensips::script_test
