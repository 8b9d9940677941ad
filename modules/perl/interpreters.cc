#include "perl/interpreters.hh"

#include <csignal>
#include <future>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/read_file.hh"

namespace opensips::perl {
namespace {

constexpr std::size_t kMostText = std::size_t{16} << 20;

/// On a thread of its own, so that a script that does not end, or waits for something, holds up
/// nobody for longer than that. One that cannot even be interrupted is left to itself.
std::expected<void, std::string> load(const std::shared_ptr<Interpreter>& interpreter,
                                      const std::string& file, bool only_checked,
                                      std::chrono::milliseconds limit) {
  std::packaged_task<std::expected<void, std::string>()> task(
      [interpreter, only_checked] { return interpreter->load(only_checked); });
  auto loaded = task.get_future();
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(task));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (loaded.wait_for(limit) == std::future_status::ready) {
    thread.join();
    return loaded.get();
  }
  interpreter->interrupt();
  if (loaded.wait_for(limit) == std::future_status::ready) {
    thread.join();
    return loaded.get();
  }
  thread.detach();
  return std::unexpected(
      fmt::format("{}: its top level did not end within {} ms", file, limit.count()));
}

}  // namespace

std::expected<std::shared_ptr<Interpreters>, std::string> Interpreters::make(
    const Script& script, unsigned count, std::chrono::milliseconds limit) {
  auto made = std::make_shared<Interpreters>();
  for (unsigned i = 0; i < count; ++i) {
    const auto& one = made->all_.emplace_back(std::make_shared<Interpreter>(script));
    if (auto loaded = load(one, script.file, false, limit); !loaded)
      return std::unexpected(std::move(loaded.error()));
  }
  return made;
}

std::string Interpreters::check(const Script& script, std::chrono::milliseconds limit) {
  const auto checked = load(std::make_shared<Interpreter>(script), script.file, true, limit);
  return checked ? std::string() : checked.error();
}

std::expected<Script, std::string> read_script(const std::string& file) {
  auto text = base::read_file(file, kMostText);
  if (!text) return std::unexpected(fmt::format("{}: {}", file, text.error().reason));
  return Script{.file = file, .text = std::move(*text), .paths = {}};
}

}  // namespace opensips::perl
