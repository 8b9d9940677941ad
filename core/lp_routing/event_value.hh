#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lp_routing/value.hh"
#include "manage/events.hh"

namespace opensips::routing {

/// The table that a program gets of an event; it looks at the event.
Value table_of(const manage::Event& event);

/// The fields of a table of the program's: text, numbers and booleans. At most 32, and 8 KiB in
/// all. Nothing: it has others, or more; `why` says what is wrong.
std::optional<std::vector<manage::EventField>> fields_of(const Value::Map& table, std::string& why);

}  // namespace opensips::routing
