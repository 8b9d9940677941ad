#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "perl/interpreter.hh"

namespace opensips::perl {

/// One version of a script: an interpreter for each thread of the pool. Whoever runs on it holds
/// it.
class Interpreters {
 public:
  /// Loads the script into `count` interpreters; each has `limit` for its top level. The error is
  /// for the operator: "file:line: what".
  static std::expected<std::shared_ptr<Interpreters>, std::string> make(
      const Script& script, unsigned count, std::chrono::milliseconds limit);
  /// What is wrong with the script, which is compiled and not run; empty if nothing is.
  static std::string check(const Script& script, std::chrono::milliseconds limit);

  Interpreter& of(unsigned thread) const { return *all_[thread]; }
  bool has(std::string_view function) const { return all_.front()->has(function); }

 private:
  std::vector<std::shared_ptr<Interpreter>> all_;
};

/// The file as a script; or "file: why it cannot be read".
std::expected<Script, std::string> read_script(const std::string& file);

}  // namespace opensips::perl
