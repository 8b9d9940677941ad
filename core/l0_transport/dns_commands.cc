#include "l0_transport/dns_commands.hh"

#include <future>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/clock.hh"

namespace opensips::transport {

namespace {

using manage::CommandArguments;
using manage::CommandResult;
using manage::Json;

/// Runs `work(Resolver&)` on its worker and waits until it is done, or the worker has ended.
template <class Work>
void on_worker(const WorkersResolver& worker, Work work) {
  std::promise<void> promise;
  auto done = promise.get_future();
  worker.inbox->post([&resolver = *worker.resolver, &work, promise = std::move(promise)]() mutable {
    work(resolver);
    promise.set_value();
  });
  done.wait();
}

Json records(const DnsAnswer& answer) {
  Json all = Json::array();
  for (const auto& one : answer.addresses) all.push_back(one.bare_host());
  for (const auto& one : answer.services) {
    all.push_back(fmt::format("{} {} {} {}", one.priority, one.weight, one.port,
                              one.target.empty() ? "." : one.target));
  }
  for (const auto& one : answer.pointers) {
    all.push_back(
        fmt::format("{} {} {} {}", one.order, one.preference, one.service, one.replacement));
  }
  if (!answer.alias.empty()) all.push_back(answer.alias);
  return all;
}

CommandResult cache(const std::vector<WorkersResolver>& workers, const CommandArguments& given) {
  Json all = Json::array();
  for (std::size_t i = 0; i < workers.size(); ++i) {
    on_worker(workers[i], [&](Resolver& resolver) {
      resolver.cache().for_each(
          [&](const DnsQuestion& question, const DnsAnswer& answer, std::uint64_t left_ms) {
            if (given.has(0) && question.name != given.text(0)) return;
            Json row{{"Worker", i},
                     {"Name", question.name},
                     {"Type", to_string(question.type)},
                     {"TTL", left_ms / 1000},
                     {"Records", records(answer)}};
            if (answer.status != DnsAnswer::Status::found) row["Result"] = to_string(answer.status);
            all.push_back(std::move(row));
          });
    });
  }
  return Json{{"Answers", std::move(all)}};
}

CommandResult failed_targets(const FailedTargets& failed) {
  Json all = Json::array();
  failed.for_each(base::monotonic_ms(), [&](base::Transport transport, const base::Address& peer,
                                            std::uint64_t left_ms) {
    all.push_back({{"Target", fmt::format("{}:{}", base::name_of(transport), peer.to_string())},
                   {"Seconds", left_ms / 1000}});
  });
  return Json{{"Targets", std::move(all)}};
}

CommandResult flush(const std::vector<WorkersResolver>& workers, FailedTargets& failed) {
  for (const auto& one : workers) {
    on_worker(one, [](Resolver& resolver) { resolver.cache().flush(); });
  }
  failed.clear();
  return Json("OK");
}

}  // namespace

void add_dns_commands(manage::Commands& commands, const std::vector<WorkersResolver>& workers,
                      FailedTargets& failed) {
  commands.add({.name = "dns:cache",
                .old_name = "",
                .doc = "What name servers have answered, for each worker.",
                .parameters = {{.name = "name", .optional = true, .doc = "A name, in lower case."}},
                .run = [&](const CommandArguments& given) { return cache(workers, given); }});
  commands.add({.name = "dns:failed_targets",
                .old_name = "",
                .doc = "The servers that failed lately, and for how long others come before them.",
                .run = [&](const CommandArguments&) { return failed_targets(failed); }});
  commands.add({.name = "dns:flush",
                .old_name = "",
                .doc = "Forgets all answers, and which servers failed.",
                .run = [&](const CommandArguments&) { return flush(workers, failed); }});
}

}  // namespace opensips::transport
