#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "script_test/bench_functions.hh"

struct lua_State;

namespace opensips::script_test {

/// A file of tests, in a Lua state of its own. It belongs to its thread.
class TestFile {
 public:
  /// Reads it and finds its cases. `config`: what they all run against; empty: what the file says,
  /// else the opensips.cfg beside it. The error says where and why.
  static std::expected<std::unique_ptr<TestFile>, std::string> load(std::string path,
                                                                    std::vector<std::string> mpath,
                                                                    const std::string& config);
  TestFile(const TestFile&) = delete;
  TestFile& operator=(const TestFile&) = delete;
  ~TestFile();

  const std::vector<std::string>& cases() const { return cases_; }

  struct Outcome {
    std::optional<std::string> problem;  ///< "file:line: what"; nothing: it has passed
    std::string ladder;
  };
  /// Runs the case of that number.
  Outcome run(std::size_t number);

 private:
  explicit TestFile(std::string path) : path_(std::move(path)) {}
  std::optional<std::string> load_words(const std::string& config);
  std::optional<std::string> load_tests();

  const std::string path_;
  Bench bench_;
  lua_State* state_ = nullptr;
  std::vector<std::string> cases_;
};

}  // namespace opensips::script_test
