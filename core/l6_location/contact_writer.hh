#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/log.hh"
#include "base/stats.hh"
#include "l6_location/contact_store.hh"
#include "loop/context.hh"
#include "loop/mailbox.hh"

namespace opensips::location {

/// Writes what is noted to the database, behind the calls: one transaction at a time. While the
/// database has trouble the notes wait; a row that it refuses is written alone, so that it keeps no
/// others. Where contacts are in the database alone it deletes those that have expired. Belongs to
/// one of the workers.
class ContactWriter {
 public:
  ContactWriter(loop::Context& context, std::shared_ptr<loop::Mailbox> me, ContactStore& store);
  /// Writes what is noted, and waits for it: all workers have ended.
  ~ContactWriter();

  /// Begins; before the worker runs.
  void start();
  /// Does not wait for its time.
  void write();

 private:
  struct Counters {
    explicit Counters(base::Stats& stats)
        : written(stats.counter("usrloc:db_written")),
          failed(stats.counter("usrloc:db_failed_writes")),
          refused(stats.counter("usrloc:db_refused")) {}
    base::Counter written, failed, refused;
  };

  std::vector<storage::Query> take_batch();
  void written(const storage::Outcome& outcome);
  void settle(bool written);
  void expire();
  void wait(std::uint64_t ms);
  void write_all_and_wait();

  loop::Context& context_;
  std::shared_ptr<loop::Mailbox> me_;
  ContactStore& store_;
  Counters counters_;
  ContactNotes::Batch under_way_;  // without notes: nothing is being written
  std::size_t alone_ = 0;          // rows to be written one by one: one of them was refused
  base::RateLimit trouble_{std::chrono::seconds(10)};
  std::shared_ptr<ContactWriter*> self_;  // null in it when this is gone
  loop::Timer timer_ = loop::Timer::calling<&ContactWriter::write>(this);
};

}  // namespace opensips::location
