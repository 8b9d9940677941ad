#include "base/blocks.hh"

#include <array>
#include <cstdint>
#include <new>

#include "base/sanitizer.hh"

namespace opensips::base {

namespace {

constexpr std::size_t kStep = 128;
constexpr std::size_t kClasses = 32;       // up to 4 KiB
constexpr std::size_t kKeptPerClass = 64;  // at most 4 MiB a thread in all
constexpr bool kCaching = !kAddressSanitizer;

/// In front of every block.
struct alignas(std::max_align_t) Head {
  Head* next;              // while it is free
  std::size_t size_class;  // kClasses: too large to keep
};

class Cache {
 public:
  ~Cache() {
    gone_ = true;  // what outlives the thread's cache goes straight to free()
    for (auto& list : lists_) {
      while (list.first) {
        Head* head = list.first;
        list.first = head->next;
        ::operator delete(head);
      }
    }
  }

  Head* take(std::size_t size_class) {
    List& list = lists_[size_class];
    Head* head = list.first;
    if (!head) return nullptr;
    list.first = head->next;
    // The next one to be taken may have been given back long ago.
    __builtin_prefetch(list.first, 1);
    --list.count;
    return head;
  }

  bool keep(Head* head) {
    List& list = lists_[head->size_class];
    if (gone_ || list.count == kKeptPerClass) return false;
    head->next = list.first;
    list.first = head;
    ++list.count;
    return true;
  }

 private:
  struct List {
    Head* first = nullptr;
    std::size_t count = 0;
  };
  std::array<List, kClasses> lists_;
  bool gone_ = false;
};

thread_local Cache cache;

/// kClasses: it is malloc's own.
std::size_t class_of(std::size_t size) {
  const std::size_t size_class = size == 0 ? 0 : (size - 1) / kStep;
  return kCaching && size_class < kClasses ? size_class : kClasses;
}

}  // namespace

void* take_block(std::size_t size) {
  const std::size_t size_class = class_of(size);
  if (size_class < kClasses) {
    if (Head* head = cache.take(size_class)) return head + 1;
  }
  size = block_room(size);
  auto* head = static_cast<Head*>(::operator new(sizeof(Head) + size));
  head->size_class = size_class;
  return head + 1;
}

std::size_t block_room(std::size_t size) {
  const std::size_t size_class = class_of(size);
  return size_class < kClasses ? (size_class + 1) * kStep : size;
}

void give_block(void* block) {
  if (!block) return;
  Head* head = static_cast<Head*>(block) - 1;
  if (head->size_class < kClasses && cache.keep(head)) return;
  ::operator delete(head);
}

}  // namespace opensips::base
