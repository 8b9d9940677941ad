#pragma once

#include <optional>
#include <string_view>

namespace opensips::parser {

/// One `;name=value` of a header or a URI.
struct Param {
  std::string_view name;
  std::string_view value;  ///< quotes still on
  bool has_value = false;
};

/// Walks a list of parameters, the first without its leading ';'. Quoted strings may hold ';'.
class ParamScanner {
 public:
  explicit ParamScanner(std::string_view params) : rest_(params) {}
  /// The next one; nullopt at the end, or at something that is no parameter: see failed().
  std::optional<Param> next();
  bool failed() const { return failed_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

/// The parameter of that name (case folds), or nullopt.
std::optional<Param> find_param(std::string_view params, std::string_view name);

}  // namespace opensips::parser
