#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loop/control.hh"

namespace opensips::loop {

/// A program that runs beside this process: what it says, a line at a time, and how it ended. It
/// has none of this process's descriptors, less of the processor than this one, and goes first when
/// the system has no memory left. It is killed when this is destroyed. Control thread.
class ChildProcess {
 public:
  struct Program {
    std::vector<std::string> words;   ///< the file first, with its path
    std::chrono::milliseconds limit;  ///< then it is killed
    std::uint64_t memory;             ///< most bytes of data that it may have
  };
  struct Ended {
    int status = -1;       ///< of its exit; -1: it has none
    int signal = 0;        ///< that has ended it; 0: none, or somebody else has asked how it ended
    bool is_late = false;  ///< it was killed at the limit
    std::string errors;    ///< the beginning of what it has written to standard error
  };
  /// A line of its standard output, without the end; of one that is too long for `kMostLine`,
  /// nothing.
  using Line = std::function<void(std::string_view line)>;
  /// Once, behind the last line. It may destroy the ChildProcess.
  using Done = std::move_only_function<void(const Ended& ended)>;

  static constexpr std::size_t kMostLine = 1 << 20;
  static constexpr std::size_t kMostErrors = 4096;

  /// The error is the operator's.
  static std::expected<std::unique_ptr<ChildProcess>, std::string> begin(Control& control,
                                                                         const Program& program,
                                                                         Line line, Done done);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

 private:
  struct Pipe;

  ChildProcess(Control& control, pid_t pid, Line line, Done done);
  void watch(int out, int errors, std::chrono::milliseconds limit);
  void said(std::string_view bytes);
  void complained(std::string_view bytes);
  void closed();
  void look();
  void end();

  Control& control_;
  pid_t pid_;  // 0: it has ended, and been waited for
  Line line_;
  Done done_;
  Ended ended_;
  std::string rest_;     // of its output, behind the last whole line
  bool is_cut_ = false;  // the line is too long
  std::unique_ptr<Pipe> out_, errors_;
  int open_ = 2;  // of them
  Control::Watch late_, looking_;
};

}  // namespace opensips::loop
