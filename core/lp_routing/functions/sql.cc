#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/guarded.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/services.hh"
#include "lp_routing/functions/waiting.hh"

namespace opensips::routing {
namespace {

constexpr std::size_t kMostNames = 10'000;

/// The name of a column for the tables of all scripts, for good: there are as many as scripts have
/// written down. Empty: somebody makes them up. Any thread.
std::string_view kept_name(const std::string& name) {
  static base::Guarded<std::set<std::string>> all;
  auto names = all.lock();
  const auto found = names->find(name);
  if (found != names->end()) return *found;
  if (names->size() >= kMostNames) return {};
  return *names->insert(name).first;
}

Value value_of(storage::Value&& value) {
  struct Converter {
    Value operator()(std::monostate) const { return {}; }
    Value operator()(std::int64_t number) const { return number; }
    Value operator()(double number) const { return number; }
    Value operator()(std::string& text) const { return std::move(text); }
    Value operator()(storage::Blob& blob) const { return std::move(blob.bytes); }
  };
  return std::visit(Converter{}, value);
}

Value rows_of(storage::Rows& rows) {
  std::vector<std::string_view> names;
  for (const auto& column : rows.columns) {
    names.push_back(kept_name(column));
    if (names.back().empty()) return Problem{"too many names of columns"};
  }
  Value::List list;
  for (auto& row : rows.rows) {
    Value::Map entries;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!storage::is_null(row[i])) entries.push_back({names[i], value_of(std::move(row[i]))});
    }
    list.emplace_back(std::move(entries));
  }
  return list;
}

Value result_of(storage::Outcome&& outcome) {
  if (outcome) {
    if (!outcome->columns.empty()) return rows_of(*outcome);
    return Value::Map{{"affected", outcome->affected}, {"last_id", outcome->last_id}};
  }
  const auto& [kind, text, untouched] = outcome.error();
  const auto what = storage::to_string(kind);
  return Problem{storage::is_temporary(kind) ? std::string(what)
                                             : fmt::format("{}: {}", what, text)};
}

/// False: it is none that a database has.
bool add_value(const Value& given, std::vector<storage::Value>& to) {
  std::string_view room;
  if (given.is_nil()) {
    to.emplace_back();
  } else if (const auto* flag = given.get<bool>()) {
    to.emplace_back(std::int64_t{*flag});
  } else if (const auto* number = given.get<std::int64_t>()) {
    to.emplace_back(*number);
  } else if (const auto* real = given.get<double>()) {
    to.emplace_back(*real);
  } else if (const auto* text = given.text(room)) {
    to.emplace_back(std::string(*text));
  } else {
    return false;
  }
  return true;
}

Value sql(Call& call, std::optional<std::string_view> url) {
  auto* const databases = call.services ? call.services->storage() : nullptr;
  if (!databases) return Problem{"there are no databases here"};
  const auto opened = databases->open(url.value_or(databases->default_url()));
  if (!opened) return Misuse{fmt::format("sip.sql: {}", opened.error())};
  if (!(*opened)->backend().is_sql()) {
    return Misuse{fmt::format("sip.sql: {} has no SQL, expected sip.redis", (*opened)->name())};
  }
  return Object{.kind = ObjectKind::sql,
                .place = static_cast<std::uint32_t>(databases->number_of(**opened))};
}

Value query(Call& call, std::string_view text, std::span<const Value> values) {
  storage::Query query{storage::make_statement(std::string(text)), {}};
  for (const Value& value : values) {
    if (!add_value(value, query.values)) {
      return Misuse{"sql:query: a value is nil, a boolean, a number or a string"};
    }
  }
  storage::Job job;
  job.queries.push_back(std::move(query));
  job.done = [waker = waker_of(call)](storage::Outcome outcome) {
    waker.wake(result_of(std::move(outcome)));
  };
  call.services->storage()->at(call.self.place).run(std::move(job));
  return Value::Wait{};
}

constexpr Function kRows[] = {
    function<sql>(ObjectKind::sip, "sql", "url", "sql, err", kInHandlers,
                  "The database at a URL, as \"sqlite:///FILE\"; db_default_url without one. It is "
                  "connected to when it is named first, and stays so."),
    waiting(method<query>(
        ObjectKind::sql, "query", "statement, values", "table, err",
        "Carries a statement of SQL out, with a value for each `?` in it, and waits for what it "
        "gives: a list of rows, each a table by the names of its columns, in which NULL is nil; "
        "or, "
        "of one that writes, `affected`, the number of rows, and `last_id`. err is \"timed out\" "
        "after db_query_timeout, \"unavailable\", \"busy\", \"locked\", \"disk full\", "
        "\"read-only\", \"corrupt\", \"not there\", or begins with \"constraint: \" or "
        "\"statement: \". Values never become a part of the statement: whatever is in them does "
        "no harm.")),
};

}  // namespace

std::span<const Function> sql_functions() {
  return kRows;
}

}  // namespace opensips::routing
