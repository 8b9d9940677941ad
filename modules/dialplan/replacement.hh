#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/regex.hh"
#include "base/text_error.hh"

namespace opensips::dialplan {

/// What a rule makes of its input: a repl_exp, in which \1 to \9 are the groups of subst_exp and \0
/// all that it matched; \\, \$ or $$, \n, \r, \t are characters.
class Replacement {
 public:
  /// `groups`: how many the subst_exp has; none: there is no subst_exp, and nothing to refer to.
  static std::expected<Replacement, base::TextError> parse(std::string_view text,
                                                           std::optional<unsigned> groups);

  bool refers() const { return pieces_.size() > 1; }
  std::string expand(const base::Regex::Groups& groups) const;
  /// The size of what expand() makes.
  std::size_t size(const base::Regex::Groups& groups) const;

 private:
  /// Literal text, and the group behind it, except for the last piece.
  struct Piece {
    std::string text;
    unsigned group = 0;
  };
  std::vector<Piece> pieces_{{}};
};

}  // namespace opensips::dialplan
