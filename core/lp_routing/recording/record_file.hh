#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace opensips::routing::recording {

/// A file that lines are added to from any thread, and that a thread of its own writes: nobody who
/// adds waits for a disk. Only its owner may read it.
class RecordFile {
 public:
  static constexpr std::size_t kMostWaiting = std::size_t{16} << 20;  ///< bytes
  /// That close() waits for a disk.
  static constexpr std::chrono::milliseconds kPatience{5'000};

  /// Makes the file anew, for nobody else to read. `most`: bytes that it may become. Error: why
  /// not, for the operator.
  static std::expected<std::unique_ptr<RecordFile>, std::string> make(const std::string& path,
                                                                      std::uint64_t most);
  /// Of one that is open for writing, and closed here.
  RecordFile(int descriptor, const std::string& path, std::uint64_t most,
             std::chrono::milliseconds patience = kPatience);
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;
  ~RecordFile();

  /// Adds a line, which has its end. False: there is no room for it, nor will there be unless the
  /// disk is only slow; or the file is closed.
  bool add(std::string_view line);
  /// There will be no room for a line any more: it has become as long as it may, or the disk takes
  /// nothing.
  bool is_full() const;
  /// The last line, for which there is always room; then waits until all is written, for a time:
  /// a disk that hangs holds up nobody for longer, and the thread that writes, left to itself, ends
  /// the file when it can. What went wrong with the disk, if something did.
  std::string close(std::string_view last);
  /// What has gone wrong with the disk; empty: nothing.
  std::string trouble() const;
  /// Lines that were added, and that the disk did not take then.
  std::uint64_t dropped() const;

 private:
  struct Shared;  // with a thread that was left to itself

  const std::chrono::milliseconds patience_;
  const std::shared_ptr<Shared> shared_;
  std::thread writer_;
};

}  // namespace opensips::routing::recording
