#include "base/wire.hh"

#include <cstdlib>
#include <new>

namespace opensips::base {

WireRef Wire::make(std::size_t capacity) {
  void* memory = std::malloc(sizeof(Wire) + capacity);
  if (!memory) std::abort();
  return WireRef(new (memory) Wire(capacity));
}

void Wire::destroy(Wire* wire) {
  wire->~Wire();
  std::free(wire);
}

}  // namespace opensips::base
