#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace opensips::config {

/// A place in the configuration: `file` is an index into the list of files read, line and column
/// count from 1, columns in characters of UTF-8. Line 0: no place (a default).
struct Position {
  unsigned file = 0;
  unsigned line = 0;
  unsigned column = 0;

  auto operator<=>(const Position&) const = default;
};

/// One thing to tell the operator.
struct Diagnostic {
  Position at;
  std::string file;
  std::string message;  ///< "what is wrong, expected what"

  std::string text() const;  ///< "file:line:column: message"
};

/// What was found wrong, in the order of the files.
struct Errors {
  std::vector<Diagnostic> list;
  std::size_t count = 0;  ///< of all; `list` is bounded

  /// A line for each, the first `limit` only, then "… and N more".
  std::string text(std::size_t limit = 20) const;
};

/// Collects errors and notices while files are read. Memory is bounded whatever the files hold.
class Diagnostics {
 public:
  unsigned add_file(std::string name);
  void error(Position at, std::string message);
  void notice(Position at, std::string message);

  bool failed() const { return error_count_ != 0; }
  const std::vector<std::string>& files() const { return files_; }
  Errors errors() const;
  std::vector<Diagnostic> notices() const;

 private:
  Diagnostic make(Position at, std::string message) const;

  std::vector<std::string> files_;
  std::vector<Diagnostic> errors_;
  std::vector<Diagnostic> notices_;
  std::size_t error_count_ = 0;
};

/// The operator's text for a message: printable.
std::string shown(std::string_view text);
/// The operator's text in quotes for a message: printable and not long.
std::string in_quotes(std::string_view text);

/// The candidate that looks like `name`, for "did you mean"; empty when none does.
std::string_view closest(std::string_view name, const std::vector<std::string_view>& candidates);

}  // namespace opensips::config
