#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_error.hh"

namespace opensips::dialplan {

/// A value as it stands in a file, with its escapes.
struct Cell {
  std::string_view raw;
  std::size_t column = 1;  ///< where it begins in its line, in bytes from 1

  /// The text that is meant. The escapes are \n, \r, \t, \0, \\ and \:.
  std::expected<std::string, base::TextError> text() const;
  /// Which byte of `raw` makes that byte of the text.
  std::size_t raw_offset(std::size_t text_offset) const;
};

/// A table in the format of OpenSIPS's module db_text: a line that names the columns and their
/// types, then a line for each row, values divided by colons. Lines that are empty are passed over.
///
///   id(int,auto) dpid(int) match_exp(string)
///   1:10:^\\+49
class TextTable {
 public:
  enum class Type { integer, text, other };
  struct ColumnHead {
    std::string_view name;
    Type type = Type::other;
    std::size_t column = 1;
  };
  struct Line {
    std::string_view text;
    unsigned number = 0;  ///< from 1
  };

  /// `text` is the file; it outlives the table.
  explicit TextTable(std::string_view text) : rest_(text) {}

  /// Reads the first line; call it first. The offset of an error counts bytes of the line.
  std::expected<std::vector<ColumnHead>, base::TextError> head();

  /// The next line that is not empty; nothing at the end.
  std::optional<Line> next();
  /// The line that was read last; the first one, empty, if there was none.
  const Line& last() const { return last_; }

  /// The values of a line. Only bytes: their escapes are not looked at.
  static std::vector<Cell> cells(std::string_view line);

 private:
  std::string_view rest_;
  unsigned number_ = 0;
  Line last_{.text = {}, .number = 1};
};

}  // namespace opensips::dialplan
