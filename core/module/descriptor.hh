#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "manage/events.hh"
#include "module/abi.hh"

namespace opensips::routing {
struct Function;
}

namespace opensips::modules {

class Module;

/// The rows of a module's functions for routing programs (lp_routing/functions/argument.hh).
struct FunctionRows {
  const routing::Function* first = nullptr;
  std::size_t count = 0;

  constexpr FunctionRows() = default;
  template <std::size_t kCount>
  constexpr FunctionRows(const routing::Function (&rows)[kCount]) : first(rows), count(kCount) {}
};

template <class M>
std::unique_ptr<Module> make() {
  return std::make_unique<M>();
}

/// What a module says about itself before any of it runs. Each `name.so` exports one, under the
/// name `opensips_module`: see OPENSIPS_MODULE.
struct Descriptor {
  std::string_view abi;
  std::unique_ptr<Module> (*make)();
  std::string_view name;  ///< the file's, without ".so"
  std::string_view version;
  std::string_view doc;  ///< one sentence
  std::span<const std::string_view> needs =
      {};  ///< modules that have to be loaded, and start before it
  /// `require "name"` gives these; other objects than the module's table are named in `objects`.
  FunctionRows functions = {};
  std::span<const std::string_view> objects = {};
  /// The events that it raises (Host::events()).
  std::span<const manage::EventType> events = {};
};

}  // namespace opensips::modules

/// Makes a class, derived from Module, the module of its shared object. At the end of a file,
/// outside of all namespaces:
///
///   OPENSIPS_MODULE(greeting::Greeting, .name = "greeting", .version = "1.0", .doc = "It
///   greets.");
///
/// Weak, so that several modules can be linked into one test program.
#define OPENSIPS_MODULE(Class, ...)                                                     \
  extern "C" __attribute__((weak, visibility("default")))                               \
  const opensips::modules::Descriptor opensips_module;                                  \
  const opensips::modules::Descriptor opensips_module {                                 \
    .abi = opensips::modules::kAbi, .make = opensips::modules::make<Class>, __VA_ARGS__ \
  }
