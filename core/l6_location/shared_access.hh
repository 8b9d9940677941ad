#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "l6_location/contact_store.hh"

namespace opensips::location {

/// Shared contacts for who can wait: commands. Control thread, never a worker. The error is for an
/// operator.
class SharedAccess {
 public:
  using Edit = std::function<bool(BindingSetEdit&)>;

  /// The store outlives it, and is one of shared contacts.
  explicit SharedAccess(ContactStore& store) : store_(store) {}

  /// None if there are no contacts.
  std::expected<BindingSetRef, std::string> find(std::string_view aor) const;
  /// As AorTable::update(): `edit` is called again when another server was faster.
  std::expected<void, std::string> update(std::string_view aor, const Edit& edit) const;

 private:
  struct Held {
    std::string version;
    BindingSetRef contacts;
  };
  std::expected<Held, std::string> read(std::string_view aor) const;
  std::expected<storage::Rows, std::string> ask(storage::Query query) const;

  ContactStore& store_;
};

}  // namespace opensips::location
