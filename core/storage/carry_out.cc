#include "storage/carry_out.hh"

#include <utility>

namespace opensips::storage {
namespace {

using Step = Connection::Step;

std::vector<Outcome> all_fail(std::size_t count, const Error& error) {
  return std::vector<Outcome>(count, std::unexpected(error));
}

std::vector<Outcome> undo(Connection& connection, std::size_t count, const Error& error) {
  if (connection.usable()) (void)connection.transaction(Step::rollback);
  return all_fail(count, error);
}

/// One after the other; stops at the first that fails.
Outcome execute_all(Connection& connection, std::span<const Query> queries) {
  Outcome outcome;
  for (const Query& query : queries) {
    outcome = connection.execute(*query.statement, query.values);
    if (!outcome) break;
  }
  return outcome;
}

}  // namespace

std::vector<Outcome> carry_out(Connection& connection, std::span<const TaskPtr> tasks) {
  std::vector<Outcome> outcomes;
  const bool alone = tasks.size() == 1;
  if (alone && tasks[0]->queries.size() == 1) {
    outcomes.push_back(execute_all(connection, tasks[0]->queries));
    return outcomes;
  }
  if (const auto begun = connection.transaction(Step::begin); !begun) {
    return all_fail(tasks.size(), begun.error());
  }
  for (const TaskPtr& task : tasks) {
    outcomes.push_back(execute_all(connection, task->queries));
    const Outcome& outcome = outcomes.back();
    if (outcome) continue;
    // Inside a transaction nothing is untouched: statements before this one are lost with it.
    Error error = outcome.error();
    error.untouched = false;
    if (alone || is_temporary(error.kind)) return undo(connection, tasks.size(), error);
  }
  if (const auto done = connection.transaction(Step::commit); !done) {
    return undo(connection, tasks.size(), done.error());
  }
  return outcomes;
}

}  // namespace opensips::storage
