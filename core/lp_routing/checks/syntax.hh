#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace opensips::routing::checks {

/// Where in a file; both from 1, the column in bytes.
struct Position {
  unsigned line = 1;
  unsigned column = 1;

  auto operator<=>(const Position&) const = default;
};

struct Body;
struct Expression;
struct Statement;

/// A local variable, a parameter, or a global of all files.
struct Variable {
  std::string name;
  Position at;
  bool is_global = false;
  bool is_assigned = false;  ///< of globals: somewhere
};

struct Block {
  std::vector<Statement*> statements;
};

struct Expression {
  enum class Kind : std::uint8_t {
    nil,
    boolean,    ///< `text`: true or false
    number,     ///< `text`, as it was written
    string,     ///< `text`, without quotes and escapes
    rest,       ///< ...
    function,   ///< `body`
    name,       ///< `variable`
    index,      ///< parts: the object and the key
    call,       ///< parts: what is called, then the arguments
    method,     ///< object:text(…); parts: the object, then the arguments
    table,      ///< parts: a key, or nullptr, and its value, by turns
    operation,  ///< `text`: the operator; parts: the operands, of a chain all of them
    group,      ///< parts: what stands in parentheses
  };
  Kind kind = Kind::nil;
  Position at;  ///< of a field or method: of its name
  std::string text = {};
  std::vector<Expression*> parts = {};
  Variable* variable = nullptr;
  Body* body = nullptr;
  const Body* owner = nullptr;  ///< what it stands in
  unsigned depth = 1;           ///< how deep it nests, what is in functions included
  Position end = {};            ///< of an operation of two or more: what stands behind it

  bool is(Kind other) const { return kind == other; }
  bool is_operator(std::string_view name) const { return is(Kind::operation) && text == name; }
  /// Whether it gives any number of values.
  bool gives_many() const { return is(Kind::call) || is(Kind::method) || is(Kind::rest); }
};

struct Statement {
  enum class Kind : std::uint8_t {
    local,   ///< variables = values
    assign,  ///< targets = values
    call,    ///< values: the call
    branch,  ///< values: the conditions of if and elseif; blocks: one for each, then that of else
    loop,    ///< while, repeat: values: the condition; blocks: one
    count,   ///< for variable = values; blocks: one
    each,    ///< for variables in values; blocks: one
    block,   ///< do; blocks: one
    leave,   ///< return values
    jump,    ///< break, goto, ::label::
  };
  Kind kind = Kind::call;
  Position at;
  std::vector<Variable*> variables = {};
  std::vector<Expression*> targets = {};
  std::vector<Expression*> values = {};
  std::vector<Block> blocks = {};
  const Body* owner = nullptr;
  Position end = {};  ///< of a branch: where it ends
  unsigned depth = 1;
};

/// A function, or the main one of a file.
struct Body {
  Position at;
  std::vector<Variable*> parameters = {};  ///< `self` of a method included
  bool takes_rest = false;
  Block block = {};
  Position end = {};
};

/// The globals of all files by name.
using Globals = std::map<std::string, Variable, std::less<>>;

/// A file, taken apart. What is in it points to what is in it.
struct Tree {
  Tree() = default;
  Tree(Tree&&) = default;
  Tree& operator=(Tree&&) = default;

  std::deque<Expression> expressions;
  std::deque<Statement> statements;
  std::deque<Variable> variables;
  std::deque<Body> bodies;  ///< the first one is the file's
};

}  // namespace opensips::routing::checks
