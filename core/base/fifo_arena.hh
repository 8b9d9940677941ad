#pragma once

#include <cstddef>

namespace opensips::base {

/// Memory for pieces of different sizes that end in the order in which they began. It comes and
/// goes in blocks of many pieces: most of them cost no allocation, and stand side by side in
/// memory. What is made in a piece is its user's to destroy. Pieces stay where they are, aligned
/// for pointers and 64-bit numbers. One worker, or under a lock.
class FifoArena {
 public:
  FifoArena() = default;
  FifoArena(const FifoArena&) = delete;
  FifoArena& operator=(const FifoArena&) = delete;
  ~FifoArena();

  /// A new piece, behind all others.
  void* push_back(std::size_t size);
  /// The piece that has been there for the longest time; nullptr if there is none.
  void* front() const { return first_ ? first_->first() : nullptr; }
  /// Ends that piece.
  void pop_front();

  /// Visits the pieces in their order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Block* block = first_; block; block = block->next) {
      for (char* at = block->begin; at != block->end; at += size_of(at)) visit(at + kHead);
    }
  }

 private:
  struct Block {
    Block* next;
    char* begin;  ///< of the first piece that has not ended
    char* end;    ///< of the last one
    char* limit;

    void* first() const { return begin + kHead; }
  };
  static constexpr std::size_t kAlign = 8;
  static constexpr std::size_t kHead = kAlign;  ///< in front of each piece: its size with that
  static constexpr std::size_t kBlock = 64 * 1024;

  static std::size_t& size_of(char* piece) { return *reinterpret_cast<std::size_t*>(piece); }
  void add_block(std::size_t least);

  Block* first_ = nullptr;
  Block* last_ = nullptr;
};

}  // namespace opensips::base
