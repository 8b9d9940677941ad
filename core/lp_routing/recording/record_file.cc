#include "lp_routing/recording/record_file.hh"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace opensips::routing::recording {

std::expected<std::unique_ptr<RecordFile>, std::string> RecordFile::make(const std::string& path,
                                                                         std::uint64_t most) {
  // Never one that is there already: what it was for somebody else may need, and a link could lead
  // anywhere.
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
  if (descriptor < 0) return std::unexpected(path + ": " + std::strerror(errno));
  return std::unique_ptr<RecordFile>(new RecordFile(descriptor, most));
}

RecordFile::RecordFile(int descriptor, std::uint64_t most)
    : descriptor_(descriptor), most_(most), writer_([this] { write(); }) {
  pthread_setname_np(writer_.native_handle(), "record");
}

RecordFile::~RecordFile() {
  close({});
  ::close(descriptor_);
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
  return state_.lock()->trouble;
}

/// What cannot be written is dropped, and nothing is written behind it.
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
        state_.lock()->trouble = std::strerror(errno);
        return;
      }
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }
}

}  // namespace opensips::routing::recording
