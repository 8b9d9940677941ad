#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>

#include "base/read_file.hh"

namespace opensips::routing::lua {

/// The files of one version of the script. Each is read once, and so the same for every worker,
/// whatever an editor does meanwhile. Control thread.
class Files {
 public:
  /// The whole file, or why it cannot be read.
  using Text = std::expected<std::string, base::ReadError>;

  /// Good as long as this lives.
  const Text& read(const std::string& path);
  /// A number for all that was read: another for other texts, by all likelihood, and the same in
  /// every process.
  std::uint64_t fingerprint() const;

 private:
  std::map<std::string, Text> read_;
};

}  // namespace opensips::routing::lua
