#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/guarded.hh"
#include "base/stats.hh"
#include "lp_routing/call_filter.hh"
#include "lp_routing/recording/record_file.hh"
#include "lp_routing/recording/value_json.hh"

namespace opensips::routing::recording {

/// One recording, from script:record to script:record_off: which calls are in it, and its file.
/// Workers hold it; any thread.
class Recording {
 public:
  /// `number` tells it from the one before; `began` is of the monotonic clock, in milliseconds.
  Recording(std::uint64_t number, std::uint64_t began, CallFilter filter, std::size_t calls,
            std::string path, std::unique_ptr<RecordFile> file)
      : number_(number),
        began_(began),
        filter_(std::move(filter)),
        calls_left_(calls),
        path_(std::move(path)),
        file_(std::move(file)) {}

  std::uint64_t number() const { return number_; }
  const std::string& path() const { return path_; }

  /// A call that begins with this request is to be recorded: it is counted. None when the file is
  /// full.
  bool takes(const parser::Message& request);
  /// Adds a line with the time that is said, by the monotonic clock. False: it is lost, and so is
  /// all that would be known of its call.
  bool add(std::uint64_t now, Json line);
  /// Nothing can be added any more.
  bool is_full() const { return file_->is_full(); }
  /// The record of that call has a gap: it is said in the file as soon as that takes a line again,
  /// before any other.
  void lost(std::string_view call_id);
  /// From that moment on somebody does not look any more.
  void ends_at(std::uint64_t now);
  /// Writes what is left. What went wrong with the file, if something did.
  std::string close();

  std::uint64_t calls() const { return calls_.load(std::memory_order_relaxed); }
  std::uint64_t lines() const { return lines_.load(std::memory_order_relaxed); }
  std::uint64_t dropped() const {
    return dropped_.load(std::memory_order_relaxed) + file_->dropped();
  }
  /// What has gone wrong with the file; empty: nothing.
  std::string trouble() const { return file_->trouble(); }

 private:
  struct Lost {
    std::unordered_set<std::string> all;
    std::vector<std::string> untold;  ///< those that the file does not say yet
  };

  bool tell_lost(std::uint64_t now);
  std::uint64_t time(std::uint64_t now) const { return now > began_ ? now - began_ : 0; }

  const std::uint64_t number_;
  const std::uint64_t began_;
  const CallFilter filter_;
  std::atomic<std::size_t> calls_left_;
  const std::string path_;
  std::unique_ptr<RecordFile> file_;
  std::atomic<std::uint64_t> end_ = UINT64_MAX;
  std::atomic<bool> closed_ = false;
  std::atomic<std::uint64_t> calls_ = 0, lines_ = 0, dropped_ = 0;
  base::Guarded<Lost> lost_;
  std::atomic<bool> has_untold_ = false;
};

}  // namespace opensips::routing::recording
