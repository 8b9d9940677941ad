#include "loop/owner.hh"

#include "base/siphash.hh"

namespace opensips::loop {

OwnerHash OwnerHash::random() {
  const auto key = base::SipKey::random();
  return {static_cast<std::uint32_t>(key.k0), static_cast<std::uint32_t>(key.k1) | 1U};
}

}  // namespace opensips::loop
