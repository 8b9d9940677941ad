#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "l4_nat/contacts.hh"
#include "l6_location/aor_table.hh"

namespace opensips::location {

/// The contacts of a table, for who keeps the ways to them open. Any thread.
class PingedContacts final : public nat::Contacts {
 public:
  /// `now`: the monotonic clock, in milliseconds.
  PingedContacts(AorTable& table, std::function<std::uint64_t()> now)
      : table_(table), now_(std::move(now)) {}

  std::size_t parts() const override { return table_.stripes(); }
  void visit(std::size_t part, Which which,
             const std::function<void(const nat::Contact&)>& visit) const override;
  /// Unless it has been registered again by another flow meanwhile.
  void drop(const nat::Contact& contact) override;

 private:
  AorTable& table_;
  std::function<std::uint64_t()> now_;
};

}  // namespace opensips::location
