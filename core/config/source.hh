#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <string>

#include "base/read_file.hh"

namespace opensips::config {

inline constexpr std::size_t kFileMax = 1 << 20;  ///< bytes of one configuration file

using base::ReadError;

/// How files are read; tests give their own.
using Reader = std::function<std::expected<std::string, ReadError>(const std::string& path)>;

/// Reads a regular file of up to `kFileMax` bytes. Never waits (a FIFO, a terminal are refused).
std::expected<std::string, ReadError> read_file(const std::string& path);

}  // namespace opensips::config
