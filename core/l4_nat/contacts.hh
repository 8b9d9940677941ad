#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/flow.hh"

namespace opensips::nat {

/// A registered contact, as far as keeping the way to it open is concerned.
struct Contact {
  std::string_view aor;
  std::string_view uri;
  base::Flow flow;          ///< how its REGISTER came
  bool behind_nat = false;  ///< the flow leads elsewhere than its URI says
};

/// Who knows the registered contacts: a layer above. Any thread.
class Contacts {
 public:
  enum class Which : std::uint8_t { all, behind_nat };

  virtual ~Contacts() = default;
  /// Into how many parts they fall, of about the same size; always as many.
  virtual std::size_t parts() const = 0;
  /// Calls `visit` for each of those contacts of a part that has registered by a flow; no lock is
  /// held. Where nobody is behind a NAT, to look for those costs nothing.
  virtual void visit(std::size_t part, Which which,
                     const std::function<void(const Contact&)>& visit) const = 0;
  /// It answers no more, and is to be forgotten.
  virtual void drop(const Contact& contact) = 0;
};

}  // namespace opensips::nat
