#include "l3_dialog/dialog_loader.hh"

#include <utility>

#include <fmt/format.h>

#include "l3_dialog/dialog_row.hh"

namespace opensips::dialog {
namespace {

/// Rows that one worker takes apart in one turn: less than a millisecond.
constexpr std::size_t kPage = 200;
constexpr std::uint64_t kRetryMs = 1000;
constexpr std::chrono::seconds kReadLimit{10};

}  // namespace

DialogLoader::DialogLoader(loop::Context& context, storage::Database& database,
                           const loop::Owners& owners, std::vector<Home> homes,
                           const std::string& table)
    : context_(context),
      database_(database),
      owners_(owners),
      homes_(std::move(homes)),
      page_(storage::make_statement(
          fmt::format("SELECT {} FROM {} WHERE dlg_id > ? ORDER BY dlg_id LIMIT {}",
                      dialog_columns(), table, kPage))),
      self_(std::make_shared<DialogLoader*>(this)) {}

bool DialogLoader::start() {
  if (is_loading_) return false;
  is_loading_ = true;
  last_did_ = INT64_MIN;
  tally_ = {};
  unreadable_ = 0;
  began_ = context_.now();
  ask();
  return true;
}

void DialogLoader::ask() {
  database_.run({.queries = {{page_, {last_did_}}},
                 .limit = kReadLimit,
                 .to = homes_[context_.worker()].mailbox,
                 .done = [this, alive = self_](const storage::Outcome& page) {
                   if (*alive) take(page);
                 }});
}

void DialogLoader::take(const storage::Outcome& page) {
  if (page) return hand_out(*page);
  base::log_limited(trouble_, base::LogLevel::err, "dialogs are not loaded yet: {}",
                    page.error().text);
  context_.timers.arm(retry_, kRetryMs);
}

DialogLoader::Tally DialogLoader::take_part(DialogKeeper& keeper, const Part& part) {
  Tally tally;
  for (const auto& row : part) {
    switch (keeper.take(row)) {
      case DialogKeeper::Taken::restored: ++tally.restored; break;
      case DialogKeeper::Taken::known: ++tally.known; break;
      case DialogKeeper::Taken::over: ++tally.over; break;
    }
  }
  return tally;
}

void DialogLoader::hand_out(const storage::Rows& rows) {
  was_last_ = rows.rows.size() < kPage;
  std::vector<Part> parts(homes_.size());
  for (const auto& row : rows.rows) {
    last_did_ = storage::integer_of(row[0]).value_or(last_did_);
    auto dialog = snapshot_from(row);
    if (dialog) {
      parts[owners_.owner_of(dialog->call_id)].push_back(std::move(*dialog));
    } else {
      ++unreadable_;
    }
  }
  parts_ = 1;  // this one, until all are given away
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty()) continue;
    ++parts_;
    homes_[i].mailbox->post([this, alive = self_, back = homes_[context_.worker()].mailbox,
                             keeper = homes_[i].keeper, part = std::move(parts[i])] {
      back->post([this, alive, tally = take_part(*keeper, part)] {
        if (*alive) part_is_done(tally);
      });
    });
  }
  part_is_done({});
}

void DialogLoader::part_is_done(const Tally& tally) {
  tally_.restored += tally.restored;
  tally_.known += tally.known;
  tally_.over += tally.over;
  if (--parts_ > 0) return;
  if (was_last_) {
    finish();
  } else {
    ask();
  }
}

void DialogLoader::finish() {
  is_loading_ = false;
  if (tally_.restored + tally_.over + unreadable_ > 0) {
    base::log_notice("{} dialogs loaded in {} ms; {} are over, {} could not be read",
                     tally_.restored, context_.now() - began_, tally_.over, unreadable_);
  }
  for (const auto& home : homes_) {
    home.mailbox->post([keeper = home.keeper] { keeper->release(); });
  }
}

}  // namespace opensips::dialog
