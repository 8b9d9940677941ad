#include "persistence/domains.hh"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/log.hh"
#include "storage/versions.hh"

namespace opensips {
namespace {

using manage::CommandError;
using manage::Json;
using Problem = std::unexpected<std::string>;

constexpr std::chrono::seconds kRetry{2};

/// The parameter of a name that is none, since it would be SQL of another kind; empty: all are
/// good.
std::string_view bad_name(const config::DomainSettings& domain) {
  using storage::is_table_name;
  if (!is_table_name(domain.table)) return "domain:domain_table";
  if (!is_table_name(domain.name_column)) return "domain:domain_col";
  if (!is_table_name(domain.attributes_column)) return "domain:attrs_col";
  if (!is_table_name(domain.subdomain_column)) return "domain:subdomain_col";
  return {};
}

transport::Domains::Table read(const storage::Rows& rows) {
  transport::Domains::Table table;
  for (const auto& row : rows.rows) {
    auto name = transport::Domains::folded(storage::text_of(row[0]));
    if (name.empty()) continue;
    table.insert_or_assign(std::move(name),
                           transport::Domain{std::string(storage::text_of(row[1])),
                                             storage::integer_of(row[2]).value_or(0) != 0});
  }
  return table;
}

}  // namespace

std::expected<void, std::string> DomainTable::open(const config::Settings& settings,
                                                   storage::Storage& databases) {
  if (!settings.names_module("domain")) return {};
  const auto& domain = settings.domain;
  if (const auto bad = bad_name(domain); !bad.empty()) {
    return Problem(settings.place(bad) + ": this is no name of a table or column");
  }
  const bool has_own = !domain.db_url.empty();
  const auto place = settings.place(has_own ? "domain:db_url" : "db_default_url");
  const auto database =
      storage::open_tables(databases, has_own ? domain.db_url : settings.db.default_url,
                           {{"domain", domain.table}}, "the table of domains is not checked");
  if (!database) return Problem(fmt::format("{}: {}", place, database.error()));
  database_ = *database;
  select_ = storage::make_statement(fmt::format("SELECT {}, {}, {} FROM {}", domain.name_column,
                                                domain.attributes_column, domain.subdomain_column,
                                                domain.table));
  const auto rows = database_->wait({{select_, {}}});
  if (rows) {
    domains_.publish(read(*rows));
    loaded_ = true;
    return {};
  }
  if (!storage::is_temporary(rows.error().kind)) {
    return Problem(fmt::format("{}: {}", place, rows.error().text));
  }
  base::log_error("the domains are read later: {}", rows.error().text);
  retries_ = control_.every(kRetry, [this] { retry(); });
  return {};
}

/// Nobody waits: what comes of it is seen the next time.
void DomainTable::retry() {
  if (loaded_) {
    retries_ = {};
    return;
  }
  storage::Job job;
  job.queries.push_back({select_, {}});
  job.done = [this](const storage::Outcome& outcome) {
    if (!outcome || loaded_.exchange(true)) return;
    base::log_notice("the domains have been read");
    domains_.publish(read(*outcome));
  };
  database_->run(std::move(job));
}

void DomainTable::add_to(manage::Commands& commands) {
  if (!database_) return;
  commands.add({.name = "domain:list",
                .old_name = "domain_dump",
                .doc = "The domains of the table, as they were read last.",
                .run = [this](const manage::CommandArguments&) { return list(); }});
  commands.add({.name = "domain:reload",
                .old_name = "domain_reload",
                .doc = "Reads the table of domains again.",
                .run = [this](const manage::CommandArguments&) { return reload(); }});
}

manage::CommandResult DomainTable::reload() {
  const auto rows = database_->wait({{select_, {}}});
  if (!rows) {
    base::log_error("the domains stay as they are: {}", rows.error().text);
    return std::unexpected(CommandError{500, rows.error().text});
  }
  loaded_ = true;
  domains_.publish(read(*rows));
  return Json("OK");
}

Json DomainTable::list() const {
  const auto table = domains_.all();
  std::vector<const transport::Domains::Table::value_type*> sorted;
  sorted.reserve(table->size());
  for (const auto& one : *table) sorted.push_back(&one);
  std::ranges::sort(sorted, {}, [](const auto* one) -> std::string_view { return one->first; });
  Json all = Json::array();
  for (const auto* const one : sorted) {
    all.push_back({{"name", one->first},
                   {"attributes", one->second.attributes},
                   {"accept_subdomain", one->second.subdomains}});
  }
  return Json{{"Domains", std::move(all)}};
}

}  // namespace opensips
