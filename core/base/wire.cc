#include "base/wire.hh"

#include <cstring>
#include <new>

#include "base/blocks.hh"

namespace opensips::base {

WireRef Wire::make(std::size_t capacity) {
  return WireRef(new (take_block(sizeof(Wire) + capacity)) Wire(capacity));
}

WireRef Wire::copy(std::string_view bytes) {
  auto wire = make(bytes.size());
  std::memcpy(wire->data(), bytes.data(), bytes.size());
  wire->resize(bytes.size());
  return wire;
}

void Wire::destroy(Wire* wire) {
  wire->~Wire();
  give_block(wire);
}

}  // namespace opensips::base
