#pragma once

#include "loop/passing_layer.hh"

namespace opensips::presence {

/// L5, optional: the presence agent. So far every message passes.
class PresenceLayer final : public loop::PassingLayer {};

}  // namespace opensips::presence
