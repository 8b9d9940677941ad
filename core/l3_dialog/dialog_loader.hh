#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hh"
#include "l3_dialog/dialog_keeper.hh"
#include "l3_dialog/dialogs.hh"
#include "loop/context.hh"
#include "loop/mailbox.hh"
#include "loop/owner.hh"
#include "storage/database.hh"

namespace opensips::dialog {

/// Brings the dialogs of an earlier process back, each to the worker of its Call-ID, while calls
/// are served: page by page, so that no worker is held up. Belongs to one worker, the context's.
/// While the database has trouble it tries again and again.
class DialogLoader {
 public:
  /// What a worker has of dialogs, and how to get there.
  struct Home {
    std::shared_ptr<loop::Mailbox> mailbox;
    DialogKeeper* keeper;
  };

  DialogLoader(loop::Context& context, storage::Database& database, const loop::Owners& owners,
               std::vector<Home> homes, const std::string& table);
  ~DialogLoader() { *self_ = nullptr; }

  /// Reads the table, while every keeper holds. When all is done it lets them write. False: it is
  /// being read already.
  bool start();
  bool is_loading() const { return is_loading_; }

 private:
  /// What a page holds for one worker, and what became of it.
  using Part = std::vector<DialogSnapshot>;
  struct Tally {
    std::uint64_t restored = 0, known = 0, over = 0;
  };

  static Tally take_part(DialogKeeper& keeper, const Part& part);
  void ask();
  void take(const storage::Outcome& page);
  void hand_out(const storage::Rows& rows);
  void part_is_done(const Tally& tally);
  void finish();

  loop::Context& context_;
  storage::Database& database_;
  const loop::Owners& owners_;
  std::vector<Home> homes_;
  storage::StatementRef page_;
  bool is_loading_ = false;
  std::int64_t last_did_ = INT64_MIN;
  std::size_t parts_ = 0;  // of this page, that are not done
  bool was_last_ = false;
  Tally tally_;
  std::uint64_t unreadable_ = 0;
  std::uint64_t began_ = 0;
  base::RateLimit trouble_{std::chrono::seconds(10)};
  std::shared_ptr<DialogLoader*> self_;  // null in it when this is gone
  loop::Timer retry_ = loop::Timer::calling<&DialogLoader::ask>(this);
};

}  // namespace opensips::dialog
