#include "alias_db/module.hh"

#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/log.hh"
#include "l1_parser/chars.hh"
#include "l1_parser/message_view.hh"
#include "lp_routing/functions/waiting.hh"
#include "module/tables.hh"

namespace opensips::routing {

template <>
struct OptionTable<alias_db::LookupOptions> {
  using Options = alias_db::LookupOptions;
  static constexpr std::tuple fields{Option<Options, bool>{
      "any_domain", &Options::any_domain, "the alias counts whatever its domain is"}};
};

}  // namespace opensips::routing

namespace opensips::alias_db {
namespace {

using routing::Call;
using routing::Misuse;
using routing::Object;
using routing::Problem;
using routing::Value;

/// So many users of one alias are read; more are a mistake in the table.
constexpr int kMostUsers = 100;

Problem problem_of(const storage::Error& error) {
  return Problem{std::string(storage::to_string(error.kind))};
}

/// "sip:NAME@DOMAIN"; nothing if what the row says makes no URI.
std::optional<std::string> uri_of(const storage::Row& row) {
  auto text = fmt::format("sip:{}@{}", storage::text_of(row[0]), storage::text_of(row[1]));
  const auto parsed = parser::Uri::parse(text);
  if (!parsed || parsed->user.empty() || parsed->host.empty()) return std::nullopt;
  return text;
}

Value uris_of(const storage::Outcome& outcome) {
  if (!outcome) return problem_of(outcome.error());
  Value::List uris;
  for (const auto& row : outcome->rows) {
    if (auto uri = uri_of(row)) uris.emplace_back(std::move(*uri));
  }
  return uris.empty() ? Value(Problem{"not found"}) : Value(std::move(uris));
}

}  // namespace

std::vector<modules::Parameter> AliasDb::parameters() {
  return {
      modules::text("db_url", url_, "Database with the table; db_default_url without it."),
      modules::text("db_table", table_, "Table of aliases."),
      modules::text("user_column", user_column_, "Its column of users."),
      modules::text("domain_column", domain_column_, "Its column of their domains."),
      modules::text("alias_user_column", alias_user_column_, "Its column of aliases."),
      modules::text("alias_domain_column", alias_domain_column_, "Its column of their domains."),
      modules::text("domain_prefix", domain_prefix_,
                    "Is taken off a domain before it is looked for: \"sip.\"."),
  };
}

modules::Result<> AliasDb::check() {
  return modules::check_names({{"db_table", table_},
                               {"user_column", user_column_},
                               {"domain_column", domain_column_},
                               {"alias_user_column", alias_user_column_},
                               {"alias_domain_column", alias_domain_column_}});
}

void AliasDb::make_statements() {
  const auto by_alias = fmt::format("SELECT {}, {} FROM {} WHERE {} = ?", user_column_,
                                    domain_column_, table_, alias_user_column_);
  const auto limit = fmt::format(" LIMIT {}", kMostUsers);
  by_alias_ = storage::make_statement(
      fmt::format("{} AND {} = ?{}", by_alias, alias_domain_column_, limit));
  by_alias_name_ = storage::make_statement(by_alias + limit);
  by_user_ = storage::make_statement(fmt::format("SELECT {}, {} FROM {} WHERE {} = ? AND {} = ?{}",
                                                 alias_user_column_, alias_domain_column_, table_,
                                                 user_column_, domain_column_, limit));
}

modules::Result<> AliasDb::init(modules::Host& host) {
  const auto database = modules::open_tables(host, "alias_db", url_, {{"dbaliases", table_}});
  if (!database) return std::unexpected(database.error());
  database_ = *database;
  make_statements();
  return {};
}

std::string AliasDb::without_prefix(std::string_view host) const {
  std::string lower(host);
  for (char& c : lower) c = parser::chars::lower(c);
  if (lower.starts_with(domain_prefix_)) lower.erase(0, domain_prefix_.size());
  return lower;
}

storage::Query AliasDb::query_of(const parser::Uri& uri, const LookupOptions& options) const {
  storage::Query query{options.any_domain ? by_alias_name_ : by_alias_, {std::string(uri.user)}};
  if (!options.any_domain) query.values.emplace_back(without_prefix(uri.host));
  return query;
}

/// The Request-URI becomes that of the user; what stands beside name and domain in it goes.
Value AliasDb::rewrite(Call& call, const storage::Outcome& outcome) const {
  if (!outcome) return problem_of(outcome.error());
  if (outcome->rows.empty()) return false;
  const auto uri = uri_of(outcome->rows.front());
  if (!uri) {
    static base::RateLimit limit{std::chrono::seconds(10)};
    base::log_limited(limit, base::LogLevel::err, "alias_db: a row of {} makes no URI", table_);
    return Problem{"not a URI"};
  }
  auto& request = *call.run->request;
  request.edits().set_uri(request.arena().copy(*uri));
  return true;
}

Value AliasDb::lookup(Call& call, Object object, std::optional<LookupOptions> options) {
  if (object.kind != routing::ObjectKind::request || !object.run) {
    return Misuse{call.function.full_name() + ": argument 1 (request): expected request"};
  }
  const auto uri = parser::Uri::parse(parser::effective_uri(*call.run->request));
  if (!uri || uri->user.empty()) return false;
  storage::Job job;
  job.queries.push_back(query_of(*uri, options.value_or(LookupOptions{})));
  job.done = [this, then = routing::Continuation(call)](storage::Outcome outcome) mutable {
    then.go_on(
        [this, outcome = std::move(outcome)](Call& again) { return rewrite(again, outcome); });
  };
  database_->run(std::move(job));
  return Value::Wait{};
}

Value AliasDb::find(Call& call, std::string_view text, std::optional<LookupOptions> options) {
  const auto uri = parser::Uri::parse(text);
  if (!uri) return Problem{"not a URI"};
  storage::Job job;
  job.queries.push_back(query_of(*uri, options.value_or(LookupOptions{})));
  job.done = [waker = routing::waker_of(call)](const storage::Outcome& outcome) {
    waker.wake(uris_of(outcome));
  };
  database_->run(std::move(job));
  return Value::Wait{};
}

Value AliasDb::find_aliases(Call& call, std::string_view text) {
  const auto uri = parser::Uri::parse(text);
  if (!uri) return Problem{"not a URI"};
  storage::Job job;
  job.queries.push_back({by_user_, {std::string(uri->user), without_prefix(uri->host)}});
  job.done = [waker = routing::waker_of(call)](const storage::Outcome& outcome) {
    waker.wake(uris_of(outcome));
  };
  database_->run(std::move(job));
  return Value::Wait{};
}

namespace {

constexpr routing::Function kFunctions[] = {
    routing::waiting(routing::function<&AliasDb::lookup>(
        "lookup", "request, options", "boolean, err", routing::kInRequests,
        "Looks the Request-URI up among the aliases. If it is one, the Request-URI becomes that of "
        "its user, and the result is true; false if it is none. nil and \"timed out\", "
        "\"unavailable\" or the like if the database does not say.")),
    routing::waiting(routing::function<&AliasDb::find>(
        "find", "uri, options", "string[], err", routing::kInHandlers,
        "The URIs of the users that have this alias: one, or several for a group. err is \"not "
        "found\" if nobody has.")),
    routing::waiting(routing::function<&AliasDb::find_aliases>(
        "find_aliases", "uri", "string[], err", routing::kInHandlers,
        "The aliases that a user has, as URIs.")),
};

}  // namespace
}  // namespace opensips::alias_db

OPENSIPS_MODULE(opensips::alias_db::AliasDb, .name = "alias_db", .version = "1.0",
                .doc = "Other names of users, looked up in a table.", .needs = {},
                .functions = opensips::alias_db::kFunctions);
