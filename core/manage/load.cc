#include "manage/load.hh"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace opensips::manage {

namespace {

unsigned percent(double share) {
  return static_cast<unsigned>(std::lround(100 * std::clamp(share, 0.0, 1.0)));
}

CommandResult ps(const Load& load) {
  Json threads = Json::array();
  for (const auto& thread : read_threads()) {
    threads.push_back(
        {{"ID", threads.size()},
         {"PID", thread.id},
         {"Type", thread.name},
         {"CPU time", fmt::format("{}.{:02}", thread.cpu_ms / 1000, thread.cpu_ms % 1000 / 10)},
         {"Load", load.of_thread(thread.id)},
         {"Load 1m", load.of_thread(thread.id, Load::kMinute)},
         {"Load 10m", load.of_thread(thread.id, Load::kTenMinutes)}});
  }
  return Json{{"Processes", std::move(threads)}};
}

}  // namespace

void Load::History::add(const Sample& sample) {
  if (samples.size() <= kTenMinutes) {
    samples.push_back(sample);
  } else {
    samples[next % samples.size()] = sample;
  }
  ++next;
}

double Load::History::share(std::size_t count) const {
  if (samples.size() < 2) return 0;
  const auto back = std::min(count, samples.size() - 1);
  const auto& newest = samples[(next - 1) % samples.size()];
  const auto& oldest = samples[(next - 1 - back) % samples.size()];
  if (newest.at_ms <= oldest.at_ms) return 0;
  return static_cast<double>(newest.cpu_ms - oldest.cpu_ms) /
         static_cast<double>(newest.at_ms - oldest.at_ms);
}

void Load::sample(std::span<const Thread> threads, std::uint64_t now_ms) {
  auto histories = histories_.lock();
  for (const auto& thread : threads) {
    auto& history = (*histories)[thread.id];
    history.is_worker = thread.name.starts_with(kWorker);
    history.add({now_ms, thread.cpu_ms});
  }
  std::erase_if(*histories, [&](const auto& one) {
    return std::ranges::find(threads, one.first, &Thread::id) == threads.end();
  });
}

unsigned Load::of_thread(pid_t id, std::size_t samples) const {
  const auto histories = histories_.lock();
  const auto found = histories->find(id);
  return found == histories->end() ? 0 : percent(found->second.share(samples));
}

unsigned Load::of_workers(std::size_t samples) const {
  const auto histories = histories_.lock();
  double sum = 0;
  unsigned workers = 0;
  for (const auto& [id, history] : *histories) {
    if (!history.is_worker) continue;
    sum += history.share(samples);
    ++workers;
  }
  return workers ? percent(sum / workers) : 0;
}

void add_load_statistics(base::Stats& stats, const Load& load) {
  stats.function("load:load", [&] { return load.of_workers(Load::kSecond); });
  stats.function("load:load1m", [&] { return load.of_workers(Load::kMinute); });
  stats.function("load:load10m", [&] { return load.of_workers(Load::kTenMinutes); });
}

void add_thread_commands(Commands& commands, const Load& load) {
  commands.add({.name = "ps",
                .doc = "The threads of the server: processor time used, in seconds, and load, in "
                       "percent of a processor.",
                .run = [&load](const CommandArguments&) { return ps(load); }});
}

}  // namespace opensips::manage
