#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "lp_routing/checks/syntax.hh"

namespace opensips::routing::checks {

struct SyntaxError {
  Position at;
  std::string text;
};

/// How deep a program may nest: more is none that somebody wrote.
inline constexpr unsigned kMaxDepth = 400;
inline constexpr const char* kTooDeep = "nested too deeply";

/// Takes a file apart: its names are resolved, those that are no locals to `globals`. Whether a
/// jump has a label is not looked at, the compiler says so.
std::expected<Tree, SyntaxError> parse(std::string_view source, Globals& globals);

}  // namespace opensips::routing::checks
