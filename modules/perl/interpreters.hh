#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "perl/endings.hh"
#include "perl/interpreter.hh"

namespace opensips::perl {

/// One version of a script: an interpreter for each thread of the pool. Whoever runs on it holds
/// it; with the last of those it is given to `endings`.
class Interpreters {
 public:
  /// Loads the script into `count` interpreters; each has `limit` for its top level. The error is
  /// for the operator: "file:line: what".
  static std::expected<std::shared_ptr<Interpreters>, std::string> make(
      const Script& script, unsigned count, std::chrono::milliseconds limit,
      const Endings& endings);
  Interpreters(const Interpreters&) = delete;
  Interpreters& operator=(const Interpreters&) = delete;
  ~Interpreters() { end({}); }

  /// Gives them away before that, but for those on which threads of these numbers still run.
  /// Nothing may be called here then.
  void end(std::span<const unsigned> but);

  /// What is wrong with the script, which is compiled and not run; empty if nothing is.
  static std::string check(const Script& script, std::chrono::milliseconds limit);

  Interpreter& of(unsigned thread) const { return *all_[thread]; }
  bool has(std::string_view function) const { return all_.front()->has(function); }
  /// Of the first: the top level is the same in all.
  const ScriptProgram::Named& named() const { return all_.front()->named(); }

 private:
  explicit Interpreters(const Endings& endings) : endings_(endings.shared()) {}

  Endings::Gone all_;
  const std::shared_ptr<Endings::Shared> endings_;
};

/// The file as a script; or "file: why it cannot be read".
std::expected<Script, std::string> read_script(const std::string& file);

}  // namespace opensips::perl
