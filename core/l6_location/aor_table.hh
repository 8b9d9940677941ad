#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/guarded.hh"
#include "base/siphash.hh"
#include "l6_location/aor_index.hh"
#include "l6_location/binding_set.hh"

namespace opensips::location {

/// Who made a change, for those who have to do with databases.
enum class Origin : std::uint8_t {
  here,      ///< a client, an operator or time: it is not in the database
  written,   ///< the same, and the database has it
  restored,  ///< it came out of the database: nothing has happened
};

/// What happened to an AoR or to one of its contacts: how many seconds it has left, where its
/// REGISTER came from and all else says `binding`.
struct LocationEvent {
  enum class Kind : std::uint8_t {
    aor_insert,  ///< before its first contact_insert
    aor_delete,  ///< behind its last contact_delete or contact_expire
    contact_insert,
    contact_update,  ///< a refresh is one too
    contact_delete,
    contact_expire,
  };
  Kind kind;
  std::string_view aor;
  const Binding* binding;  ///< as it is now, or last was; none with aor_*
  std::uint64_t
      version;  ///< of the AoR; events of one AoR may come out of this order from several threads
  Origin origin = Origin::here;
};

/// Who is registered where: the bindings of all AoRs, shared by all workers. Every function may be
/// called by any thread, but for listen(). A reader copies a pointer under the lock of one stripe;
/// a writer works on a copy outside the lock and starts again if another one was faster.
class AorTable {
 public:
  using Listener = std::function<void(const LocationEvent&)>;

  explicit AorTable(std::size_t stripes = 256, base::SipKey key = base::SipKey::random());

  /// Before any other thread has the table. Listeners are called on the thread that made the
  /// change, after it can be seen, with no lock held; they must not block.
  void listen(Listener listener) { listeners_.push_back(std::move(listener)); }

  /// The bindings of an AoR, none if there are none. Some may have expired.
  BindingSetRef find(std::string_view aor) const;

  /// Changes an AoR: `edit(BindingSetEdit&)` says false to leave everything as it is. It is called
  /// again, on the newer state, when another thread published first. Gives what then is there.
  template <class Edit>
  BindingSetRef update(std::string_view aor, Edit&& edit, Origin origin = Origin::here) {
    const Probe probe = probe_for(aor);
    for (;;) {
      BindingSetEdit next(find(probe));
      if (!edit(next) || next.changes().empty()) return next.before();
      BindingSetRef after;
      if (publish(probe, next, origin, after)) return after;
    }
  }

  /// Removes an AoR with all its contacts; false if it was not there.
  bool erase(std::string_view aor);

  /// Takes out bindings that have expired, going on where the last call ended. `budget`: how many
  /// AoRs, or empty places of the hash table, to look at in this call. Before the next one expires
  /// it costs a comparison, and then looks at the stripes in which one has. Gives the number of
  /// AoRs that changed.
  std::size_t expire(std::uint64_t now_ms, std::size_t budget);

  /// Visits the AoRs that are there all the time; one that comes or goes meanwhile is seen or not.
  /// No lock is held in `visit(const BindingSetRef&)`.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t i = 0; i < stripes_.size(); ++i) for_each_in(i, visit);
  }
  /// The same a stripe at a time, for who does not want to visit them all at once.
  template <class Visit>
  void for_each_in(std::size_t stripe, Visit&& visit) const {
    for (const BindingSetRef& set : copy_of(stripe, Which::all)) visit(set);
  }
  /// Only those with a contact that is behind a NAT; a stripe without one costs its lock.
  template <class Visit>
  void for_each_behind_nat_in(std::size_t stripe, Visit&& visit) const {
    for (const BindingSetRef& set : copy_of(stripe, Which::behind_nat)) visit(set);
  }
  std::size_t stripes() const { return stripes_.size(); }

  /// OpenSIPS: location-users, location-contacts, location-expires.
  std::uint64_t users() const { return users_.load(std::memory_order_relaxed); }
  std::uint64_t contacts() const { return contacts_.load(std::memory_order_relaxed); }
  std::uint64_t expires() const { return expires_.load(std::memory_order_relaxed); }

 private:
  struct Probe {
    std::string_view aor;
    std::uint64_t hash;
  };
  enum class Which : std::uint8_t { all, behind_nat };
  struct Content {
    AorIndex aors;
    std::uint64_t last_version = 0;
    std::uint64_t due_at = AorIndex::kNever;  ///< nothing in here expires before
    std::size_t behind_nat = 0;               ///< AoRs with such a contact
  };
  struct alignas(64) Stripe {
    base::Guarded<Content> content;
  };
  struct Published {
    std::string_view aor;
    std::uint64_t version;
    Origin origin;
    bool exists;
  };
  /// Where a sweep is, and what it has found out about its stripe.
  struct Sweep {
    std::size_t stripe = 0;
    std::size_t place = 0;
    std::uint64_t version = 0;  ///< of the stripe when it began
    std::uint64_t due_at = AorIndex::kNever;
  };

  Probe probe_for(std::string_view aor) const { return {aor, base::table_hash(key_, aor)}; }
  const base::Guarded<Content>& content_of(const Probe& probe) const {
    return stripes_[(probe.hash >> 40) % stripes_.size()].content;
  }
  base::Guarded<Content>& content_of(const Probe& probe) {
    return stripes_[(probe.hash >> 40) % stripes_.size()].content;
  }
  BindingSetRef find(const Probe& probe) const;
  bool publish(const Probe& probe, BindingSetEdit& next, Origin origin, BindingSetRef& after);
  void announce(const BindingSetEdit& edit, const Published& published);
  std::vector<BindingSetRef> collect_expired(std::uint64_t now_ms, std::size_t budget);
  std::size_t sweep(Sweep& at, std::uint64_t now_ms, std::size_t budget,
                    std::vector<BindingSetRef>& found);
  void lower_next_due(std::uint64_t ms);
  std::vector<BindingSetRef> copy_of(std::size_t stripe, Which which) const;

  base::SipKey key_;
  std::vector<Stripe> stripes_;
  std::vector<Listener> listeners_;
  base::Guarded<Sweep> sweep_;
  std::atomic<std::uint64_t> next_due_{AorIndex::kNever};  ///< nothing at all expires before
  alignas(64) std::atomic<std::uint64_t> users_{0};
  std::atomic<std::uint64_t> contacts_{0};
  std::atomic<std::uint64_t> expires_{0};
};

}  // namespace opensips::location
