#include "loop/child_process.hh"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <utility>

#include "base/sanitizer.hh"

namespace opensips::loop {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 10ms;  // between looks at one that has said all and has not ended
constexpr int kLastLooks = 20;
constexpr int kNiceness = 10;
constexpr int kFirstToGo = 1000;  // when there is no memory left: proc(5), oom_score_adj

/// Both ends, closed with it.
struct Ends {
  Ends() { static_cast<void>(::pipe2(fds, O_CLOEXEC)); }
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;
  ~Ends() {
    for (const int fd : fds) {
      if (fd >= 0) ::close(fd);
    }
  }
  int take_reader() { return std::exchange(fds[0], -1); }
  int fds[2] = {-1, -1};
};

/// What a child is given: its standard output and error, and signals as a program expects them.
class Setting {
 public:
  Setting(int out, int errors) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
    // Libraries open some without O_CLOEXEC.
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
  }
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;
  ~Setting() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  /// 0, or why not.
  int spawn(const std::vector<std::string>& words, pid_t& pid) const {
    std::vector<std::string> copies(words);
    std::vector<char*> argv;
    for (auto& word : copies) argv.push_back(word.data());
    argv.push_back(nullptr);
    return ::posix_spawn(&pid, words.front().c_str(), &actions_, &attributes_, argv.data(),
                         environ);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

/// Calls go first, and the server stays. What the system refuses is done without.
void hold_back(pid_t pid, std::uint64_t memory) {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(pid), kNiceness);
  const rlimit limit{memory, memory};
  constexpr bool kSanitized = base::kAddressSanitizer || base::kThreadSanitizer;
  if (!kSanitized) ::prlimit(pid, RLIMIT_DATA, &limit, nullptr);
  std::ofstream("/proc/" + std::to_string(pid) + "/oom_score_adj") << kFirstToGo;
}

}  // namespace

/// The reading end of one.
struct ChildProcess::Pipe {
  Pipe(Control& control, int descriptor, std::function<void(std::string_view)> took,
       std::function<void()> ended)
      : fd(descriptor), take(std::move(took)), end(std::move(ended)) {
    readable = control.on_readable(fd, [this] { read_some(); });
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() { ::close(fd); }

  /// As much as a pipe holds: others have their turn then.
  void read_some() {
    std::array<char, 65536> bytes;
    const auto size = ::read(fd, bytes.data(), bytes.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (size > 0) return take({bytes.data(), static_cast<std::size_t>(size)});
    readable = {};
    auto last = std::move(end);  // this may go with it
    last();
  }

  const int fd;
  std::function<void(std::string_view)> take;
  std::function<void()> end;
  Control::Watch readable;
};

std::expected<std::unique_ptr<ChildProcess>, std::string> ChildProcess::begin(
    Control& control, const Program& program, Line line, Done done) {
  Ends out, errors;
  if (out.fds[0] < 0 || errors.fds[0] < 0)
    return std::unexpected(std::string("no pipe: ") + std::strerror(errno));
  pid_t pid = 0;
  if (const int error = Setting(out.fds[1], errors.fds[1]).spawn(program.words, pid))
    return std::unexpected(program.words.front() + ": " + std::strerror(error));
  hold_back(pid, program.memory);
  std::unique_ptr<ChildProcess> child(
      new ChildProcess(control, pid, std::move(line), std::move(done)));
  child->watch(out.take_reader(), errors.take_reader(), program.limit);
  return child;
}

ChildProcess::ChildProcess(Control& control, pid_t pid, Line line, Done done)
    : control_(control), pid_(pid), line_(std::move(line)), done_(std::move(done)) {}

/// One that even a signal does not end (it waits for a disk) is left to itself.
ChildProcess::~ChildProcess() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  for (int i = 0; i < kLastLooks && ::waitpid(pid_, nullptr, WNOHANG) == 0; ++i)
    std::this_thread::sleep_for(kLook);
}

void ChildProcess::watch(int out, int errors, std::chrono::milliseconds limit) {
  out_ = std::make_unique<Pipe>(
      control_, out, [this](std::string_view bytes) { said(bytes); }, [this] { closed(); });
  errors_ = std::make_unique<Pipe>(
      control_, errors, [this](std::string_view bytes) { complained(bytes); },
      [this] { closed(); });
  late_ = control_.after(limit, [this] {
    ended_.is_late = true;
    end();
  });
}

void ChildProcess::said(std::string_view bytes) {
  for (std::size_t end; (end = bytes.find('\n')) != bytes.npos; bytes.remove_prefix(end + 1)) {
    rest_.append(bytes.substr(0, end));
    if (!std::exchange(is_cut_, false) && rest_.size() <= kMostLine) line_(rest_);
    rest_.clear();
  }
  if (!is_cut_) rest_.append(bytes);
  if (rest_.size() <= kMostLine) return;
  is_cut_ = true;
  rest_.clear();
}

void ChildProcess::complained(std::string_view bytes) {
  ended_.errors.append(bytes.substr(0, kMostErrors - ended_.errors.size()));
}

void ChildProcess::closed() {
  if (--open_ == 0) look();
}

void ChildProcess::look() {
  int status = 0;
  const pid_t found = ::waitpid(pid_, &status, WNOHANG);
  if (found == 0) {
    if (!looking_) looking_ = control_.every(kLook, [this] { look(); });
    return;
  }
  if (found == pid_ && WIFEXITED(status)) ended_.status = WEXITSTATUS(status);
  if (found == pid_ && WIFSIGNALED(status)) ended_.signal = WTERMSIG(status);
  pid_ = 0;
  end();
}

/// Nothing of this is touched behind it.
void ChildProcess::end() {
  late_ = {};
  looking_ = {};
  out_->readable = {};
  errors_->readable = {};
  auto done = std::move(done_);
  const auto ended = std::move(ended_);
  done(ended);
}

}  // namespace opensips::loop
