#include "loop/inbox.hh"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <system_error>

namespace opensips::loop {
namespace {

int open_eventfd() {
  const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return fd;
}

}  // namespace

constinit Inbox::Asleep Inbox::asleep_;

Inbox::Inbox(std::size_t limit) : limit_(limit), wake_fd_(open_eventfd()) {}

Inbox::~Inbox() {
  while (taken_ != nullptr || take_posted()) {
    InboxItem* const item = taken_;
    taken_ = item->next_;
    item->drop();
  }
  close(wake_fd_);
}

bool Inbox::try_post(InboxItem::Ptr& item, Wake wake) {
  if (!admits()) return false;
  push(item.release(), wake);
  return true;
}

bool Inbox::admits() {
  // Only read, so that a flood being refused does not take the line away from the consumer.
  if (waiting_.load(std::memory_order_relaxed) < limit_) return true;
  refused_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

void Inbox::push(InboxItem* item, Wake wake) {
  // Counted before it can be taken: the count must not fall below zero.
  waiting_.fetch_add(1, std::memory_order_relaxed);
  InboxItem* head = head_.load(std::memory_order_relaxed);
  do {
    item->next_ = head == &asleep_ ? nullptr : head;
    // Release: what the producer wrote into the item is there for the consumer. Those further down
    // the stack keep theirs, as only read-modify-writes follow them.
  } while (!head_.compare_exchange_weak(head, item, std::memory_order_release,
                                        std::memory_order_relaxed));

  if (head == &asleep_) {
    if (wake == Wake::now) return write_wake();
    wake_owed_.store(true, std::memory_order_release);
  } else if (wake == Wake::now) {
    // Who found it asleep may be in a long turn: what is urgent does not wait for that.
    flush();
  }
}

void Inbox::pay_wake() {
  if (wake_owed_.exchange(false, std::memory_order_acquire)) write_wake();
}

/// Takes the whole stack, oldest first. When there is none it leaves word that the consumer goes to
/// sleep, and returns false.
bool Inbox::take_posted() {
  assert(taken_ == nullptr);
  for (;;) {
    InboxItem* newest = head_.exchange(nullptr, std::memory_order_acquire);
    if (newest != nullptr && newest != &asleep_) {
      while (newest != nullptr) {
        InboxItem* const older = newest->next_;
        newest->next_ = taken_;
        taken_ = newest;
        newest = older;
      }
      return true;
    }
    InboxItem* empty = nullptr;
    if (head_.compare_exchange_strong(empty, &asleep_, std::memory_order_relaxed)) return false;
    // Somebody posted in between and did not wake us, since we looked awake.
  }
}

bool Inbox::drain(std::size_t max) {
  assert(!draining_);
  draining_ = true;

  // First, so that a wake for what comes after this is not lost. A producer may write late, after
  // we took its item: that makes one turn with nothing to do.
  std::uint64_t wakes;
  [[maybe_unused]] const ssize_t got = read(wake_fd_, &wakes, sizeof wakes);

  std::size_t ran = 0;
  while ((taken_ != nullptr || take_posted()) && ran < max) {
    InboxItem* const item = taken_;
    taken_ = item->next_;
    ++ran;
    item->run();
  }
  waiting_.fetch_sub(ran, std::memory_order_relaxed);

  draining_ = false;
  if (taken_ == nullptr) return false;
  write_wake();
  return true;
}

void Inbox::write_wake() {
  const std::uint64_t one = 1;
  // It can only fail when the counter is full, and then the descriptor is readable anyway.
  [[maybe_unused]] const ssize_t put = write(wake_fd_, &one, sizeof one);
}

}  // namespace opensips::loop
