#include "dialplan/replacement.hh"

#include <fmt/format.h>

namespace opensips::dialplan {
namespace {

using Error = std::unexpected<base::TextError>;

std::optional<char> escaped_character(char c) {
  switch (c) {
    case '\\':
    case '$': return c;
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return std::nullopt;
  }
}

std::optional<std::string> wrong_reference(unsigned group, std::optional<unsigned> groups) {
  if (!groups) return fmt::format("\\{} refers to a subst_exp, and there is none", group);
  if (group <= *groups) return std::nullopt;
  return fmt::format("\\{} refers to a group that subst_exp has not, it has {}", group, *groups);
}

}  // namespace

std::expected<Replacement, base::TextError> Replacement::parse(std::string_view text,
                                                               std::optional<unsigned> groups) {
  Replacement result;
  const auto last_piece = [&result]() -> Piece& { return result.pieces_.back(); };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    if (c == '$') {
      if (next != '$') {
        return Error({at, "variables are for the script; a dollar is written $$"});
      }
      last_piece().text += '$';
      ++at;
    } else if (c != '\\') {
      last_piece().text += c;
    } else if (next >= '0' && next <= '9') {
      const auto group = static_cast<unsigned>(next - '0');
      if (auto wrong = wrong_reference(group, groups)) return Error({at, std::move(*wrong)});
      last_piece().group = group;
      result.pieces_.emplace_back();
      ++at;
    } else if (const auto character = escaped_character(next)) {
      last_piece().text += *character;
      ++at;
    } else {
      return Error({at, "expected \\0 to \\9, \\\\, \\$, \\n, \\r or \\t"});
    }
  }
  return result;
}

std::string Replacement::expand(const base::Regex::Groups& groups) const {
  std::string out;
  out.reserve(size(groups));
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    out += pieces_[i].text;
    if (i + 1 < pieces_.size()) out += groups[pieces_[i].group];
  }
  return out;
}

std::size_t Replacement::size(const base::Regex::Groups& groups) const {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    sum += pieces_[i].text.size();
    if (i + 1 < pieces_.size()) sum += groups[pieces_[i].group].size();
  }
  return sum;
}

}  // namespace opensips::dialplan
