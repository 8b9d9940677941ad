#include "dialplan/module.hh"

#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "base/clock.hh"
#include "base/log.hh"
#include "dialplan/rule_file.hh"
#include "storage/url.hh"

namespace opensips::routing {

template <>
struct OptionTable<dialplan::TranslateOptions> {
  static constexpr auto fields =
      std::make_tuple(Option<dialplan::TranslateOptions, std::optional<std::string_view>>{
          "partition", &dialplan::TranslateOptions::partition,
          "The partition whose rules are used; \"default\" without it."});
};

}  // namespace opensips::routing

namespace opensips::dialplan {
namespace {

using manage::CommandError;
using manage::CommandParameter;
using manage::Json;
using routing::Value;

constexpr std::size_t kErrorsTold = 20;

/// The view that one worker has of all partitions.
class Views final : public modules::OnWorker {
 public:
  explicit Views(const Partitions& partitions) {
    for (const auto& partition : partitions.all()) {
      views_.try_emplace(partition->name(), partition->rules());
    }
  }

  base::SnapshotReader<RuleSet>* find(std::string_view name) {
    const auto found = views_.find(name);
    return found == views_.end() ? nullptr : &found->second;
  }

 private:
  std::map<std::string, base::SnapshotReader<RuleSet>, std::less<>> views_;
};

std::int64_t now() {
  return base::wall_seconds();
}

/// "no rule", "rule 7: subst_exp does not match"
std::string problem_of(const Translation& result) {
  const auto why = to_string(result.verdict);
  return result.rule ? fmt::format("rule {}: {}", result.rule->id, why) : std::string(why);
}

std::unexpected<CommandError> refuse(int code, std::string message) {
  return std::unexpected(CommandError{code, std::move(message)});
}

/// Without the line end behind the last one.
std::string one_text(const config::Errors& errors) {
  std::string text = errors.text(kErrorsTold);
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

const CommandParameter kPartition{
    .name = "partition", .optional = true, .doc = "The partition; \"default\" if there is none."};

}  // namespace

std::vector<modules::Parameter> Dialplan::parameters() {
  return {
      modules::path("directory", directory_,
                    "Directory of the tables, files of OpenSIPS's db_text."),
      modules::calling<&Dialplan::set_db_url>("db_url", this,
                                              "Where the tables are as OpenSIPS writes it: "
                                              "text://DIRECTORY, or the URL of a database."),
      modules::text("table_name", table_name_,
                    "Table of the default partition: a file there, or a table."),
      modules::calling<&Dialplan::add_partition>(
          "partition", this,
          "One more partition, \"NAME: table_name=TABLE; db_url=URL\"; \"default: NAME\" makes one "
          "the default."),
  };
}

std::vector<modules::Statistic> Dialplan::statistics() {
  return {
      modules::counter("translated", counters_.translated, "Inputs that a rule translated."),
      modules::counter("not_translated", counters_.not_translated, "Inputs that none did."),
      modules::counter("match_limits", counters_.limits,
                       "Expressions given up, since an input cost them too much."),
      modules::computed(
          "rules", [this] { return rule_count(); }, "Rules in all partitions."),
      modules::computed(
          "reloads", [this] { return reloads_.load(); }, "Times the rules were replaced."),
      modules::computed(
          "failed_reloads", [this] { return failed_reloads_.load(); },
          "Times they were not, because something was wrong with the new ones."),
  };
}

std::vector<manage::Command> Dialplan::commands() {
  const auto command = [this](std::string name, std::string old_name, std::string doc,
                              std::vector<CommandParameter> parameters, auto run) {
    return manage::Command{.name = std::move(name),
                           .old_name = std::move(old_name),
                           .doc = std::move(doc),
                           .parameters = std::move(parameters),
                           .run = [this, run](const manage::CommandArguments& arguments) {
                             return (this->*run)(arguments);
                           }};
  };
  CommandParameter reloaded = kPartition;
  reloaded.doc = "The partition to read again; all of them without it.";
  return {
      command("dialplan:reload", "dp_reload", "Reads the rules again; all of them or none.",
              {reloaded}, &Dialplan::reload),
      command("dialplan:translate", "dp_translate", "Shows what becomes of an input, and why.",
              {{.name = "dpid", .type = CommandParameter::Type::integer, .doc = "Which rules."},
               {.name = "input", .doc = "What is to be translated."},
               kPartition},
              &Dialplan::try_out),
      command("dialplan:show_partition", "dp_show_partiton", "Lists the partitions.", {kPartition},
              &Dialplan::show),
  };
}

std::optional<std::string> Dialplan::set_db_url(const std::string& url) {
  const auto directory = directory_of(url);
  if (!directory && !storage::Url::parse(url)) {
    return "expected text://DIRECTORY or the URL of a database";
  }
  directory_ = directory.value_or("");
  database_ = directory ? "" : url;
  return std::nullopt;
}

std::optional<std::string> Dialplan::add_partition(const std::string& text) {
  auto spec = PartitionSpec::parse(text);
  if (!spec) return spec.error();
  if (spec->same_as.empty()) {
    specs_.push_back(std::move(*spec));
  } else {
    default_ = spec->same_as;
  }
  return std::nullopt;
}

modules::Result<> Dialplan::add(const PartitionSpec& spec) {
  const bool has_own = !spec.directory.empty() || !spec.database.empty();
  if (!has_own && directory_.empty() && database_.empty()) {
    return modules::fail(fmt::format("partition {}: expected a directory or a db_url", spec.name));
  }
  const bool in_file = has_own ? spec.database.empty() : database_.empty();
  const bool added = partitions_.add(spec.name, in_file ? file_of(spec) : table_of(spec));
  if (!added) return modules::fail(fmt::format("there are two partitions {}", spec.name));
  return {};
}

RuleSource Dialplan::file_of(const PartitionSpec& spec) const {
  const auto file = fmt::format("{}/{}", spec.directory.empty() ? directory_ : spec.directory,
                                spec.table.empty() ? table_name_ : spec.table);
  return [file]() -> std::expected<RuleSet, std::string> {
    auto rules = load_rules(file);
    if (!rules) return std::unexpected(one_text(rules.error()));
    return std::move(*rules);
  };
}

RuleSource Dialplan::table_of(const PartitionSpec& spec) {
  const auto table = std::make_shared<RuleTable>(spec.database.empty() ? database_ : spec.database,
                                                 spec.table.empty() ? table_name_ : spec.table);
  tables_.push_back({spec.name, table});
  return [table] { return table->load(); };
}

modules::Result<> Dialplan::check() {
  // As with OpenSIPS, there is a partition "default" unless another one takes its place.
  const bool has_default =
      std::ranges::find(specs_, "default", &PartitionSpec::name) != specs_.end();
  if (!(directory_.empty() && database_.empty()) && default_ == "default" && !has_default) {
    specs_.push_back({.name = "default"});
  }
  if (specs_.empty()) return modules::fail("expected a directory, a db_url or a partition");
  for (const PartitionSpec& spec : specs_) {
    if (auto added = add(spec); !added) return added;
  }
  if (default_ != "default" && !partitions_.find(default_)) {
    return modules::fail(fmt::format("there is no partition {}", default_), "partition");
  }
  if (auto loaded = partitions_.load(); !loaded) return modules::fail(std::move(loaded.error()));
  return {};
}

modules::Result<> Dialplan::init(modules::Host& host) {
  host.every(std::chrono::seconds(1), [this, &host] {
    partitions_.free_retired();
    read_later(host);
  });
  return open_tables(host);
}

/// What a database that cannot be reached has is read later.
modules::Result<> Dialplan::open_tables(modules::Host& host) {
  for (Tabled& one : tables_) {
    const auto opened = one.table->open(host.storage());
    const auto loaded = opened ? partitions_.load(one.partition) : opened;
    if (loaded) continue;
    const auto problem = fmt::format("partition {}: {}", one.partition, loaded.error());
    if (!opened || !one.table->was_unreachable()) return modules::fail(problem);
    base::log_error("dialplan: read later: {}", problem);
    one.waits = true;
  }
  return {};
}

/// One at a time and by turns, by a thread that may wait for it.
void Dialplan::read_later(modules::Host& host) {
  if (is_reading_) return;
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    Tabled& next = tables_[next_read_++ % tables_.size()];
    if (!next.waits) continue;
    is_reading_ =
        host.in_background([table = next.table] { return table->load(); },
                           [this, &next](loop::Outcome<std::expected<RuleSet, std::string>> done) {
                             is_reading_ = false;
                             if (done && next.waits)
                               has_read(next, std::move(*done));  // else a reload was faster
                           });
    return;
  }
}

void Dialplan::has_read(Tabled& table, std::expected<RuleSet, std::string> rules) {
  if (!rules && table.table->was_unreachable()) return;
  table.waits = false;
  if (!rules) {
    return base::log_error("dialplan: partition {} has no rules until dialplan:reload: {}",
                           table.partition, rules.error());
  }
  partitions_.publish(table.partition, std::move(*rules));
  base::log_notice("dialplan: partition {} has been read", table.partition);
}

modules::Result<std::unique_ptr<modules::OnWorker>> Dialplan::start(modules::Worker&) {
  return std::make_unique<Views>(partitions_);
}

Value Dialplan::translate(routing::Call& call, int dpid, std::string_view input,
                          std::optional<TranslateOptions> options) {
  const auto name = options ? options->partition.value_or(default_) : default_;
  auto* const view = call.part<Views>().find(name == "default" ? default_ : name);
  if (!view) {
    return routing::Misuse{
        fmt::format("{}: there is no partition {:.64}", call.function.full_name(), name)};
  }
  const Translation result = dialplan::translate(**view, dpid, input, now());
  auto& stats = call.context().stats;
  if (result.limits != 0) stats.add(counters_.limits, result.limits);
  if (result.verdict != Verdict::translated) {
    stats.add(counters_.not_translated);
    return routing::Problem{problem_of(result)};
  }
  stats.add(counters_.translated);
  return Value::Map{{"output", result.output},
                    {"attrs", std::string(result.rule->attrs)},
                    {"rule", result.rule->id}};
}

std::uint64_t Dialplan::rule_count() const {
  std::uint64_t sum = 0;
  for (const auto& partition : partitions_.all()) sum += partition->rules().get()->rule_count();
  return sum;
}

std::string_view Dialplan::partition_of(const manage::CommandArguments& arguments,
                                        std::size_t index) const {
  if (!arguments.has(index) || arguments.text(index) == "default") return default_;
  return arguments.text(index);
}

manage::CommandResult Dialplan::reload(const manage::CommandArguments& arguments) {
  const auto name = partition_of(arguments, 0);
  if (arguments.has(0) && !partitions_.find(name)) {
    return refuse(404, fmt::format("no partition {:.64}", name));
  }
  const auto loaded = arguments.has(0) ? partitions_.load(name) : partitions_.load();
  if (!loaded) {
    ++failed_reloads_;
    base::log_error("dialplan: the rules stay as they are: {}", loaded.error());
    // A line for each thing that is wrong: the operator wants to mend all of them at once.
    return refuse(500, loaded.error());
  }
  ++reloads_;
  for (Tabled& one : tables_) {
    if (!arguments.has(0) || one.partition == name) one.waits = false;
  }
  base::log_notice("dialplan: {} rules", rule_count());
  return Json("OK");
}

manage::CommandResult Dialplan::try_out(const manage::CommandArguments& arguments) const {
  const auto name = partition_of(arguments, 2);
  const Partition* const partition = partitions_.find(name);
  if (!partition) return refuse(404, fmt::format("no partition {:.64}", name));
  if (!std::in_range<int>(arguments.integer(0))) return refuse(400, "dpid is out of range");
  const auto rules = partition->rules().get();
  const Translation result =
      dialplan::translate(*rules, static_cast<int>(arguments.integer(0)), arguments.text(1), now());
  if (result.verdict != Verdict::translated) return refuse(404, problem_of(result));
  const Rule& rule = *result.rule;
  return Json{{"Output", result.output},
              {"ATTRIBUTES", rule.attrs},
              {"rule",
               {{"id", rule.id},
                {"line", rule.line},
                {"pr", rule.priority},
                {"match_op", rule.match ? 1 : 0},
                {"match_exp", rule.match_exp}}}};
}

manage::CommandResult Dialplan::show(const manage::CommandArguments& arguments) const {
  Json list = Json::array();
  for (const auto& partition : partitions_.all()) {
    if (arguments.has(0) && partition->name() != partition_of(arguments, 0)) continue;
    const auto rules = partition->rules().get();
    list.push_back({{"partition", partition->name()},
                    {"default", partition->name() == default_},
                    {"dpids", rules->plan_count()},
                    {"rules", rules->rule_count()}});
  }
  if (list.empty()) return refuse(404, fmt::format("no partition {:.64}", arguments.text(0)));
  return Json{{"Partitions", std::move(list)}};
}

namespace {

constexpr routing::Function kFunctions[] = {
    routing::function<&Dialplan::translate>(
        "translate", "dpid, input, options", "table, err",
        routing::kInRequests | routing::place_of(routing::Handler::startup),
        "Translates a text, a number most of the time, by the first rule of a dpid that matches "
        "it. "
        "The result has `output`, what became of it, `attrs`, the rule's attributes (empty if it "
        "has none), and `rule`, its id. err is \"no rule\", \"no such dpid\", \"too long\", \"too "
        "costly\" or \"rule ID: subst_exp does not match\"."),
};

}  // namespace
}  // namespace opensips::dialplan

OPENSIPS_MODULE(opensips::dialplan::Dialplan, .name = "dialplan", .version = "1.0",
                .doc = "Translates numbers by rules.", .needs = {},
                .functions = opensips::dialplan::kFunctions);
