#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lp_routing/engine.hh"

namespace opensips::manage {
class EventTypes;
}

namespace opensips::routing {

class FunctionTable;
class Services;

/// A language other than Lua that the routing script may be written in: a module's
/// (Module::language()). Control thread.
class Language {
 public:
  /// One version of the script.
  struct Version {
    std::string file;
    std::uint32_t number = 1;               ///< Program::generation()
    const FunctionTable* functions = {};    ///< what it may call; outlives the engines
    const manage::EventTypes* events = {};  ///< the server's, likewise
  };
  /// One for each worker, by its index.
  using Engines = std::vector<std::unique_ptr<Engine>>;

  /// How the names of its files end: ".pl".
  virtual std::string_view suffix() const = 0;
  /// Engines for workers with these services. The error is for the operator: "file:line: what".
  virtual std::expected<Engines, std::string> load(const Version& version,
                                                   std::span<Services* const> services) = 0;
  /// What is wrong with the script, as far as that can be said without running it; empty if nothing
  /// is.
  virtual std::string check(const Version& version) = 0;

 protected:
  ~Language() = default;
};

}  // namespace opensips::routing
