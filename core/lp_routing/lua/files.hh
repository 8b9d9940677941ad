#pragma once

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

 private:
  std::map<std::string, Text> read_;
};

}  // namespace opensips::routing::lua
