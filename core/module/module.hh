#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/stats.hh"
#include "manage/command.hh"
#include "module/descriptor.hh"
#include "module/host.hh"
#include "module/parameter.hh"
#include "module/worker.hh"

namespace opensips::routing {
class FunctionTable;
class Language;
}  // namespace opensips::routing
namespace opensips::storage {
class Backend;
}

/// Loadable modules: what a module is made of, and what it may ask of the server.
namespace opensips::modules {

/// Why a module cannot start, for the operator: one line. If a parameter is to blame, its name: the
/// line is then shown with the place where it was set.
struct Failure {
  std::string text;
  std::string_view parameter = {};
};
template <class T = void>
using Result = std::expected<T, Failure>;

inline std::unexpected<Failure> fail(std::string text, std::string_view parameter = {}) {
  return std::unexpected(Failure{std::move(text), parameter});
}

/// A statistic of a module, which operators read as "module:name".
struct Statistic {
  std::string_view name;
  std::string_view doc;
  base::StatKind kind;
  base::Counter* to = nullptr;                    ///< of a counter or gauge: what one adds to
  std::function<std::uint64_t()> read = nullptr;  ///< of a function: called on any thread
};
inline Statistic counter(std::string_view name, base::Counter& to, std::string_view doc) {
  return {name, doc, base::StatKind::counter, &to};
}
inline Statistic gauge(std::string_view name, base::Counter& to, std::string_view doc) {
  return {name, doc, base::StatKind::gauge, &to};
}
inline Statistic computed(std::string_view name, std::function<std::uint64_t()> read,
                          std::string_view doc) {
  return {name, doc, base::StatKind::function, nullptr, std::move(read)};
}

/// A loaded module: one object per server, made when the configuration loads it. All functions are
/// called on the control thread, in the order in which they stand here; those that a module does
/// not need it leaves alone.
class Module {
 public:
  virtual ~Module() = default;

  /// What modparam may set.
  virtual std::vector<Parameter> parameters() { return {}; }
  virtual std::vector<Statistic> statistics() { return {}; }
  /// They run on the control thread.
  virtual std::vector<manage::Command> commands() { return {}; }

  /// A kind of database that it brings. Its parameters have their values when it is used.
  virtual storage::Backend* backend() { return nullptr; }

  /// A language for routing scripts that it brings.
  virtual routing::Language* language() { return nullptr; }
  /// What it has for one version of the routing script, by its number (Program::generation()): made
  /// when that is loaded, gone with the last of it. The error, for the operator, says where and
  /// why: then that version is not loaded. With `only_checked` nothing has to be made. The
  /// functions are those that scripts may call, of all modules; they outlive what is made.
  virtual std::expected<std::shared_ptr<void>, std::string> part_of_version(
      std::uint32_t /*number*/, const routing::FunctionTable& /*functions*/,
      bool /*only_checked*/) {
    return nullptr;
  }

  /// The parameters have their values: do they make sense together? Also when the configuration is
  /// only checked (`opensips -C`), so nothing is begun here.
  virtual Result<> check() { return {}; }
  /// Begins, after the modules that this one needs and before there are workers. One that fails is
  /// not stopped.
  virtual Result<> init(Host&) { return {}; }
  /// Begins on one worker, before it runs: the place for events, hooks and timers. What it returns
  /// its functions find by Call::part().
  virtual Result<std::unique_ptr<OnWorker>> start(Worker&) { return nullptr; }
  /// Ends, before the modules that it needs: the workers have stopped, none of its functions,
  /// commands and hooks runs any more. Its threads have ended when this returns.
  virtual void stop() {}

  /// Its own layer (OnWorker::layer()) stands right above this one: the dialog layer, or an
  /// optional one.
  virtual std::optional<loop::LayerId> layer_above() const { return {}; }

  /// What it has on that worker.
  OnWorker& on_worker(unsigned worker) const { return *parts_[worker]; }

 private:
  friend class Modules;
  std::vector<OnWorker*> parts_;  // by worker
};

}  // namespace opensips::modules
