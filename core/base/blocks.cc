#include "base/blocks.hh"

#include <array>
#include <cstdint>
#include <new>

#include "base/sanitizer.hh"

namespace opensips::base {

namespace {

constexpr std::size_t kStep = 256;
constexpr std::size_t kClasses = 16;        // up to 4 KiB
constexpr std::size_t kKeptPerClass = 128;  // at most 1 MiB a thread in all, about
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

}  // namespace

void* take_block(std::size_t size) {
  std::size_t size_class = (size + kStep - 1) / kStep;
  if (size_class > 0) --size_class;
  if (size_class >= kClasses || !kCaching) {
    size_class = kClasses;
  } else {
    if (Head* head = cache.take(size_class)) return head + 1;
    size = (size_class + 1) * kStep;
  }
  auto* head = static_cast<Head*>(::operator new(sizeof(Head) + size));
  head->size_class = size_class;
  return head + 1;
}

void give_block(void* block) {
  if (!block) return;
  Head* head = static_cast<Head*>(block) - 1;
  if (head->size_class < kClasses && cache.keep(head)) return;
  ::operator delete(head);
}

}  // namespace opensips::base
