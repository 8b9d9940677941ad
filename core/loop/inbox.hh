#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace opensips::loop {

/// Something one thread hands to another through an Inbox. It ends in one of two ways: `run()` on
/// the consumer's thread, or `drop()`. Both take the item over: they see to it that it is freed or
/// kept.
class InboxItem {
 public:
  InboxItem() = default;
  InboxItem(const InboxItem&) = delete;
  InboxItem& operator=(const InboxItem&) = delete;

  /// What it was posted for. May post, to the same inbox too.
  virtual void run() = 0;

  /// It will not run. May be called on any thread.
  virtual void drop() { delete this; }

  struct Drop {
    void operator()(InboxItem* item) const { item->drop(); }
  };
  /// An owner that drops what it still has.
  using Ptr = std::unique_ptr<InboxItem, Drop>;

 protected:
  virtual ~InboxItem() = default;

 private:
  friend class Inbox;
  InboxItem* next_ = nullptr;
};

/// When a consumer that is asleep is woken for what is posted.
enum class Wake : std::uint8_t {
  now,       ///< at once
  at_flush,  ///< when anybody calls flush() or posts something for `now`; the poster owes a flush()
};

/// The queue by which any thread reaches one worker: many producers, one consumer, no lock. Items
/// of one producer arrive in their order. Whoever posts must know that the inbox lives.
///
/// The newest item is the head of a stack; the consumer takes all of it at once and turns it round.
/// An empty stack has two forms: the consumer is awake and will look again by itself, or it is
/// asleep, and then the first who posts has to write to the eventfd. That costs the poster more
/// than anything else here (microseconds, against 20 ns), so a worker that hands on what it read in
/// one turn posts it `at_flush` and flushes once at the end of the turn.
class Inbox {
 public:
  /// `limit` is for try_post(): items waiting, of both kinds.
  explicit Inbox(std::size_t limit);
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;
  /// Drops what nobody took. No thread may be posting any more.
  ~Inbox();

  /// For what must not get lost: results, control. Never refused. Any thread.
  void post(InboxItem::Ptr item, Wake wake = Wake::now) { push(item.release(), wake); }

  /// For messages from the network. When the limit is reached it is refused: false, `item` stays
  /// with the caller, who may still answer it, and it is counted. Any thread; producers that meet
  /// at the limit may exceed it by one each.
  [[nodiscard]] bool try_post(InboxItem::Ptr& item, Wake wake = Wake::now);

  /// The same with a callable; a refused one is destroyed.
  template <std::invocable F>
  void post(F work, Wake wake = Wake::now) {
    push(new Call<F>(std::move(work)), wake);
  }
  template <std::invocable F>
  [[nodiscard]] bool try_post(F work, Wake wake = Wake::now) {
    if (!admits()) return false;
    push(new Call<F>(std::move(work)), wake);
    return true;
  }

  /// Wakes the consumer if something posted `at_flush` left that to do. Any thread; costs a load
  /// when there is nothing to do.
  void flush() {
    if (wake_owed_.load(std::memory_order_relaxed)) pay_wake();
  }

  /// Runs up to `max` items. True when more wait: come again in the next turn, for which
  /// `wake_fd()` is readable. After false, the next post makes it readable, or its flush. Only on
  /// the consumer, not from `run()`.
  bool drain(std::size_t max);

  /// An eventfd, for the event loop to wait on (level-triggered, read) and call drain(). The inbox
  /// owns it; nobody else reads it.
  int wake_fd() const { return wake_fd_; }

  /// Items waiting, and how many were refused so far. Any thread; may be out of date at once.
  std::size_t size() const { return waiting_.load(std::memory_order_relaxed); }
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  template <class F>
  class Call final : public InboxItem {
   public:
    explicit Call(F work) : work_(std::move(work)) {}
    void run() override {
      const std::unique_ptr<Call> self(this);
      work_();
    }

   private:
    F work_;
  };

  /// The head of an empty stack whose consumer is asleep. Never run, only compared with.
  class Asleep final : public InboxItem {
    void run() override {}
  };

  bool admits();
  void push(InboxItem* item, Wake wake);
  void pay_wake();
  bool take_posted();
  void write_wake();

  static Asleep asleep_;

  const std::size_t limit_;
  const int wake_fd_;

  // Written by all; kept off the cache line of what only the consumer touches.
  alignas(64) std::atomic<InboxItem*> head_ = &asleep_;
  std::atomic<bool> wake_owed_ = false;
  std::atomic<std::size_t> waiting_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;

  // The consumer's: taken from the stack, not run yet, oldest first.
  alignas(64) InboxItem* taken_ = nullptr;
  bool draining_ = false;
};

}  // namespace opensips::loop
