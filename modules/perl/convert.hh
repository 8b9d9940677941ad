#pragma once

#include <string>

#include "lp_routing/value.hh"
#include "perl/data.hh"

struct interpreter;
struct sv;

/// Perl's values and those of the server's functions. None of this calls back into Perl, or dies.
namespace opensips::perl {

/// Text is bytes, of characters beyond them their UTF-8; a hash becomes a table, an array a list.
/// False, and why, for what is no value of a function: code, tied things, objects that are not
/// ours.
bool read(interpreter* my_perl, sv* from, Data& to, std::string& why);

/// A new value, which the caller owns. nil is undef; true and false are Perl's.
sv* write(interpreter* my_perl, const Data& from);
sv* write(interpreter* my_perl, const routing::Value& from);

/// The class of such an object, "OpenSIPS::URI"; nullptr if Perl has none of that kind.
const char* class_of(routing::ObjectKind kind);

}  // namespace opensips::perl
