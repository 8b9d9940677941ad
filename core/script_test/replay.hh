#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "script_test/record.hh"

namespace opensips::script_test {

/// What came of running a record again.
struct Replayed {
  struct Call {
    std::string id;
    std::vector<std::string> differences;  ///< none: it went as it did then
  };
  std::size_t same = 0;
  std::vector<Call> different;  ///< in the order of the record
  std::size_t lost = 0;         ///< calls that have gaps in the record, and were not run
  std::size_t incomplete = 0;   ///< that were going on where it is cut, likewise
  std::string script;           ///< the fingerprint of what was run (routing::lua::Loader)
};

struct ReplaySetup {
  std::string config;              ///< the file
  std::vector<std::string> mpath;  ///< where modules are besides
};

/// Runs the record against the configuration and its script, on a clock of its own: no socket is
/// opened and nothing outside is asked. The error is the operator's. One at a time in a process:
/// the clocks are its own.
std::expected<Replayed, std::string> replay(const Record& record, const ReplaySetup& setup);

}  // namespace opensips::script_test
