#pragma once

#include "lp_routing/functions/function.hh"
#include "perl/data.hh"

namespace opensips::perl {

/// Perl's scalars have no types, and the functions' arguments do. Makes of a scalar what its
/// argument takes where Perl itself would: a number of text that looks like one, the text of a
/// number, true or false of anything. Options in a table likewise, and texts in a list. What fits
/// not, or is any value, stays what it is.
void coerce(const routing::ArgumentType& type, Data& value);

}  // namespace opensips::perl
