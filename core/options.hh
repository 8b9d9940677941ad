#pragma once

#include "config/settings.hh"
#include "stack.hh"

namespace opensips {

/// What the operator set, as the layers take it.
Shared::Options options_of(const config::Settings& settings, const base::SipKey& mac_key);

}  // namespace opensips
