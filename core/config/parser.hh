#pragma once

#include <string_view>

#include "config/diagnostics.hh"
#include "config/syntax.hh"

namespace opensips::config {

/// Reads one file's text into statements. What is wrong goes into `diagnostics`; the rest of the
/// file is read all the same, from the next line on that can begin a statement. `file` is the index
/// that `add_file` gave.
Tree parse(std::string_view text, unsigned file, Diagnostics& diagnostics);

}  // namespace opensips::config
