#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "lp_routing/object.hh"
#include "lp_routing/value.hh"

namespace opensips::perl {

/// A value on its way between a worker and a thread of Perl's: it owns its texts.
struct Data {
  using List = std::vector<Data>;
  using Map = std::vector<std::pair<std::string, Data>>;

  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Map, routing::Object>
      any;
};

/// The value with texts of its own; nothing for what no other thread can have: functions, what a
/// worker waits for.
std::optional<Data> copy_of(const routing::Value& value);

/// Whether there is a handle of a shared table in it. It names the table by a number of the program
/// that has made it: no other one may have it.
bool has_shared_table(const Data& data);

/// The value as functions take and give it. Its texts are those of `data`.
routing::Value view_of(const Data& data);

}  // namespace opensips::perl
