#pragma once

#include <string>
#include <variant>
#include <vector>

#include "config/diagnostics.hh"

/// What a configuration file says, before anybody asks whether it makes sense.
namespace opensips::config {

struct Value {
  enum class Kind { integer, string, word };

  Kind kind = Kind::word;
  std::string text;  ///< an integer as it was written
  long long number = 0;
  Position at;
};

/// `name = value`, with what follows the value on its line: `as 192.0.2.1:5060`.
struct Assignment {
  std::string name;
  Position at;
  Value value;
  std::vector<Value> options;
};

/// `loadmodule "tm.so"`
struct LoadModule {
  Value file;
  Position at;
};

/// `modparam("registrar|usrloc", "name", value)`
struct ModParam {
  Value modules;
  Value name;
  Value value;
  Position at;
};

/// `include_file "x"`; `import_file "x"` (`required` is false) may name a file that does not exist.
struct Include {
  Value file;
  bool required = true;
  Position at;
};

using Statement = std::variant<Assignment, LoadModule, ModParam, Include>;

struct Tree {
  std::vector<Statement> statements;
};

}  // namespace opensips::config
