#include "base/wire.hh"

#include <new>

#include "base/blocks.hh"

namespace opensips::base {

WireRef Wire::make(std::size_t capacity) {
  return WireRef(new (take_block(sizeof(Wire) + capacity)) Wire(capacity));
}

void Wire::destroy(Wire* wire) {
  wire->~Wire();
  give_block(wire);
}

}  // namespace opensips::base
