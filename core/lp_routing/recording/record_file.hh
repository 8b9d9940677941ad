#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "base/guarded.hh"

namespace opensips::routing::recording {

/// A file that lines are added to from any thread, and that a thread of its own writes: nobody who
/// adds waits for a disk. Only its owner may read it.
class RecordFile {
 public:
  static constexpr std::size_t kMostWaiting = std::size_t{16} << 20;  ///< bytes

  /// Makes the file anew, for nobody else to read. `most`: bytes that it may become. Error: why
  /// not, for the operator.
  static std::expected<std::unique_ptr<RecordFile>, std::string> make(const std::string& path,
                                                                      std::uint64_t most);
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;
  ~RecordFile();

  /// Adds a line, which has its end. False: there is no room for it, nor will there be unless the
  /// disk is only slow; or the file is closed.
  bool add(std::string_view line);
  /// There will be no room for a line any more: it has become as long as it may, or the disk takes
  /// nothing.
  bool is_full() const { return full_.load(std::memory_order_relaxed); }
  /// The last line, for which there is always room; then waits until all is written. What went
  /// wrong with the disk, if something did.
  std::string close(std::string_view last);
  /// What has gone wrong with the disk; empty: nothing.
  std::string trouble() const { return state_.lock()->trouble; }
  /// Lines that were added, and that the disk did not take then.
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  struct State {
    std::string waiting;
    std::uint64_t taken = 0;  ///< bytes that it has or will have
    bool closing = false;
    std::string trouble;
  };

  RecordFile(int descriptor, std::string path, std::uint64_t most);
  void write();
  void fail(int error, std::string_view rest);

  int descriptor_;  // the writer's; -1: closed
  const std::string path_;
  const std::uint64_t most_;
  std::atomic<bool> full_ = false;
  std::atomic<std::uint64_t> dropped_ = 0;
  base::Guarded<State> state_;
  std::condition_variable changed_;
  std::thread writer_;
};

}  // namespace opensips::routing::recording
