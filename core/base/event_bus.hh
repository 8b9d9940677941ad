#pragma once

#include <atomic>
#include <cassert>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace opensips::base {

/// How a lower layer tells a higher one what happened, without knowing it: an event is a plain
/// struct of the layer that publishes it, and whoever includes that layer may subscribe.
///
///   bus.subscribe<transport::ConnectionClosed>([this](const auto& event) { forget(event.flow); });
///   bus.publish(transport::ConnectionClosed{flow});
///
/// One per worker, for events of that worker. Handlers run at once, inside publish(), in the order
/// they subscribed; they may publish in turn. Subscribing is for start-up and ends with start().
class EventBus {
 public:
  EventBus() = default;
  EventBus(const EventBus&) = delete;
  EventBus& operator=(const EventBus&) = delete;

  template <class Event>
  void subscribe(std::function<void(const Event&)> handler) {
    assert(!started_);
    const std::size_t index = index_of<Event>();
    if (channels_.size() <= index) channels_.resize(index + 1);
    if (!channels_[index]) channels_[index] = std::make_unique<Channel<Event>>();
    static_cast<Channel<Event>&>(*channels_[index]).handlers.push_back(std::move(handler));
  }

  /// All have subscribed; from now on events may be published.
  void start() { started_ = true; }

  template <class Event>
  void publish(const Event& event) const {
    assert(started_);
    const std::size_t index = index_of<Event>();
    if (index >= channels_.size() || !channels_[index]) return;
    for (const auto& handler : static_cast<const Channel<Event>&>(*channels_[index]).handlers) {
      handler(event);
    }
  }

 private:
  struct AnyChannel {
    virtual ~AnyChannel() = default;
  };
  template <class Event>
  struct Channel final : AnyChannel {
    std::vector<std::function<void(const Event&)>> handlers;
  };

  /// The number of a type of event, the same for every bus of the process. A loaded module has the
  /// same numbers as long as it is built with default visibility.
  template <class Event>
  static std::size_t index_of() {
    static const std::size_t index = next_index_.fetch_add(1, std::memory_order_relaxed);
    return index;
  }
  static inline std::atomic<std::size_t> next_index_ = 0;

  std::vector<std::unique_ptr<AnyChannel>> channels_;  // by index; null where nobody subscribed
  bool started_ = false;
};

}  // namespace opensips::base
