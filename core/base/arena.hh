#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <new>
#include <string_view>
#include <utility>

namespace opensips::base {

/// Memory that lives as long as one message and is given back at once. What is made in it is never
/// destroyed, only forgotten: put nothing in that owns something else. One worker.
class Arena {
 public:
  /// `first`/`first_size`: memory that the caller owns and that is used before any block is asked
  /// for.
  Arena(void* first, std::size_t first_size)
      : at_(static_cast<char*>(first)), end_(at_ + first_size) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();

  void* allocate(std::size_t size, std::size_t align = alignof(std::max_align_t)) {
    const auto at = (reinterpret_cast<std::uintptr_t>(at_) + align - 1) & ~(align - 1);
    if (at + size > reinterpret_cast<std::uintptr_t>(end_)) return allocate_block(size, align);
    at_ = reinterpret_cast<char*>(at + size);
    return reinterpret_cast<void*>(at);
  }

  template <class T, class... Args>
  T* make(Args&&... args) {
    return new (allocate(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
  }

  /// Room for n bytes of text.
  char* text(std::size_t n) { return static_cast<char*>(allocate(n, 1)); }

  std::string_view copy(std::string_view from) {
    if (from.empty()) return {};
    char* to = text(from.size());
    std::memcpy(to, from.data(), from.size());
    return {to, from.size()};
  }

  std::string_view concat(std::initializer_list<std::string_view> parts) {
    std::size_t size = 0;
    for (auto part : parts) size += part.size();
    char* const to = text(size);
    char* at = to;
    for (auto part : parts) {
      if (!part.empty()) std::memcpy(at, part.data(), part.size());
      at += part.size();
    }
    return {to, size};
  }

  /// Gives back the end of the last text() that turned out to be too long.
  void trim(char* end_of_text) { at_ = end_of_text; }

 private:
  struct Block {
    Block* next;
  };
  static constexpr std::size_t kBlock = 2048;

  void* allocate_block(std::size_t size, std::size_t align);

  char* at_;
  char* end_;
  Block* blocks_ = nullptr;
};

}  // namespace opensips::base
