#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lp_routing/run.hh"
#include "lp_routing/value.hh"

namespace opensips::routing {

class FunctionTable;

/// The routing program that makes a call, as far as a function has to do with it.
class Program {
 public:
  /// Makes that function the handler. False if there is one already.
  virtual bool set_handler(Handler handler, Value::Callback function) = 0;
  /// Makes that function the handler for what comes of this one request, in place of the program's;
  /// nothing: takes it back. Handler::branch or response.
  virtual void set_handler(Run& run, Handler handler, std::optional<Value::Callback> function) = 0;
  /// Which version of the program this is: 1 at the start of the server, one more with each reload.
  virtual std::uint32_t generation() const = 0;

  /// Keeps a text until the result of the present call has been delivered: for the names in a
  /// table that are neither literals nor parts of the message or the arguments.
  virtual std::string_view keep(std::string text) = 0;

  /// A number for a text that the program will say again, the same for equal ones. Nothing when
  /// there are too many.
  virtual std::optional<std::uint32_t> intern(std::string_view text) = 0;
  virtual std::string_view interned(std::uint32_t number) const = 0;

  /// Runs the function every so often (Engine::timers()).
  virtual void add_timer(std::chrono::milliseconds period, Value::Callback function,
                         bool each_worker) = 0;
  /// Keeps a function with the arguments that stand behind it in the present call, for a run to
  /// come: Run::task.
  virtual int keep_task(Value::Callback function, std::size_t arguments) = 0;

  /// What it may call.
  virtual const FunctionTable& functions() const = 0;

 protected:
  ~Program() = default;
};

}  // namespace opensips::routing
