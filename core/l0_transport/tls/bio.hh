#pragma once

#include <string_view>

#include "l0_transport/tls/handles.hh"

namespace opensips::transport::tls {

/// What a session reads its records from and writes them to. Reading takes from `incoming` alone:
/// who drives the session fills it, so that one system call brings many records and a turn has an
/// end. Writing goes to the descriptor at once.
struct Wire {
  int fd = -1;
  std::string_view incoming = {};
  int error = 0;  ///< errno of a write that failed
};

/// A BIO over a Wire that outlives it; never raises SIGPIPE.
BioPtr make_bio(Wire& wire);

}  // namespace opensips::transport::tls
