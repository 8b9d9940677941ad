#include "lp_routing/recording/record_file.hh"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.hh"

namespace opensips::routing::recording {

std::expected<std::unique_ptr<RecordFile>, std::string> RecordFile::make(const std::string& path,
                                                                         std::uint64_t most) {
  // Never one that is there already: what it was for somebody else may need, and a link could lead
  // anywhere.
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
  if (descriptor < 0) return std::unexpected(path + ": " + std::strerror(errno));
  return std::unique_ptr<RecordFile>(new RecordFile(descriptor, path, most));
}

RecordFile::RecordFile(int descriptor, std::string path, std::uint64_t most)
    : descriptor_(descriptor), path_(std::move(path)), most_(most), writer_([this] { write(); }) {
  pthread_setname_np(writer_.native_handle(), "record");
}

RecordFile::~RecordFile() {
  close({});
}

bool RecordFile::add(std::string_view line) {
  bool wakes = false;
  {
    const auto state = state_.lock();
    if (state->closing || !state->trouble.empty()) return false;
    if (state->waiting.size() + line.size() > kMostWaiting) return false;
    if (full_ || state->taken + line.size() > most_) {
      full_ = true;  // also to a shorter one: what follows would have a gap before it
      return false;
    }
    wakes = state->waiting.empty();
    state->taken += line.size();
    state->waiting += line;
  }
  if (wakes) changed_.notify_one();
  return true;
}

std::string RecordFile::close(std::string_view last) {
  {
    const auto state = state_.lock();
    if (!state->closing) state->waiting += last;
    state->closing = true;
  }
  changed_.notify_one();
  if (writer_.joinable()) writer_.join();
  // A disk that is far away may say only now that it has no room.
  if (descriptor_ >= 0 && ::close(std::exchange(descriptor_, -1)) != 0) fail(errno, {});
  return trouble();
}

/// What cannot be written is dropped, and nothing is written behind it. Said once: it is the first
/// thing that counts.
void RecordFile::fail(int error, std::string_view rest) {
  full_.store(true, std::memory_order_relaxed);
  {
    const auto state = state_.lock();
    if (!state->trouble.empty()) return;
    state->trouble = std::strerror(error);
    const auto lines = std::ranges::count(rest, '\n') + std::ranges::count(state->waiting, '\n');
    dropped_.fetch_add(static_cast<std::uint64_t>(lines), std::memory_order_relaxed);
    state->waiting.clear();
  }
  base::log_error("script: {}: {}; no more is recorded", path_, std::strerror(error));
}

void RecordFile::write() {
  for (bool more = true; more;) {
    std::string text;
    {
      auto state = state_.lock();
      state.wait(changed_, [&] { return !state->waiting.empty() || state->closing; });
      text = std::exchange(state->waiting, {});
      more = !state->closing;
    }
    for (std::string_view rest = text; !rest.empty();) {
      const auto written = ::write(descriptor_, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) {
        return fail(errno, rest);
      }
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }
}

}  // namespace opensips::routing::recording
