#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/log.hh"
#include "base/stats.hh"
#include "l1_parser/message.hh"
#include "l6_location/contact_store.hh"
#include "l6_location/registrar.hh"
#include "loop/context.hh"
#include "loop/mailbox.hh"

namespace opensips::location {

/// The registrar of one worker where contacts are in a database too: what takes time gives its
/// result later, and within the database's limit, on this worker.
///
/// A REGISTER has the turn of its AoR until it is done. It reads the AoR first where memory does
/// not know it, works out what becomes of it, has that written (write-through), and then puts it
/// into memory. What failed is not in memory; if it may have been written all the same, the rows
/// are noted, and set right when that can be done. Where other servers write too, and one was
/// faster, it reads what that has written and begins again.
class StoredRegistrar {
 public:
  using Outcome = Registrar::Outcome;
  using Saved = std::move_only_function<void(Outcome)>;
  /// The contacts of an AoR, none if it has none; or why nobody knows.
  using Contacts = std::expected<BindingSetRef, storage::Error>;
  using Found = std::move_only_function<void(Contacts)>;

  StoredRegistrar(loop::Context& context, std::shared_ptr<loop::Mailbox> me, Registrar& registrar,
                  ContactStore& store);
  ~StoredRegistrar() { *self_ = nullptr; }
  StoredRegistrar(const StoredRegistrar&) = delete;
  StoredRegistrar& operator=(const StoredRegistrar&) = delete;

  /// The outcome, or nothing: then what `later` gives, which is asked only then, is called with it,
  /// unless this is gone by then. While the database does not answer that is a 503 with
  /// Retry-After.
  std::optional<Outcome> save(const base::Ref<parser::Message>& request, std::string_view aor,
                              const SaveOptions& options, const std::function<Saved()>& later);
  /// Memory has all contacts of that AoR: there is nothing to wait for.
  bool knows(std::string_view aor) const { return in_memory() && store_.knows(aor); }
  /// Its contacts, where knows() says false.
  void find(std::string_view aor, Found later);

 private:
  /// One that is not done. A lookup has no request.
  struct Task {
    std::string aor;
    std::uint64_t until;
    base::Ref<parser::Message> request = {};
    RegisterRequest asked = {};
    SaveOptions options = {};
    Saved saved = {};
    Found found = {};
    std::optional<AorTurns::Turn> turn = {};
    BindingSetRef before = {};                  // where memory has none
    std::string version = {};                   // of `before`, where others write too
    std::unique_ptr<BindingSetEdit> edit = {};  // that is being written
  };
  using Key = std::uint64_t;
  using Then = void (StoredRegistrar::*)(Key, const storage::Outcome&);
  struct Counters {
    explicit Counters(base::Stats& stats) : unavailable(stats.counter("usrloc:db_unavailable")) {}
    base::Counter unavailable;
  };

  void begin(Task task);
  void has_turn(Key key, AorTurns::Turn turn);
  void read(Key key);
  std::vector<BindingRef> contacts_of(Task& task, const storage::Rows& rows) const;
  void has_read(Key key, const storage::Outcome& rows);
  void work_out(Key key);
  void write(Key key);
  void written(Key key, const storage::Outcome& outcome);
  void end_written(Key key);
  void finish(Key key, Outcome outcome);
  void fail(Key key, const storage::Error& error);
  void run(Key key, std::vector<storage::Query> queries, Then then);
  bool in_memory() const { return store_.is_in_memory(); }

  loop::Context& context_;
  std::shared_ptr<loop::Mailbox> me_;
  Registrar& registrar_;
  ContactStore& store_;
  Counters counters_;
  std::unordered_map<Key, std::unique_ptr<Task>> tasks_;
  Key last_ = 0;
  base::RateLimit trouble_{std::chrono::seconds(10)};
  std::shared_ptr<StoredRegistrar*> self_;  // null in it when this is gone
};

}  // namespace opensips::location
