#pragma once

#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/modules.hh"
#include "module/host.hh"
#include "module/module.hh"

namespace opensips::modules {

/// The modules of this server that are not built in, from loadmodule to the end. Control thread.
class Modules final : public config::Modules {
 public:
  struct Loaded {
    const Descriptor* descriptor;
    std::unique_ptr<Module> module;
    std::vector<Parameter> parameters;
    bool running = false;
  };

  Modules() = default;
  /// Stops what runs.
  ~Modules() override;

  std::expected<void, std::string> open(const config::Module& module,
                                        std::span<const std::string> mpath) override;
  std::span<const Parameter> parameters(std::string_view module) const override;
  /// Puts them in the order in which they start: what is needed before what needs it.
  void check(const config::Settings& settings, config::Diagnostics& diagnostics) override;

  /// Makes the module that a descriptor describes.
  void add(const Descriptor& descriptor);

  /// After check(): in the order in which they start.
  std::span<const Loaded> all() const { return loaded_; }

  /// Registers statistics and commands, then starts them all. The error is for the operator; those
  /// that had started are stopped then. Signals that this thread waits for are blocked by now: what
  /// starts here has threads.
  std::expected<void, std::string> start(Host& host, const config::Settings& settings);
  /// Starts them on one worker, the workers in their order.
  std::expected<void, std::string> start_on(Worker& worker, const config::Settings& settings);
  /// In the other order. Twice is once.
  void stop();

 private:
  enum class Visit : std::uint8_t { not_yet, on_the_way, done };

  const Loaded* find(std::string_view name) const;
  void check_language(const config::Settings& settings, config::Diagnostics& diagnostics) const;
  bool needs_are_met(const config::Settings& settings, config::Diagnostics& diagnostics);
  bool sort(const config::Settings& settings, config::Diagnostics& diagnostics);

  std::vector<Loaded> loaded_;
  Host* host_ = nullptr;  // while they run
};

}  // namespace opensips::modules
