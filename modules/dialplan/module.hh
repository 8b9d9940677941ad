#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialplan/partition_spec.hh"
#include "dialplan/partitions.hh"
#include "dialplan/rule_table.hh"
#include "dialplan/translate.hh"
#include "lp_routing/functions/argument.hh"
#include "module/module.hh"

namespace opensips::dialplan {

/// The third argument of dialplan.translate().
struct TranslateOptions {
  std::optional<std::string_view> partition;
};

/// What operators and programs see of the engine.
class Dialplan final : public modules::Module {
 public:
  std::vector<modules::Parameter> parameters() override;
  std::vector<modules::Statistic> statistics() override;
  std::vector<manage::Command> commands() override;
  /// Loads the rules that are in files as well: `opensips -C` finds what is wrong with them.
  modules::Result<> check() override;
  modules::Result<> init(modules::Host& host) override;
  modules::Result<std::unique_ptr<modules::OnWorker>> start(modules::Worker& worker) override;

  routing::Value translate(routing::Call& call, int dpid, std::string_view input,
                           std::optional<TranslateOptions> options);

 private:
  struct Counters {
    base::Counter translated, not_translated, limits;
  };

  std::optional<std::string> set_db_url(const std::string& url);
  std::optional<std::string> add_partition(const std::string& text);
  modules::Result<> add(const PartitionSpec& spec);
  RuleSource file_of(const PartitionSpec& spec) const;
  RuleSource table_of(const PartitionSpec& spec);
  modules::Result<> open_tables(modules::Host& host);
  void read_later(modules::Host& host);
  struct Tabled;
  void has_read(Tabled& table, std::expected<RuleSet, std::string> rules);

  manage::CommandResult reload(const manage::CommandArguments& arguments);
  manage::CommandResult try_out(const manage::CommandArguments& arguments) const;
  manage::CommandResult show(const manage::CommandArguments& arguments) const;
  std::string_view partition_of(const manage::CommandArguments& arguments, std::size_t index) const;
  std::uint64_t rule_count() const;

  /// A partition whose rules are in a database. `waits`: they could not be read yet.
  struct Tabled {
    std::string partition;
    std::shared_ptr<RuleTable> table;
    bool waits = false;
  };

  std::string directory_;
  std::string database_;  // its URL
  std::string table_name_ = "dialplan";
  std::vector<PartitionSpec> specs_;
  std::string default_ = "default";
  Partitions partitions_;
  std::vector<Tabled> tables_;
  std::size_t next_read_ = 0;  // whose turn it is, of those that wait
  bool is_reading_ = false;
  Counters counters_;
  std::atomic<std::uint64_t> reloads_ = 0;
  std::atomic<std::uint64_t> failed_reloads_ = 0;
};

}  // namespace opensips::dialplan
