#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace opensips::dialplan {

/// The literal beginnings of a regular expression: a subject that it matches begins, letters folded
/// to small ones, with at least one of them. None is the beginning of another. One empty beginning
/// says nothing: the expression is not anchored, or begins with what is no literal, or this does
/// not understand it.
///
///   ^\+4930            "+4930"
///   ^(00|\+)4[39]\d+   "0043", "0049", "+43", "+49"
///   4930$              ""
std::vector<std::string> literal_prefixes(std::string_view expression);

inline constexpr std::size_t kMaxPrefixes = 32;      ///< of one expression
inline constexpr std::size_t kMaxPrefixLength = 24;  ///< bytes; what follows is left to the match

}  // namespace opensips::dialplan
