#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "base/guarded.hh"
#include "base/stats.hh"
#include "manage/command.hh"
#include "manage/threads.hh"

namespace opensips::manage {

/// How busy the threads are: the share of the time in which they used a processor. A worker that
/// waits for nothing but events uses one exactly while it has something to do, so that nobody has
/// to read a clock for each message. Sampled by the control thread once a second; any thread reads.
class Load {
 public:
  /// What the name of a worker's thread begins with.
  static constexpr std::string_view kWorker = "worker";
  static constexpr std::size_t kSecond = 1, kMinute = 60, kTenMinutes = 600;

  /// Takes what the threads have used so far, `now_ms` of the monotonic clock.
  void sample(std::span<const Thread> threads, std::uint64_t now_ms);

  /// In percent, over the last samples, at most kTenMinutes of them, as far as there are any.
  unsigned of_thread(pid_t id, std::size_t samples = kSecond) const;
  /// The mean over the workers.
  unsigned of_workers(std::size_t samples) const;

 private:
  struct Sample {
    std::uint64_t at_ms;
    std::uint64_t cpu_ms;
  };
  /// The newest last, round and round.
  struct History {
    bool is_worker = false;
    std::vector<Sample> samples;
    std::size_t next = 0;

    void add(const Sample& sample);
    double share(std::size_t samples) const;
  };

  base::Guarded<std::map<pid_t, History>> histories_;
};

/// OpenSIPS's load:load, load1m and load10m. The load outlives the statistics' use.
void add_load_statistics(base::Stats& stats, const Load& load);
/// ps: the threads.
void add_thread_commands(Commands& commands, const Load& load);

}  // namespace opensips::manage
