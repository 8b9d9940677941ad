#pragma once

#include <cstdint>

#include "lp_routing/run.hh"
#include "lp_routing/value.hh"

namespace opensips::routing {

class FunctionTable;

/// The routing program that makes a call, as far as a function has to do with it.
class Program {
 public:
  /// Makes that function the handler. False if there is one already.
  virtual bool set_handler(Handler handler, Value::Callback function) = 0;
  /// Which version of the program this is: 1 at the start of the server, one more with each reload.
  virtual std::uint32_t generation() const = 0;

  /// What it may call.
  virtual const FunctionTable& functions() const = 0;

 protected:
  ~Program() = default;
};

}  // namespace opensips::routing
