#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lp_routing/functions/request_copy.hh"
#include "lp_routing/functions/table.hh"
#include "perl/action.hh"
#include "perl/asking.hh"
#include "perl/data.hh"
#include "perl/script_program.hh"

struct interpreter;

namespace opensips::perl {

/// What an interpreter is made of. Functions and events outlive it.
struct Script {
  std::string file;
  std::string text;                ///< of the file
  std::vector<std::string> paths;  ///< where `use` looks first
  const routing::FunctionTable* functions = &routing::FunctionTable::core();
  const manage::EventTypes* events = nullptr;  ///< of a routing script: what its handlers are for
  std::uint32_t version = 1;                   ///< routing::Program::generation()
};

/// One call of a function of the script.
struct Request {
  std::string function;
  std::vector<Data> arguments;  ///< those behind the request
  std::unique_ptr<routing::RequestCopy> copy;
  Data ctx;                           ///< what handlers of the same request have left
  bool decides = false;               ///< whether it may say what becomes of the request
  std::optional<Asking> worker = {};  ///< none: there is no server
};

/// What came of it.
struct Outcome {
  std::string error;    ///< what it died of, with its place; empty: it returned
  Data result;          ///< what it returned, in scalar context
  std::string problem;  ///< why that cannot be passed on
  Data ctx;
  std::vector<Action> actions;
  std::optional<routing::Changes> changes;  ///< in the request
};

/// A Perl interpreter with the script in it. One thread at a time, whichever; interrupt() is for
/// others.
class Interpreter {
 public:
  explicit Interpreter(Script script);
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;
  ~Interpreter();

  /// Compiles the script, as `perl -c` does; then runs its top level, unless it is only checked.
  /// Once. The error is for the operator: "file:line: what".
  std::expected<void, std::string> load(bool only_checked);
  bool has(std::string_view function) const;
  const std::string& file() const { return script_.file; }
  /// What its top level has named.
  const ScriptProgram::Named& named() const;

  Outcome call(const Request& request);

  /// Ends what the script has: objects are destroyed and END blocks run, which may take its time.
  /// Nothing but interrupt() may be called then. What the script is made of may go meanwhile: of
  /// the server's functions it has only log then. Once; else it is done where this is destroyed.
  void end();

  /// Has what runs die at the next place where Perl would handle a signal, and again at those
  /// after it until the call has ended. While load(), call() or end() run; what comes before call()
  /// has begun is lost.
  void interrupt();

 private:
  struct Host;

  std::expected<void, std::string> load_in_perl(bool only_checked);
  void begin_call(const Request& request);
  void call_in_perl(const Request& request, Outcome& outcome);
  std::string error_text() const;

  const Script script_;
  interpreter* perl_ = nullptr;
  bool has_ended_ = false;
  std::unique_ptr<Host> host_;
};

/// "syntax error at route.pl line 3, near …" as "route.pl:3: syntax error, near …"; unchanged if it
/// names no line.
std::string with_place_first(std::string_view text);

}  // namespace opensips::perl
