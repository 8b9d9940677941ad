#pragma once

#include <condition_variable>
#include <cstdint>
#include <expected>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/guarded.hh"
#include "base/log.hh"
#include "l6_location/contact_store.hh"

namespace opensips::location {

/// Brings the contacts of an earlier process into memory, page by page, while calls are served. It
/// has a thread of its own, so that no worker is held up by a million rows. While the database has
/// trouble it tries again and again.
class ContactLoader {
 public:
  /// The store outlives it.
  explicit ContactLoader(ContactStore& store) : store_(store) {}

  /// Once.
  void start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { load(stop); });
  }
  /// Gives up, and waits until it has; twice is once.
  void stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void load(const std::stop_token& stop);
  /// Nothing: it is to stop.
  std::optional<storage::Rows> ask(const std::stop_token& stop, const storage::Query& query);
  void read_unread(const std::stop_token& stop);
  static void rest(const std::stop_token& stop, std::chrono::milliseconds time);

  ContactStore& store_;
  base::RateLimit trouble_{std::chrono::seconds(10)};
  std::jthread thread_;
};

}  // namespace opensips::location
