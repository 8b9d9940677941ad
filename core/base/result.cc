#include "base/result.hh"

namespace opensips::base {

std::string_view to_string(Error error) {
  switch (error) {
    case Error::malformed: return "malformed";
    case Error::too_large: return "too large";
    case Error::missing: return "missing";
    case Error::gone: return "gone";
    case Error::unsupported: return "unsupported";
    case Error::refused: return "refused";
    case Error::unreachable: return "unreachable";
  }
  return "unknown";
}

}  // namespace opensips::base
