#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/ref.hh"

namespace opensips::base {

/// The bytes of one message as they go out: made once by the writer, held by the send queue and by
/// whoever may have to send them again. One allocation, header and bytes together. One worker.
class Wire : public RefCounted {
 public:
  /// Room for `capacity` bytes; the writer fills data() and then says with resize() how many there
  /// are.
  static Ref<Wire> make(std::size_t capacity);
  static Ref<Wire> copy(std::string_view bytes);

  char* data() { return reinterpret_cast<char*>(this + 1); }
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  void resize(std::size_t size) { size_ = static_cast<std::uint32_t>(size); }
  /// The call that it is a message of, as far as 32 bits can tell calls apart; 0: none is known.
  /// Messages of one call go out in their order.
  std::uint32_t call() const { return call_; }
  void set_call(std::string_view call_id) {
    call_ = static_cast<std::uint32_t>(std::hash<std::string_view>{}(call_id));
  }
  std::string_view view() const { return {data(), size_}; }

  friend void retain(Wire* wire) { wire->ref(); }
  friend void release(Wire* wire) {
    if (wire->unref()) destroy(wire);
  }

 private:
  explicit Wire(std::size_t capacity) : capacity_(static_cast<std::uint32_t>(capacity)) {}
  static void destroy(Wire* wire);

  std::uint32_t size_ = 0;
  std::uint32_t capacity_;
  std::uint32_t call_ = 0;
};

using WireRef = Ref<Wire>;

}  // namespace opensips::base
