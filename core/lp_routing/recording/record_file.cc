#include "lp_routing/recording/record_file.hh"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/guarded.hh"
#include "base/log.hh"

namespace opensips::routing::recording {
namespace {

struct State {
  std::string waiting;
  std::uint64_t taken = 0;  ///< bytes that it has or will have
  bool closing = false;
  bool closed = false;
  std::string trouble;
};

}  // namespace

struct RecordFile::Shared {
  Shared(int opened, std::string name, std::uint64_t bytes)
      : descriptor(opened), path(std::move(name)), most(bytes) {}

  void write();
  bool write_all(std::string_view text);
  void fail(int error, std::string_view rest);

  const int descriptor;  // the writer's
  const std::string path;
  const std::uint64_t most;
  std::atomic<bool> full = false;
  std::atomic<std::uint64_t> dropped = 0;
  base::Guarded<State> state;
  std::condition_variable changed;
};

std::expected<std::unique_ptr<RecordFile>, std::string> RecordFile::make(const std::string& path,
                                                                         std::uint64_t most) {
  // Never one that is there already: what it was for somebody else may need, and a link could lead
  // anywhere.
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
  if (descriptor < 0) return std::unexpected(path + ": " + std::strerror(errno));
  return std::make_unique<RecordFile>(descriptor, path, most);
}

RecordFile::RecordFile(int descriptor, const std::string& path, std::uint64_t most,
                       std::chrono::milliseconds patience)
    : patience_(patience),
      shared_(std::make_shared<Shared>(descriptor, path, most)),
      writer_([shared = shared_] { shared->write(); }) {
  pthread_setname_np(writer_.native_handle(), "record");
}

RecordFile::~RecordFile() {
  close({});
}

bool RecordFile::add(std::string_view line) {
  bool wakes = false;
  {
    const auto state = shared_->state.lock();
    if (state->closing || !state->trouble.empty()) return false;
    if (state->waiting.size() + line.size() > kMostWaiting) return false;
    if (shared_->full || state->taken + line.size() > shared_->most) {
      shared_->full = true;  // also to a shorter one: what follows would have a gap before it
      return false;
    }
    wakes = state->waiting.empty();
    state->taken += line.size();
    state->waiting += line;
  }
  if (wakes) shared_->changed.notify_all();
  return true;
}

std::string RecordFile::close(std::string_view last) {
  if (!writer_.joinable()) return trouble();
  auto state = shared_->state.lock();
  state->closing = true;
  state->waiting += last;
  shared_->changed.notify_all();
  state.wait_until(shared_->changed, std::chrono::steady_clock::now() + patience_,
                   [&] { return state->closed; });
  state->closed ? writer_.join() : writer_.detach();
  if (!state->closed && state->trouble.empty()) {
    state->trouble = fmt::format(
        "the disk has not taken all of it within {} ms, the end of the record may be missing",
        patience_.count());
  }
  return state->trouble;
}

bool RecordFile::is_full() const {
  return shared_->full.load(std::memory_order_relaxed);
}
std::string RecordFile::trouble() const {
  return shared_->state.lock()->trouble;
}
std::uint64_t RecordFile::dropped() const {
  return shared_->dropped.load(std::memory_order_relaxed);
}

/// What cannot be written is dropped, and nothing is written behind it. Said once: it is the first
/// thing that counts.
void RecordFile::Shared::fail(int error, std::string_view rest) {
  full.store(true, std::memory_order_relaxed);
  {
    const auto locked = state.lock();
    if (!locked->trouble.empty()) return;
    locked->trouble = std::strerror(error);
    const auto lines = std::ranges::count(rest, '\n') + std::ranges::count(locked->waiting, '\n');
    dropped.fetch_add(static_cast<std::uint64_t>(lines), std::memory_order_relaxed);
    locked->waiting.clear();
  }
  base::log_error("script: {}: {}; no more is recorded", path, std::strerror(error));
}

/// False: it failed.
bool RecordFile::Shared::write_all(std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      fail(errno, text);
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void RecordFile::Shared::write() {
  for (bool more = true; more;) {
    std::string text;
    {
      auto locked = state.lock();
      locked.wait(changed, [&] { return !locked->waiting.empty() || locked->closing; });
      text = std::exchange(locked->waiting, {});
      more = !locked->closing;
    }
    if (!write_all(text)) break;
  }
  // A disk that is far away may say only now that it has no room.
  if (::close(descriptor) != 0) fail(errno, {});
  state.lock()->closed = true;
  changed.notify_all();
}

}  // namespace opensips::routing::recording
