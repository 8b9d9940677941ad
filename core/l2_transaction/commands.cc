#include "l2_transaction/commands.hh"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "loop/ask.hh"

namespace opensips::transaction {

namespace {

using manage::CommandArguments;
using manage::CommandError;
using manage::CommandResult;
using manage::Json;

constexpr std::int64_t kUsualLimit = 1000;

/// What is asked for: which transactions, and how many at most.
struct Question {
  std::string call_id;  // empty: of any call
  std::size_t limit = 0;
};

Json row(std::size_t worker, const TransactionLayer::View& view) {
  return {{"Worker", worker},
          {"Side", view.of_server ? "server" : "client"},
          {"Method", view.method},
          {"State", view.state},
          {"Peer", view.peer->peer ? fmt::format("{}:{}", base::name_of(view.peer->transport),
                                                 view.peer->peer.to_string())
                                   : ""},
          {"Call-ID", view.call_id}};
}

Json rows_of(TransactionLayer& transactions, std::size_t worker, const Question& question,
             std::size_t room) {
  Json rows = Json::array();
  transactions.for_each([&](const TransactionLayer::View& view) {
    if (rows.size() == room) return;
    if (question.call_id.empty() || view.call_id == question.call_id) {
      rows.push_back(row(worker, view));
    }
  });
  return rows;
}

CommandResult list(const std::vector<WorkersTransactions>& workers,
                   const CommandArguments& arguments) {
  const auto limit = arguments.has(1) ? arguments.integer(1) : kUsualLimit;
  if (limit < 1) {
    return std::unexpected(
        CommandError{400, fmt::format("limit: expected 1 or more, got {}", limit)});
  }
  const Question question{arguments.has(0) ? arguments.text(0) : std::string(),
                          static_cast<std::size_t>(limit)};
  Json all = Json::array();
  for (std::size_t i = 0; i < workers.size(); ++i) {
    const auto room = question.limit - all.size();
    auto rows =
        loop::ask(*workers[i].inbox, [&layer = *workers[i].transactions, i, room, question] {
          return rows_of(layer, i, question, room);
        });
    for (auto& one : rows.value_or(Json::array())) all.push_back(std::move(one));
  }
  return Json{{"Transactions", std::move(all)}};
}

}  // namespace

void add_commands(manage::Commands& commands, const std::vector<WorkersTransactions>& workers) {
  commands.add({.name = "tm:list",
                .old_name = "",
                .doc = "The transactions, with their states as RFC 3261 17 names them.",
                .parameters = {{.name = "call_id", .optional = true, .doc = "Those of this call."},
                               {.name = "limit",
                                .type = manage::CommandParameter::Type::integer,
                                .optional = true,
                                .doc = "At most so many; else 1000."}},
                .run = [&](const CommandArguments& given) { return list(workers, given); }});
}

}  // namespace opensips::transaction
