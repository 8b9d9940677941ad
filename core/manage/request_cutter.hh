#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace opensips::manage {

/// Cuts a stream of bytes into requests. One ends with its line or where its brackets close, so
/// that a client need not end its last line, and nonsense ends with the line it stands in. Memory
/// is bounded: what is longer than a request may be is given up.
class RequestCutter {
 public:
  void feed(std::string_view bytes);
  /// No more will come: what waits is the last request.
  void finish() { finished_ = true; }

  /// The next request, without the white space around it; nothing until more is fed.
  std::optional<std::string> next();

  /// Whether more than a request may have waits for its end.
  bool is_too_long() const;
  /// Whether a request has begun and not ended.
  bool is_unfinished() const { return begin_ < buffer_.size(); }
  /// Drops what waits, and what comes up to the end of the line.
  void skip_line();

 private:
  /// Looks on from where it stopped. Whether a request ends at `at_`.
  bool find_end();
  std::string cut();

  std::string buffer_;
  std::size_t begin_ = 0;  // of the request that is looked at
  std::size_t at_ = 0;     // up to here it was looked at
  unsigned depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool skipping_ = false;
  bool finished_ = false;
};

}  // namespace opensips::manage
