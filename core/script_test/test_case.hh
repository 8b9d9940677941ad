#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "script_test/answers.hh"
#include "script_test/journal.hh"
#include "script_test/tables.hh"
#include "script_test/test_server.hh"

namespace opensips::script_test {

/// What one case of a test has: a server that has just started, a clock that stands still, random
/// numbers that are the same each time, and nothing of the case before. One lives at a time.
class TestCase {
 public:
  /// Seconds since 1970, and what random numbers come from.
  TestCase(std::vector<std::string> mpath, std::int64_t wall_seconds, std::uint64_t seed);
  TestCase(const TestCase&) = delete;
  TestCase& operator=(const TestCase&) = delete;
  ~TestCase();

  /// Starts the server. The error is the operator's.
  std::expected<void, std::string> start(const std::string& config, const std::string& text);
  /// nullptr: not started.
  TestServer* server() { return server_.get(); }
  /// Time passes, for the server and for everybody else.
  void advance_to(std::uint64_t now_ms);
  static std::uint64_t now();

  Journal& journal() { return journal_; }
  Answers& answers() { return answers_; }
  Tables& tables() { return tables_; }

 private:
  const std::vector<std::string> mpath_;
  const std::int64_t began_wall_;
  Journal journal_;
  Answers answers_{journal_};
  Tables tables_;
  std::unique_ptr<TestServer> server_;
};

}  // namespace opensips::script_test
