#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/guarded.hh"
#include "base/stats.hh"

namespace opensips::manage {

/// What stands in an event under one name.
using EventValue = std::variant<bool, std::int64_t, double, std::string>;
struct EventField {
  std::string name;
  EventValue value;
  friend bool operator==(const EventField&, const EventField&) = default;
};

/// Something has happened. Never changed once it is raised; any thread.
struct Event {
  std::string name;
  std::vector<EventField> fields;

  /// nullptr: it has none of that name.
  const EventValue* find(std::string_view field) const;
};
using EventRef = std::shared_ptr<const Event>;

/// One field of a kind of event, for manual and operators.
struct EventParameter {
  std::string_view name;
  std::string_view type;  ///< "string", "integer"
  std::string_view doc;
};
/// A kind of event that the server or a module makes. What scripts make up besides has no row.
struct EventType {
  std::string_view name;  ///< "E_UL_CONTACT_INSERT"
  std::string_view doc;
  std::span<const EventParameter> parameters;
};

/// Whether an event can be called so: E_ and capital letters, digits, underscores; 64 bytes at
/// most.
bool is_event_name(std::string_view name);

/// All kinds that the server and its modules make. Filled at start, then only read. Any thread.
class EventTypes {
 public:
  /// They have to live as long as this.
  void add(std::span<const EventType> types);
  /// nullptr: none of the server's.
  const EventType* find(std::string_view name) const;
  /// Whether names that begin like this one (up to the second underscore) are the server's alone.
  bool is_reserved(std::string_view name) const;
  std::span<const EventType> all() const { return all_; }

 private:
  std::vector<EventType> all_;
};

/// Brings events to those who listen for them: the routing programs of the workers, and the clients
/// of the management. Nothing is made and nothing is sent while nobody listens. What waits for one
/// listener is bounded: the events of a storm beyond that are dropped and counted. Any thread.
class Events {
 public:
  /// Events on their way to one listener; more are dropped.
  static constexpr std::uint32_t kMaxWaiting = 1000;
  /// Events that somebody listens for, of one server.
  static constexpr std::size_t kMaxNames = 10'000;

  /// Who takes events.
  struct Listener {
    /// Has the work run on the listener's thread; false: it has gone.
    std::function<bool(std::function<void()> work)> post;
    /// There: an event that it listens for. `here`: it is the one that takes care of it.
    std::function<void(const EventRef& event, bool here)> take;
  };
  /// The events that one hears of.
  enum class Scope : std::uint8_t {
    here,        ///< those of its own thread
    everywhere,  ///< all
  };

  /// Listeners are numbered: the workers by their index, then the control thread.
  explicit Events(unsigned workers);
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  /// Before anything is raised. Control thread.
  void set_listener(unsigned number, Listener listener);
  /// The number of the control thread.
  unsigned control() const { return static_cast<unsigned>(listeners_.size()) - 1; }
  /// "event:raised" and "event:dropped".
  void add_to(base::Stats& statistics);

  /// Begins to listen. False: too many names.
  bool listen(std::string_view name, unsigned listener, Scope scope);
  /// Takes one such call back.
  void unlisten(std::string_view name, unsigned listener, Scope scope);

  /// One name that is listened for, or was. It lives as long as this.
  class Topic;
  /// For who raises the same event often; nullptr: too many names.
  const Topic* topic(std::string_view name);
  /// Whether anybody listens: one load.
  static bool is_wanted(const Topic& topic);

  /// It has happened on that listener's thread; what happens on the control thread, or on one of a
  /// module's, the first worker takes care of.
  void raise(const Topic& topic, unsigned where, EventRef event);
  /// The same by its name, for what happens seldom.
  void raise(unsigned where, Event event);

  /// A listener could not take one, and nobody else does.
  void drop() { dropped_.fetch_add(1, std::memory_order_relaxed); }

  /// How many listen for each event, by name; those for which nobody does are left out.
  std::vector<std::pair<std::string, std::uint32_t>> listened() const;

 private:
  struct Way {
    Listener listener;
    std::atomic<std::uint32_t> waiting = 0;
  };

  Topic* find_or_make(std::string_view name);
  void send(unsigned number, const EventRef& event, bool here);

  std::vector<Way> listeners_;
  base::Guarded<std::map<std::string, std::unique_ptr<Topic>, std::less<>>> topics_;
  std::atomic<std::uint64_t> raised_ = 0;
  std::atomic<std::uint64_t> dropped_ = 0;
};

class Events::Topic {
 public:
  explicit Topic(std::size_t listeners) : everywhere_(listeners), here_(listeners) {}

 private:
  friend class Events;
  std::atomic<std::uint32_t> all_ = 0;
  std::vector<std::atomic<std::uint32_t>> everywhere_, here_;  // by listener
};

inline bool Events::is_wanted(const Topic& topic) {
  return topic.all_.load(std::memory_order_relaxed) > 0;
}

}  // namespace opensips::manage
