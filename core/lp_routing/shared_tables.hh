#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/guarded.hh"
#include "base/shared_table.hh"

namespace opensips::routing {

/// The tables that scripts share over workers and generations (`sip.shared`), by name. Made when
/// they are first asked for, and there until the server ends. Any thread.
class SharedTables {
 public:
  /// `bytes`: what all of them may hold together.
  explicit SharedTables(std::size_t bytes) : budget_(bytes) {}

  base::SharedTable& table(std::string_view name) {
    const auto tables = tables_.lock();
    auto& place = (*tables)[std::string(name)];
    if (!place) place = std::make_unique<base::SharedTable>(budget_);
    return *place;
  }
  /// Bytes that all of them hold.
  std::size_t memory() const { return budget_.used(); }

 private:
  base::MemoryBudget budget_;
  base::Guarded<std::map<std::string, std::unique_ptr<base::SharedTable>>> tables_;
};

}  // namespace opensips::routing
