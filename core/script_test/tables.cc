#include "script_test/tables.hh"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "module/library.hh"
#include "storage/schema.hh"

namespace opensips::script_test {

using storage::Error;
using storage::make_statement;

namespace {

std::unexpected<Error> unavailable(const std::string& why) {
  return std::unexpected(Error{Error::Kind::missing, why});
}

}  // namespace

/// Every table of the server, and what each says of its version. Empty, or what went wrong.
std::string Tables::create_all(storage::Backend& backend, storage::Connection& connection) {
  for (const auto& table : storage::tables()) {
    const auto create = make_statement(create_statement(table, table.name, backend));
    if (const auto made = connection.execute(*create, {}); !made) return made.error().text;
    if (table.name == storage::kVersionTable) continue;
    const auto note =
        make_statement("INSERT INTO version (table_name, table_version) VALUES (?, ?)");
    const storage::Value values[] = {std::string(table.name), std::int64_t{table.version}};
    if (const auto noted = connection.execute(*note, values); !noted) return noted.error().text;
  }
  return {};
}

void Tables::open(State& state) const {
  if (state.connection || !state.trouble.empty()) return;
  const auto path = modules::find_library("db_sqlite", mpath_);
  const auto descriptor = path ? modules::open_library(*path) : std::unexpected(path.error());
  if (!descriptor) {
    state.trouble = descriptor.error();
    return;
  }
  state.module = (*descriptor)->make();
  auto& backend = *state.module->backend();
  auto made = backend.connect({.scheme = "sqlite", .path = ":memory:"}, {.create = true});
  state.trouble = made ? create_all(backend, **made) : made.error().text;
  if (state.trouble.empty()) state.connection = std::move(*made);
}

std::expected<void, std::string> Tables::insert(std::string_view table,
                                                const std::vector<std::string>& columns,
                                                const std::vector<storage::Value>& values) {
  if (!storage::find_table(table)) {
    return std::unexpected(
        fmt::format("the server has no table {}, expected one of its own", table));
  }
  const std::vector<std::string_view> places(columns.size(), "?");
  const auto statement = make_statement(fmt::format(
      "INSERT INTO {} ({}) VALUES ({})", table, fmt::join(columns, ", "), fmt::join(places, ", ")));
  const auto done = execute(*statement, values);
  if (!done) return std::unexpected(done.error().text);
  return {};
}

storage::Outcome Tables::execute(const storage::Statement& statement,
                                 std::span<const storage::Value> values) {
  auto state = state_.lock();
  open(*state);
  if (!state->connection) return unavailable(state->trouble);
  return state->connection->execute(statement, values);
}

std::expected<void, Error> Tables::transaction(storage::Connection::Step step) {
  auto state = state_.lock();
  open(*state);
  if (!state->connection) return {};  // answers that are laid out need none
  return state->connection->transaction(step);
}

}  // namespace opensips::script_test
