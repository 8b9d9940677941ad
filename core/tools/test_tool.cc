#include "tools/test_tool.hh"

#include <algorithm>
#include <cstdio>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "script_test/test_file.hh"
#include "tools/tool_database.hh"

namespace opensips {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUsage =
    "usage: opensips test [-f FILE] [-k TEXT] [-m DIRECTORY] [-v] PATH…\n"
    "  PATH          a file of tests, or a directory: all *_test.lua in it and below\n"
    "  -f FILE       the configuration that the tests run against, whatever they say themselves\n"
    "  -k TEXT       only the cases with that text in their names\n"
    "  -m DIRECTORY  where modules are, besides the usual places\n"
    "  -v            show the messages of cases that pass, too\n";

constexpr std::string_view kEnding = "_test.lua";

struct Words {
  std::string config;
  std::string only;
  std::vector<std::string> mpath;
  std::vector<std::string> paths;
  bool verbose = false;
};

std::optional<Words> parse_test(std::span<char* const> given) {
  Words words;
  for (; !given.empty(); given = given.subspan(1)) {
    const std::string_view word = given[0];
    if (!word.starts_with('-')) {
      words.paths.emplace_back(word);
    } else if (word == "-v") {
      words.verbose = true;
    } else if (given.size() < 2 || (word != "-f" && word != "-k" && word != "-m")) {
      return std::nullopt;
    } else {
      given = given.subspan(1);
      if (word == "-f") words.config = given[0];
      if (word == "-k") words.only = given[0];
      if (word == "-m") words.mpath.emplace_back(given[0]);
    }
  }
  return words.paths.empty() ? std::nullopt : std::optional(words);
}

/// The files of tests at a path, in the order of their names; or why there are none. A folder below
/// that one may not read is passed over.
std::expected<std::vector<std::string>, std::string> files_at(const std::string& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    return std::unexpected("there is no such file or directory");
  }
  if (!fs::is_directory(status)) return std::vector{path};
  std::vector<std::string> files;
  constexpr auto kSkip = fs::directory_options::skip_permission_denied;
  const fs::directory_iterator itself(path, error);  // which has to be readable
  fs::recursive_directory_iterator one;
  if (!error) one = fs::recursive_directory_iterator(path, kSkip, error);
  for (; !error && one != fs::recursive_directory_iterator(); one.increment(error)) {
    if (one->path().filename().string().ends_with(kEnding)) files.push_back(one->path().string());
  }
  if (error) return std::unexpected(error.message());
  std::ranges::sort(files);
  return files;
}

class Run {
 public:
  explicit Run(Words words) : words_(std::move(words)) {
    const auto usual = usual_mpath();
    words_.mpath.insert(words_.mpath.end(), usual.begin(), usual.end());
  }

  int all() {
    for (const auto& path : words_.paths) {
      const auto files = files_at(path);
      if (!files) fail(path, files.error());
      for (const auto& file : files.value_or(std::vector<std::string>())) run_file(file);
    }
    fmt::print("{} passed, {} failed\n", passed_, failed_);
    if (passed_ + failed_ == 0) fmt::print(stderr, "opensips: no tests, expected *{}\n", kEnding);
    return failed_ == 0 && passed_ > 0 ? 0 : 1;
  }

 private:
  void fail(const std::string& what, const std::string& why) {
    ++failed_;
    fmt::print("FAIL {}\n{}\n", what, why);
  }

  void run_file(const std::string& path) {
    const auto file = script_test::TestFile::load(path, words_.mpath, words_.config);
    if (!file) return fail(path, file.error());
    const auto& cases = (*file)->cases();
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (cases[i].find(words_.only) == std::string::npos) continue;
      const auto outcome = (*file)->run(i);
      const auto name = fmt::format("{}: {}", path, cases[i]);
      if (outcome.problem) {
        fail(name, fmt::format("{}\n{}", *outcome.problem, outcome.ladder));
      } else {
        ++passed_;
        fmt::print("PASS {}\n{}", name, words_.verbose ? outcome.ladder : "");
      }
    }
  }

  Words words_;
  unsigned passed_ = 0, failed_ = 0;
};

}  // namespace

int run_test_tool(std::span<char* const> given) {
  auto words = parse_test(given);
  if (!words) {
    fmt::print(stderr, "{}", kUsage);
    return 2;
  }
  return Run(*std::move(words)).all();
}

}  // namespace opensips
