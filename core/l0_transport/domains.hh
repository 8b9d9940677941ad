#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/snapshot.hh"

namespace opensips::transport {

/// A domain that the server is for, as its table says.
struct Domain {
  std::string attributes;   ///< for scripts; may be empty
  bool subdomains = false;  ///< and for all below it
};

/// The domains of a table: names that the server is for besides those that its configuration says.
/// Replaced as a whole while it runs. Any thread.
class Domains {
 public:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  /// By names in lower case.
  using Table = std::unordered_map<std::string, Domain, Hash, std::equal_to<>>;

  void publish(Table table);
  std::shared_ptr<const Table> all() const { return table_.get(); }

  /// The host is one of the domains, or below one that has its subdomains. Case folds.
  bool contains(std::string_view host) const;
  /// What the table says of the domain that the host belongs to: its own, else the nearest above.
  std::optional<std::string> attributes(std::string_view host) const;

  /// The form in which a name is kept.
  static std::string folded(std::string_view name);

 private:
  base::Snapshot<Table> table_;
  std::atomic<bool> any_ = false;  // most servers have none: then nobody takes the snapshot
};

}  // namespace opensips::transport
