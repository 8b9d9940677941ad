#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/guarded.hh"
#include "l0_transport/sockets.hh"
#include "l6_location/aor_table.hh"
#include "l6_location/aor_turns.hh"
#include "l6_location/contact_notes.hh"
#include "l6_location/contact_row.hh"
#include "l6_location/shared_contacts.hh"
#include "storage/database.hh"

namespace opensips::location {

/// Where contacts are.
enum class StoreMode : std::uint8_t {
  write_through,  ///< in memory and the database: a REGISTER is answered when it is written
  write_back,     ///< the same, but it is written later
  sql_only,       ///< in the database alone
  shared,         ///< in a Redis that other servers share; those that registered here in memory too
};

struct StoreOptions {
  StoreMode mode = StoreMode::write_through;
  std::uint64_t period_ms = 60'000;     ///< of what is written later
  std::size_t batch = 500;              ///< rows of one transaction
  std::uint64_t query_limit_ms = 1500;  ///< the database's
};

/// The table `location` of a database beside the table in memory: statements, who writes which AoR,
/// what waits to be written, and, while the table is being loaded, what is there already. Shared by
/// all workers, any thread.
class ContactStore {
 public:
  /// All of them outlive it; no other thread has `table` yet. It begins as one that is being
  /// loaded, if memory is to have all contacts. `shared`: of the mode of that name.
  ContactStore(AorTable& table, const transport::Sockets& sockets, storage::Database& database,
               const StoreOptions& options, std::optional<SharedContacts> shared = {});
  ContactStore(const ContactStore&) = delete;
  ContactStore& operator=(const ContactStore&) = delete;

  const StoreOptions& options() const { return options_; }
  AorTable& table() const { return table_; }
  storage::Database& database() const { return database_; }
  AorTurns& turns() { return turns_; }
  ContactNotes& notes() { return notes_; }
  /// Memory has, or will have, all contacts.
  bool is_in_memory() const {
    return options_.mode == StoreMode::write_through || options_.mode == StoreMode::write_back;
  }
  /// Null if contacts are in tables.
  const SharedContacts* shared() const { return shared_ ? &*shared_ : nullptr; }

  /// What an edit has changed.
  std::vector<storage::Query> queries_for(std::string_view aor,
                                          std::span<const BindingSetEdit::Change> changes) const;
  /// The contact as it is in memory now; a deletion if it is not there.
  storage::Query query_for(const ContactNotes::Note& note) const;
  /// The rows of an AoR.
  storage::Query query_for(std::string_view aor) const;
  /// The next rows, by contact_id.
  storage::Query next_page(std::int64_t after) const;
  /// Deletes what has expired.
  storage::Query expiring() const;
  static constexpr std::size_t kPage = 1000;

  /// The contacts of those rows that are this AoR's and have not expired.
  std::vector<BindingRef> contacts_of(std::string_view aor, const storage::Rows& rows) const;

  /// Does in memory what was written to the database; gives what is there then.
  BindingSetRef repeat(std::string_view aor, const BindingSetEdit& written,
                       Origin origin = Origin::written);

  /// The row of a contact may not be what memory says: it is written some time.
  void note(std::string_view aor, std::uint64_t id);

  /// While rows are being loaded an AoR is not known in memory until it was read by itself. Whoever
  /// has its turn claims it, reads its rows if that says true, and gives them to adopt().
  bool is_loading() const { return loading_.load(std::memory_order_acquire); }
  bool claim(std::string_view aor);
  void adopt(std::string_view aor, const storage::Rows& rows);
  /// Whether memory has all of an AoR.
  bool knows(std::string_view aor) const;

  /// For who loads: what became of a page, whose next one is after `last_id`.
  struct Loaded {
    std::size_t contacts = 0, expired = 0, unreadable = 0;
  };
  Loaded load(const storage::Rows& rows, std::int64_t& last_id);
  /// An AoR that was claimed and could not be read since: somebody has to.
  std::optional<std::string> unread() const;
  void end_loading();

  std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

 private:
  void follow(const LocationEvent& event);

  using Claims = std::unordered_map<std::string, bool>;  // by AoR: it has been read

  AorTable& table_;
  const transport::Sockets& sockets_;
  storage::Database& database_;
  const StoreOptions options_;
  const std::optional<SharedContacts> shared_;
  storage::StatementRef replace_, erase_, select_, page_, expire_;
  AorTurns turns_;
  ContactNotes notes_;
  base::Guarded<Claims> claims_;
  std::atomic<bool> loading_;
  std::atomic<std::uint64_t> lost_{0};
};

}  // namespace opensips::location
