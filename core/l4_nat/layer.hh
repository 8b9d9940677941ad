#pragma once

#include "loop/passing_layer.hh"

namespace opensips::nat {

/// L4, optional: clients behind NAT. So far every message passes; replies find their way back
/// through a NAT all the same, by rport and received (L1).
class NatLayer final : public loop::PassingLayer {};

}  // namespace opensips::nat
