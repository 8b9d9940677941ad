#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/log.hh"
#include "base/stats.hh"
#include "l3_dialog/dialogs.hh"
#include "l3_dialog/snapshot.hh"
#include "loop/mailbox.hh"
#include "loop/timer_wheel.hh"
#include "storage/database.hh"

namespace opensips::dialog {

/// When what happens to dialogs is written; OpenSIPS's numbers.
enum class DbMode : std::uint8_t {
  none = 0,
  realtime = 1,  ///< as soon as the database has written what was to be written before
  delayed = 2,   ///< every db_update_period
  shutdown = 3,  ///< when the server stops
};

/// What the operator says of the table.
struct KeeperOptions {
  DbMode mode = DbMode::none;
  std::uint64_t period_ms = 1000;
  std::string table = "dialog";
  std::size_t batch = 500;  ///< rows of one transaction
};

/// Writes the established dialogs of one worker to the table `dialog`, behind the calls: a change
/// is noted and written later, with others, as the dialog is then. One transaction at a time is
/// under way, so that what comes later is also written later. While the database has trouble the
/// notes wait; a row that it refuses is written alone, so that it keeps no others.
class DialogKeeper final : public DialogStore {
 public:
  DialogKeeper(Dialogs& dialogs, storage::Database& database, std::shared_ptr<loop::Mailbox> me,
               const KeeperOptions& options);
  /// Writes what is noted, and waits for it: the worker has ended.
  ~DialogKeeper() override;

  void changed(const Dialog& dialog, Change change) override;
  void missed(std::string_view call_id) override;

  /// What became of a row that was read.
  enum class Taken : std::uint8_t {
    restored,
    known,  ///< it is a dialog already
    over,   ///< it has ended: its row will go
  };
  /// Goes on with the dialog of a row, between hold() and release().
  Taken take(const DialogSnapshot& row);
  /// Nothing is written before release(), and it is kept in mind what ends meanwhile: rows are
  /// being read. A keeper begins so.
  void hold();
  void release();

  /// Writes all that there is now, whether it has changed or not.
  void sync();
  /// Dialogs whose last change is not written yet.
  std::size_t waiting() const { return notes_.size() + under_way_.size(); }

 private:
  /// What is to be written of a dialog.
  struct Note {
    DialogId id;
    bool ended = false;
    bool is_new = false;  ///< no row was written yet
  };
  using Notes = std::unordered_map<std::uint64_t, Note>;  // by did

  struct Counters {
    explicit Counters(base::Stats& stats)
        : written(stats.counter("dialog:db_written")),
          failed(stats.counter("dialog:db_failed_writes")),
          refused(stats.counter("dialog:db_refused")),
          lost(stats.counter("dialog:db_lost")),
          waiting(stats.gauge("dialog:db_waiting")) {}
    base::Counter written, failed, refused, lost;
    base::Counter waiting;  // a gauge
  };

  void note(std::uint64_t did, DialogId id, Change change);
  bool is_known(const DialogSnapshot& row) const;
  void plan();
  void on_timer();
  void write();
  std::vector<storage::Query> take_batch();
  storage::Query query_for(std::uint64_t did, const Note& note) const;
  std::uint64_t key() const { return dialogs_.context().worker() + std::uint64_t{1}; }
  void written(const storage::Outcome& outcome);
  void put_back();
  void end_batch(bool done);
  void write_all_and_wait();

  Dialogs& dialogs_;
  storage::Database& database_;
  std::shared_ptr<loop::Mailbox> me_;
  KeeperOptions options_;
  storage::StatementRef replace_, delete_;
  Counters counters_;
  Notes notes_;
  std::vector<std::pair<std::uint64_t, Note>> under_way_;  // empty: nothing is being written
  std::size_t alone_ = 0;  // rows to be written one by one: one of them was refused
  bool held_ = true;
  std::unordered_set<std::uint64_t> ended_;        // while held: dialogs, by did
  std::unordered_set<std::string> ended_unknown_;  // and those that were not known, by Call-ID
  bool restoring_ = false;
  bool planned_ = false;
  bool syncing_ = false;
  base::RateLimit trouble_{std::chrono::seconds(10)};
  std::shared_ptr<DialogKeeper*> self_;  // null in it when this is gone
  loop::Timer timer_ = loop::Timer::calling<&DialogKeeper::on_timer>(this);
};

}  // namespace opensips::dialog
