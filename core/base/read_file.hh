#pragma once

#include <cstddef>
#include <expected>
#include <string>

namespace opensips::base {

struct ReadError {
  bool missing = false;  ///< there is no such file
  std::string reason;    ///< "No such file or directory"
};

/// Reads a regular file of up to `most` bytes. Never waits for a writer (a FIFO, a terminal are
/// refused), but for the disk: not for a worker.
std::expected<std::string, ReadError> read_file(const std::string& path, std::size_t most);

}  // namespace opensips::base
