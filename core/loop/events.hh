#pragma once

#include <string>

namespace opensips::loop {

/// A source sends more than SourceLimit allows: on the bus of a worker that it sends to, once per
/// SourceLimit::kReportMs.
struct SourceLimited {
  std::string source;  ///< as SourceLimit::Limited has it
};

}  // namespace opensips::loop
