#include "storage/error.hh"

namespace opensips::storage {

std::string_view to_string(Error::Kind kind) {
  switch (kind) {
    case Error::Kind::unavailable: return "unavailable";
    case Error::Kind::timed_out: return "timed out";
    case Error::Kind::busy: return "busy";
    case Error::Kind::locked: return "locked";
    case Error::Kind::full: return "disk full";
    case Error::Kind::read_only: return "read-only";
    case Error::Kind::corrupt: return "corrupt";
    case Error::Kind::missing: return "not there";
    case Error::Kind::constraint: return "constraint";
    case Error::Kind::statement: return "statement";
  }
  return "unknown";
}

bool is_temporary(Error::Kind kind) {
  return kind != Error::Kind::constraint && kind != Error::Kind::statement;
}

}  // namespace opensips::storage
