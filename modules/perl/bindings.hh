#pragma once

#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lp_routing/functions/request_copy.hh"
#include "lp_routing/functions/table.hh"
#include "perl/action.hh"
#include "perl/asking.hh"
#include "perl/script_program.hh"

struct interpreter;
struct cv;
struct sv;

namespace opensips::perl {

/// The server's functions as subs of Perl, and what a call is about while it runs. One for each
/// interpreter.
class Bindings {
 public:
  /// `has_handlers`: its top level may name functions for events and times.
  Bindings(ScriptProgram& script_program, bool has_handlers)
      : program(script_program), has_handlers_(has_handlers) {}

  /// What stands behind a sub: rows of the table.
  struct Bound {
    const routing::Function* row;
    const routing::Function* setter = nullptr;  ///< of a field that can be assigned
  };
  /// Defines the subs: "OpenSIPS::hash::md5" for sip.hash.md5, methods of "OpenSIPS::Request" for
  /// those of request, and so on.
  void install(interpreter* my_perl);
  /// The row of that name, "location:lookup" or "sip.http.get", if it is one that waits.
  const routing::Function* find_waiting(std::string_view full_name) const;
  /// What a row gives that is not done here, on the worker; not once the call `is_over`.
  std::expected<Asking::Answer, std::string> ask(const routing::Function& row,
                                                 const routing::Object& self,
                                                 std::vector<Data> arguments,
                                                 const std::function<bool()>& is_over);
  bool has_handlers() const { return has_handlers_; }

  ScriptProgram& program;

  /// The interpreter ends: the server's functions may have gone, nothing of it is looked at here.
  bool is_ending = false;

  // Of the present call; none while the top level runs.
  std::unique_ptr<routing::Replica> replica;  ///< none without a request
  const Asking* worker = nullptr;
  std::optional<routing::Changes> known;  ///< changes of the request that the worker knows of
  bool decides = false;
  std::vector<Action> actions;
  sv* ctx = nullptr;  ///< a reference, of the caller's

 private:
  void install_row(interpreter* my_perl, const routing::Function& row);
  void define(interpreter* my_perl, const std::string& name, const routing::Function& row,
              void (*sub)(interpreter*, cv*));

  const bool has_handlers_;
  std::deque<Bound> bound_;  // subs point to these
};

/// The interpreter's that this thread runs at present, by whose subs it is asked for.
inline thread_local Bindings* current_bindings = nullptr;

}  // namespace opensips::perl
