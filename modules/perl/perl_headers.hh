#pragma once

// Perl's own headers. They define names without a prefix as macros, so they come behind all others,
// and in sources only; others know Perl's types by the declarations in interpreter.hh.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wpedantic"
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>

#include <perl.h>

#include <XSUB.h>
#pragma GCC diagnostic pop
