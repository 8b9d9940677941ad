#pragma once

namespace opensips::perl {

/// What every interpreter has before its script: OpenSIPS::Message and what goes with it, in Perl,
/// made of the server's functions.
const char* prelude();

}  // namespace opensips::perl
