#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "lp_routing/run.hh"
#include "lp_routing/value.hh"

namespace opensips::loop {
class Context;
}
namespace opensips::modules {
class Module;
}

namespace opensips::routing {

class Program;
class Services;

/// Where a function may be called: a bit for each Handler, and one for the program's top level.
using Places = std::uint16_t;
constexpr Places place_of(Handler handler) {
  return static_cast<Places>(1U << static_cast<unsigned>(handler));
}
inline constexpr Places kTopLevel = 0x8000;
/// Where a request waits for what is done with it.
inline constexpr Places kInRequests =
    place_of(Handler::request) | place_of(Handler::in_dialog) | place_of(Handler::dialog_request);
/// Where a branch, a response or a request of our own passes, which waits for nothing: waiting()
/// and deciding() rows have no place there.
inline constexpr Places kInPassing =
    place_of(Handler::branch) | place_of(Handler::response) | place_of(Handler::local_request);
/// Wherever there is a run.
inline constexpr Places kInHandlers = kInRequests | kInPassing | place_of(Handler::task) |
                                      place_of(Handler::dialog) | place_of(Handler::event);
inline constexpr Places kAnywhere = kInHandlers | place_of(Handler::startup) | kTopLevel;

struct Function;
class FunctionTable;

/// One call of a function.
struct Call {
  const Function& function;
  Program& program;
  Services* services;  ///< none at the top level: a program may be checked without a server
  Run* run;            ///< none at the top level and in the startup handler
  Object self;

  /// The message that `self` is of or in.
  parser::Message& message() const {
    return self.response == Object::kRequest ? *run->request : *run->responses[self.response];
  }
  bool on_request() const { return self.response == Object::kRequest; }
  /// An object in the same message as `self`.
  Object part(ObjectKind kind, Object::Part which, std::uint32_t place = 0) const {
    return {kind, which, self.response, place, self.run};
  }
  /// An object of the module whose row this is: the `index`th that it names, which `place` tells
  /// from others of its kind.
  Object own(unsigned index, std::uint32_t place) const;

  /// The worker's: its number, its clock, its share of the statistics. Not at the top level.
  loop::Context& context() const;

  /// The module whose row this is.
  template <class Module>
  Module& module() const;
  /// What the module whose row this is has on this worker (Module::start()).
  template <class Part, class Module = modules::Module>
  Part& part() const;
};

using Thunk = Value (*)(Call& call, std::span<const Value> arguments);

/// What stands between the braces of an options table, for manual and stubs.
struct OptionText {
  std::string_view name;
  std::string_view type;
  std::string_view doc;
};

/// An argument's type, as it follows from the C++ one.
struct ArgumentType {
  std::string_view type;
  bool optional = false;
  bool rest = false;  ///< takes all that are left
  std::span<const OptionText> options;
};

/// One row per function: languages, outside applications, the manual, the editor stubs and the
/// tests all come from it. Nothing else says what a function is called or takes.
struct Function {
  enum class Kind : std::uint8_t {
    function,     ///< object.name(…)
    method,       ///< object:name(…)
    getter,       ///< object.name
    setter,       ///< object.name = value
    text,         ///< tostring(object)
    element,      ///< object[key], where no other row has that name
    set_element,  ///< object[key] = value
  };
  Kind kind;
  ObjectKind object;
  std::string_view name;
  std::string_view arguments;  ///< their names, divided by ", "
  std::string_view result;     ///< its type; with ", err" behind it: nil and a text when it fails
  Places places;
  bool waits;
  std::string_view doc;
  std::span<const ArgumentType> types;  ///< one for each argument
  Thunk thunk;

  /// Of a module's row, once a FunctionTable has it.
  struct Owner {
    modules::Module* module = nullptr;
    ObjectKind table = ObjectKind::sip;  ///< its kOwnTable
    std::string_view object;             ///< what `Function::object` is called
  };
  Owner owner = {};

  std::string_view object_name() const { return owner.module ? owner.object : to_string(object); }
  /// "request:reply"; of fields "request.ruri".
  std::string full_name() const;
  /// The name of the argument at `index`.
  std::string_view argument(std::size_t index) const;
};

/// All of the core's, those of an object together.
std::span<const Function> functions();

inline Object Call::own(unsigned index, std::uint32_t place) const {
  const auto kind = static_cast<unsigned>(function.owner.table) + 1 + index;
  return {.kind = static_cast<ObjectKind>(kind), .place = place};
}

template <class Module>
Module& Call::module() const {
  return static_cast<Module&>(*function.owner.module);
}

unsigned worker_of(const loop::Context& context);

template <class Part, class Module>
Part& Call::part() const {
  auto* const owner = static_cast<Module*>(function.owner.module);
  return static_cast<Part&>(owner->on_worker(worker_of(context())));
}

}  // namespace opensips::routing
