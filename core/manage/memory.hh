#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/stats.hh"

namespace opensips::manage {

/// The memory that the control group of a process allows, in bytes; none if it says nothing.
/// `groups`: the text of /proc/self/cgroup; `root`: where the groups are. Those above it count too.
std::optional<std::uint64_t> allowed_by_groups(std::string_view groups, const std::string& root);

/// What this process has in memory that is its own, in bytes, by the text of /proc/self/statm.
std::uint64_t used_memory(std::string_view statm);

/// How much memory the process may use and does. When more than nine tenths are in use, memory is
/// short (base/memory): better to refuse calls than to be killed with all of them.
class Memory {
 public:
  /// `limit` in bytes; 0: what the control group allows, or else all that the machine has.
  explicit Memory(std::uint64_t limit);

  /// One look. One thread.
  void look();
  /// Looks ten times a second until it is told to stop: on a thread of its own, since a command may
  /// hold the control thread up while memory runs out.
  void watch(const std::stop_token& stop);
  /// OpenSIPS's shmem:total_size and others; core:memory_shortages.
  void add_to(base::Stats& stats) const;

  std::uint64_t limit() const { return limit_; }

 private:
  const std::uint64_t limit_;
  std::atomic<std::uint64_t> used_ = 0;
  std::atomic<std::uint64_t> most_ = 0;
  bool over_ = false;
  bool was_short_ = false;
  unsigned looks_ = 0;
};

}  // namespace opensips::manage
