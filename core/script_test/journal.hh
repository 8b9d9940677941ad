#pragma once

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.hh"
#include "base/log.hh"

namespace opensips::script_test {

/// What has happened in a test, in its order. Any thread; what others than the test's own say comes
/// when that says so, since nobody knows when they are at work.
class Journal {
 public:
  struct Entry {
    enum class Kind : std::uint8_t {
      message,  ///< from one party to another
      note,     ///< the server's own: a wait, a line of its log, a question to a database
      log,      ///< likewise, a line of the log
    };
    Kind kind = Kind::note;
    std::uint64_t at_ms = 0;  ///< since the test began
    std::string from = {};
    std::string to = {};
    std::string text = {};  ///< of a message: its start line
  };

  /// Time is counted from now on, by the clock that the test holds.
  void begin();
  void message(std::string from, std::string to, std::string start_line);
  void note(std::string text);
  void log(base::LogLevel level, std::string text);
  /// Puts down what other threads have said.
  void catch_up();

  std::vector<Entry> entries() const { return *entries_.lock(); }
  /// The lines of the log, without their levels.
  std::vector<std::string> log_lines() const { return *log_lines_.lock(); }

 private:
  void add(Entry entry);

  const std::thread::id owner_ = std::this_thread::get_id();
  std::uint64_t began_ = 0;
  base::Guarded<std::vector<Entry>> entries_;
  base::Guarded<std::vector<Entry>> of_others_;
  base::Guarded<std::vector<std::string>> log_lines_;
};

/// The name by which the server goes in a journal.
inline constexpr const char* kServer = "opensips";

/// A picture of the messages, time downwards, a line for each, and what the server did between
/// them.
std::string ladder(const std::vector<Journal::Entry>& entries);

}  // namespace opensips::script_test
