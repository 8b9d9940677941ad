#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.hh"
#include "base/log.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/language.hh"
#include "module/module.hh"
#include "perl/call_job.hh"
#include "perl/endings.hh"
#include "perl/interpreters.hh"
#include "perl/pool.hh"

namespace opensips::perl {

/// Functions in Perl, called by scripts in Lua; and routing scripts in Perl.
class Perl final : public modules::Module, private routing::Language {
 public:
  std::vector<modules::Parameter> parameters() override;
  std::vector<modules::Statistic> statistics() override;
  modules::Result<> check() override;
  modules::Result<> init(modules::Host& host) override;
  void stop() override;
  std::expected<std::shared_ptr<void>, std::string> part_of_version(
      std::uint32_t number, const routing::FunctionTable& functions, bool only_checked) override;
  routing::Language* language() override { return this; }

  routing::Value call(routing::Call& call, std::string_view function,
                      std::span<const routing::Value> arguments);

 private:
  std::string_view suffix() const override { return ".pl"; }
  std::expected<Engines, std::string> load(const Version& version,
                                           std::span<routing::Services* const> services) override;
  std::string check(const Version& version) override;
  std::expected<Script, std::string> script_of(const std::string& file,
                                               std::uint32_t version) const;
  std::expected<std::shared_ptr<Interpreters>, std::string> make(const Script& script);

  std::string filename_;
  std::string modpath_;
  int threads_ = 4;
  int queue_ = 1000;
  std::chrono::milliseconds time_limit_{2'000};

  std::vector<std::weak_ptr<Interpreters>> living_;  // versions; control thread
  std::unique_ptr<Pool> pool_;
  std::unique_ptr<Endings> endings_;
  const std::shared_ptr<Errors> errors_ = std::make_shared<Errors>(0);
  /// By the version of the script in Lua that calls them.
  base::Guarded<std::map<std::uint32_t, std::weak_ptr<Interpreters>>> versions_;
};

}  // namespace opensips::perl
