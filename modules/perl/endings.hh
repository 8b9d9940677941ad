#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace opensips::perl {

class Interpreter;

/// The thread on which interpreters end. A script may have something done then (DESTROY, END) that
/// takes its time, and who lets go of the last of a version may be a worker: it only says so here.
/// Any thread.
class Endings {
 public:
  using Gone = std::vector<std::shared_ptr<Interpreter>>;

  /// The interpreters of a version have `limit` for their ends, one after the other; then they are
  /// interrupted, and left to themselves after `limit` more.
  explicit Endings(std::chrono::milliseconds limit);
  Endings(const Endings&) = delete;
  Endings& operator=(const Endings&) = delete;
  ~Endings() { stop(); }

  /// Waits for those that are left, for 2 s at most, and says how many are left to themselves then.
  void stop();

  /// Where what an ending version had is given away. It outlives this: what comes then is the
  /// process's until its end.
  struct Shared;
  const std::shared_ptr<Shared>& shared() const { return shared_; }
  static void take(Shared& shared, Gone gone);

  /// Versions that wait for their end, or are about it.
  std::size_t waiting() const;

 private:
  static void serve(const std::shared_ptr<Shared>& shared);

  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace opensips::perl
