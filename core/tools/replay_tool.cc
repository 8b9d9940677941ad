#include "tools/replay_tool.hh"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "config.h"
#include "script_test/replay.hh"
#include "tools/tool_database.hh"

namespace opensips {
namespace {

constexpr const char* kUsage =
    "usage: opensips replay [-f FILE] [-m DIRECTORY] [-j] [-v] RECORD\n"
    "  RECORD        what script:record has written\n"
    "  -f FILE       the configuration whose script is run (default " OPENSIPS_CONFIG_DIR
    "/opensips.cfg)\n"
    "  -m DIRECTORY  where modules are, besides the usual places\n"
    "  -j            for programs: an object of JSON for each line, with all that is different\n"
    "  -v            show all that is different in a call, not only what is first\n";

struct Words {
  script_test::ReplaySetup setup{OPENSIPS_CONFIG_DIR "/opensips.cfg", {}};
  std::string record;
  bool verbose = false;
  bool json = false;
};

std::optional<Words> parse_replay(std::span<char* const> given) {
  Words words;
  for (; !given.empty(); given = given.subspan(1)) {
    const std::string_view word = given[0];
    if (word == "-v") {
      words.verbose = true;
    } else if (word == "-j") {
      words.json = true;
    } else if (word == "-f" || word == "-m") {
      if (given.size() < 2) return std::nullopt;
      given = given.subspan(1);
      if (word == "-f") words.setup.config = given[0];
      if (word == "-m") words.setup.mpath.emplace_back(given[0]);
    } else if (word.starts_with('-') || !words.record.empty()) {
      return std::nullopt;
    } else {
      words.record = word;
    }
  }
  return words.record.empty() ? std::nullopt : std::optional(std::move(words));
}

using Json = script_test::Record::Json;

/// The way of what is said under -j: standard output as it was at the start. What a script prints
/// goes to standard error from then on.
class Channel {
 public:
  Channel() : file_(::fdopen(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), "w")) {
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel() {
    if (file_) std::fclose(file_);
  }
  void print(const Json& line) const {
    if (file_) fmt::print(file_, "{}\n", line.dump(-1, ' ', false, Json::error_handler_t::replace));
  }

 private:
  std::FILE* const file_;
};

/// A replay that another program reads by a pipe ends with that.
void end_with_reader() {
  struct stat kind;
  if (::fstat(STDOUT_FILENO, &kind) != 0 || !S_ISFIFO(kind.st_mode)) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  pollfd reader{STDOUT_FILENO, 0, 0};
  if (::poll(&reader, 1, 0) > 0) std::_Exit(2);  // it has ended before that
}

int fail(const std::string& why) {
  fmt::print(stderr, "{}{}", why, why.ends_with('\n') ? "" : "\n");
  return 2;
}

void show(const script_test::Replayed::Call& call, bool all) {
  const auto& lines = call.differences;
  const auto more = lines.size() - 1;
  fmt::print("{}: {}", call.id, lines.front());
  if (!all && more > 0) fmt::print(" (and {} more)", more);
  fmt::print("\n");
  for (std::size_t i = 1; all && i < lines.size(); ++i) fmt::print("  {}\n", lines[i]);
}

/// The last line: what was compared, and what of the record was not.
void count(const script_test::Replayed& replayed, bool is_cut) {
  const auto different = replayed.different.size();
  fmt::print("{} calls, {} same, {} different", replayed.same + different, replayed.same,
             different);
  if (replayed.lost > 0) fmt::print(", {} lost", replayed.lost);
  if (replayed.incomplete > 0) fmt::print(", {} incomplete", replayed.incomplete);
  fmt::print("{}\n", is_cut ? ", the record is cut" : "");
}

void show_json(const Channel& to, const script_test::Replayed& replayed, bool is_cut) {
  for (const auto& one : replayed.different)
    to.print({{"call", one.id}, {"differences", one.differences}});
  const auto different = replayed.different.size();
  to.print({{"calls", replayed.same + different},
            {"same", replayed.same},
            {"different", different},
            {"lost", replayed.lost},
            {"incomplete", replayed.incomplete},
            {"cut", is_cut},
            {"script", replayed.script}});
}

void show_text(const Words& words, const script_test::Replayed& replayed, bool is_cut) {
  for (const auto& call : replayed.different) show(call, words.verbose);
  if (is_cut) fmt::print(stderr, "{}: has no end, and is run as far as it goes\n", words.record);
  if (replayed.lost > 0) {
    fmt::print(stderr, "{}: {} calls have gaps, and are not run\n", words.record, replayed.lost);
  }
  if (replayed.incomplete > 0) {
    fmt::print(stderr, "{}: {} calls were going on where it ends, and are not run\n", words.record,
               replayed.incomplete);
  }
  count(replayed, is_cut);
}

}  // namespace

int run_replay_tool(std::span<char* const> given) {
  auto words = parse_replay(given);
  if (!words) return fail(kUsage);
  const auto usual = usual_mpath();
  words->setup.mpath.insert(words->setup.mpath.end(), usual.begin(), usual.end());
  std::optional<Channel> channel;
  if (words->json) {
    end_with_reader();
    channel.emplace();
  }
  const auto failed = [&channel](const std::string& why) {
    if (channel) channel->print({{"error", why}});
    return fail(why);
  };
  const auto record = script_test::Record::read(words->record);
  if (!record) return failed(record.error());
  const auto replayed = script_test::replay(*record, words->setup);
  if (!replayed) return failed(replayed.error());
  if (channel) {
    show_json(*channel, *replayed, record->cut);
  } else {
    show_text(*words, *replayed, record->cut);
  }
  if (!replayed->different.empty()) return 1;
  return replayed->same > 0 ? 0 : failed(words->record + ": there is no call to compare");
}

}  // namespace opensips
