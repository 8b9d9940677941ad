#include "uri/module.hh"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "l1_parser/chars.hh"
#include "l1_parser/message_view.hh"
#include "lp_routing/functions/waiting.hh"
#include "module/tables.hh"

namespace opensips::uri {
namespace {

using routing::Call;
using routing::Misuse;
using routing::Object;
using routing::Problem;
using routing::Value;

std::optional<std::string_view> text_in(const Value::Map& table, std::string_view name) {
  std::string_view room;
  for (const auto& [key, value] : table) {
    if (key != name) continue;
    if (const auto* const text = value.text(room)) return *text;
  }
  return std::nullopt;
}

std::string folded(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = parser::chars::lower(c);
  return lower;
}

bool is_request(const Object& object) {
  return object.kind == routing::ObjectKind::request && object.run;
}

Misuse no_request(const Call& call) {
  return {fmt::format("{}: argument 1 (request): expected request", call.function.full_name())};
}

}  // namespace

std::vector<modules::Parameter> Uri::parameters() {
  return {
      modules::text("db_url", url_, "Database with the tables; db_default_url without it."),
      modules::boolean(
          "use_uri_table", use_uri_table_,
          "A user may use what the table uri says, and nothing else; otherwise its own "
          "name alone."),
      modules::boolean("use_domain", use_domain_,
                       "Users of one name are told apart by their domains."),
      modules::text("db_table", table_, "Table of what users may use."),
      modules::text("user_column", user_column_, "Column of users, in both tables."),
      modules::text("domain_column", domain_column_, "Column of their domains, in both tables."),
      modules::text("uriuser_column", uri_user_column_, "Column of what a user may use."),
      modules::text("subscriber_table", subscribers_, "Table of the users that exist."),
  };
}

modules::Result<> Uri::check() {
  return modules::check_names({{"db_table", table_},
                               {"user_column", user_column_},
                               {"domain_column", domain_column_},
                               {"uriuser_column", uri_user_column_},
                               {"subscriber_table", subscribers_}});
}

/// Without a database only what needs none can be asked: see may_use().
modules::Result<> Uri::init(modules::Host& host) {
  if (url_.empty() && host.storage().default_url().empty()) {
    if (!use_uri_table_) return {};
    return modules::fail("there is no database, expected a db_url too", "use_uri_table");
  }
  const storage::UsedTable users{"subscriber", subscribers_};
  const storage::UsedTable names{"uri", table_};
  const auto database = use_uri_table_ ? modules::open_tables(host, "uri", url_, {names, users})
                                       : modules::open_tables(host, "uri", url_, {users});
  if (!database) return std::unexpected(database.error());
  database_ = *database;
  const auto with_domain = use_domain_ ? fmt::format(" AND {} = ?", domain_column_) : std::string();
  may_use_ =
      storage::make_statement(fmt::format("SELECT 1 FROM {} WHERE {} = ? AND {} = ?{} LIMIT 1",
                                          table_, user_column_, uri_user_column_, with_domain));
  exists_ = storage::make_statement(fmt::format("SELECT 1 FROM {} WHERE {} = ?{} LIMIT 1",
                                                subscribers_, user_column_, with_domain));
  return {};
}

Value Uri::ask(Call& call, storage::StatementRef statement, std::vector<storage::Value> values) {
  if (!database_) {
    return Misuse{call.function.full_name() +
                  ": no database, expected modparam(\"uri\", \"db_url\", …)"};
  }
  storage::Job job;
  job.queries.push_back({std::move(statement), std::move(values)});
  job.done = [waker = routing::waker_of(call)](const storage::Outcome& outcome) {
    waker.wake(outcome ? Value(!outcome->rows.empty())
                       : Value(Problem{std::string(storage::to_string(outcome.error().kind))}));
  };
  database_->run(std::move(job));
  return Value::Wait{};
}

Value Uri::may_use(Call& call, const parser::Uri& used, const Value::Map& user) {
  const auto username = text_in(user, "username");
  if (!username) {
    return Misuse{call.function.full_name() +
                  ": argument 2 (user): expected what auth.require gives, with its username"};
  }
  if (!use_uri_table_) return *username == used.user;
  std::vector<storage::Value> values{std::string(*username), std::string(used.user)};
  if (use_domain_) values.emplace_back(folded(text_in(user, "realm").value_or(used.host)));
  return ask(call, may_use_, std::move(values));
}

Value Uri::check_from(Call& call, Object request, Value::Map user) {
  if (!is_request(request)) return no_request(call);
  return may_use(call, call.run->request->from_uri(), user);
}

Value Uri::check_to(Call& call, Object request, Value::Map user) {
  if (!is_request(request)) return no_request(call);
  return may_use(call, call.run->request->to_uri(), user);
}

Value Uri::check_ruri(Call& call, Object request, Value::Map user) {
  if (!is_request(request)) return no_request(call);
  const auto uri = parser::Uri::parse(parser::effective_uri(*call.run->request));
  return uri ? may_use(call, *uri, user) : Value(false);
}

Value Uri::does_exist(Call& call, std::string_view text) {
  const auto uri = parser::Uri::parse(text);
  if (!uri) return Problem{"not a URI"};
  if (uri->user.empty()) return false;
  std::vector<storage::Value> values{std::string(uri->user)};
  if (use_domain_) values.emplace_back(folded(uri->host));
  return ask(call, exists_, std::move(values));
}

namespace {

constexpr routing::Function kFunctions[] = {
    routing::waiting(routing::function<&Uri::check_from>(
        "check_from", "request, user", "boolean, err", routing::kInRequests,
        "Whether the user, as auth.require gives it, may call itself what stands in From: its own "
        "name, or with use_uri_table what the table uri says. nil and \"timed out\", "
        "\"unavailable\" or the like if the database does not say.")),
    routing::waiting(routing::function<&Uri::check_to>(
        "check_to", "request, user", "boolean, err", routing::kInRequests,
        "The same of To: in a REGISTER, whose contacts they are.")),
    routing::waiting(routing::function<&Uri::check_ruri>("check_ruri", "request, user",
                                                         "boolean, err", routing::kInRequests,
                                                         "The same of the Request-URI.")),
    routing::waiting(routing::function<&Uri::does_exist>(
        "does_exist", "uri", "boolean, err", routing::kInHandlers,
        "Whether there is a user of that name in the table subscriber, with use_domain of that "
        "domain, registered or not.")),
};

}  // namespace
}  // namespace opensips::uri

OPENSIPS_MODULE(opensips::uri::Uri, .name = "uri", .version = "1.0",
                .doc = "What users may call themselves, and who exists.", .needs = {},
                .functions = opensips::uri::kFunctions);
