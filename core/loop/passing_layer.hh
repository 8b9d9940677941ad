#pragma once

#include "loop/layer.hh"

namespace opensips::loop {

/// A layer that lets every message pass: what an optional layer does with those that it has no
/// business with.
class PassingLayer : public Layer {
 public:
  Verdict up(Walk&) override { return Verdict::up; }
  Verdict down(Walk&) override { return Verdict::down; }
};

}  // namespace opensips::loop
