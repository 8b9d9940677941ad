#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "lp_routing/checks/descent.hh"

namespace opensips::routing::checks {
namespace {

using TokenKind = Token::Kind;

/// How tightly an operator of two operands binds what stands left and right of it.
struct Binding {
  std::string_view name;
  unsigned left, right;
};
constexpr Binding kBindings[] = {{"or", 1, 1}, {"and", 2, 2}, {"<", 3, 3},  {">", 3, 3},
                                 {"<=", 3, 3}, {">=", 3, 3},  {"~=", 3, 3}, {"==", 3, 3},
                                 {"..", 5, 4}, {"+", 6, 6},   {"-", 6, 6},  {"*", 7, 7},
                                 {"/", 7, 7},  {"%", 7, 7},   {"^", 10, 9}};
constexpr unsigned kUnary = 8;

}  // namespace

Parser::Expressions Parser::expressions() {
  Expressions made;
  do {
    made.push_back(expression());
  } while (take(","));
  return made;
}

/// With operators that bind more tightly than `limit`.
Expression* Parser::expression(unsigned limit) {
  const Deeper deeper(*this);
  Expression* left = operand();
  for (;;) {
    const auto* const binding =
        std::ranges::find_if(kBindings, [this](const Binding& one) { return at(one.name); });
    if (binding == std::end(kBindings) || binding->left <= limit) return left;
    const Position begin = token_.at;
    advance();
    Expression* const right = expression(binding->right);
    // A chain of one operator is one operation, however long.
    if (binding->left == binding->right && left->is_operator(binding->name)) {
      left->parts.push_back(right);
      left->depth = std::max(left->depth, right->depth + 1);
      if (left->depth > kMaxDepth) fail(kTooDeep);
    } else {
      left = make({Expression::Kind::operation, begin, std::string(binding->name), {left, right}});
    }
    left->end = token_.at;
  }
}

Expression* Parser::operand() {
  if (!at("not") && !at("-") && !at("#")) return simple_expression();
  const Position begin = token_.at;
  const std::string op = token_.text;
  advance();
  return make({Expression::Kind::operation, begin, op + " ", {expression(kUnary)}});
}

Expression* Parser::simple_expression() {
  using Kind = Expression::Kind;
  const Position begin = token_.at;
  const auto plain = [&](Kind kind) {
    std::string text = token_.text;
    advance();
    return make({kind, begin, std::move(text)});
  };
  if (token_.kind == TokenKind::number) return plain(Kind::number);
  if (token_.kind == TokenKind::string) return plain(Kind::string);
  if (at("nil")) return plain(Kind::nil);
  if (at("true") || at("false")) return plain(Kind::boolean);
  if (at("{")) return table();
  if (at("...")) {
    if (!bodies_.back()->takes_rest) fail("'...' outside of a function that takes it");
    return plain(Kind::rest);
  }
  if (take("function")) return function(begin, false);
  return suffixed();
}

Expression* Parser::suffixed() {
  const Position begin = token_.at;
  Expression* left = nullptr;
  if (take("(")) {
    Expression* const inner = expression();
    expect(")");
    left = make({Expression::Kind::group, begin, {}, {inner}});
  } else if (at_name()) {
    std::string text = take_name();
    left = name(std::move(text), begin);
  } else {
    fail(token_.kind == TokenKind::end ? "unexpected end of the file"
                                       : fmt::format("unexpected '{:.40}'", token_.text));
    return make({Expression::Kind::nil, begin});
  }
  while (Expression* const longer = suffix(left)) left = longer;
  return left;
}

/// What stands directly behind an expression and belongs to it; nullptr: nothing does.
Expression* Parser::suffix(Expression* left) {
  using Kind = Expression::Kind;
  const Position begin = token_.at;
  if (take(".")) {
    const Position at = token_.at;
    Expression* const key = string(take_name(), at);
    return make({Kind::index, at, {}, {left, key}});
  }
  if (take("[")) {
    const Position at = token_.at;
    Expression* const key = expression();
    expect("]");
    return make({Kind::index, at, {}, {left, key}});
  }
  if (take(":")) {
    const Position at = token_.at;
    Expression made{Kind::method, at, take_name(), {left}};
    if (!at_arguments()) fail("expected arguments of the method");
    arguments(made.parts);
    return make(std::move(made));
  }
  if (!at_arguments()) return nullptr;
  const bool named = left->is(Kind::name) || left->is(Kind::index);
  Expression made{Kind::call, named ? left->at : begin, {}, {left}};
  arguments(made.parts);
  return make(std::move(made));
}

bool Parser::at_arguments() const {
  return at("(") || at("{") || token_.kind == TokenKind::string;
}

void Parser::arguments(Expressions& parts) {
  const Position begin = token_.at;
  if (token_.kind == TokenKind::string) {
    std::string text = token_.text;
    advance();
    parts.push_back(string(std::move(text), begin));
  } else if (at("{")) {
    parts.push_back(table());
  } else if (take("(")) {
    if (take(")")) return;
    const auto given = expressions();
    parts.insert(parts.end(), given.begin(), given.end());
    expect(")");
  }
}

Expression* Parser::table() {
  const Deeper deeper(*this);
  Expression made{Expression::Kind::table, token_.at};
  expect("{");
  while (!at("}") && token_.kind != TokenKind::end) {
    Expression* key = nullptr;
    const Position begin = token_.at;
    if (take("[")) {
      key = expression();
      expect("]");
      expect("=");
    } else if (at_name() && ahead().kind == TokenKind::symbol && ahead().text == "=") {
      key = string(take_name(), begin);
      advance();
    }
    made.parts.push_back(key);
    made.parts.push_back(expression());
    if (!take(",") && !take(";")) break;
  }
  expect("}");
  return make(std::move(made));
}

/// From the parenthesis on.
Expression* Parser::function(Position begin, bool is_method) {
  auto& body = tree_.bodies.emplace_back();
  body.at = begin;
  const auto opened = scopes_.open();
  if (is_method) body.parameters.push_back(scopes_.make("self", begin));
  expect("(");
  while (!at(")") && !body.takes_rest && token_.kind != TokenKind::end) {
    const Position at = token_.at;
    body.takes_rest = take("...");
    if (!body.takes_rest) body.parameters.push_back(scopes_.make(take_name(), at));
    if (!take(",")) break;
  }
  expect(")");
  for (Variable* const one : body.parameters) scopes_.show(one);
  bodies_.push_back(&body);
  body.block = block();
  body.end = token_.at;
  bodies_.pop_back();
  scopes_.close(opened);
  expect_end("function", begin);
  Expression made{Expression::Kind::function, begin};
  made.body = &body;
  made.depth = depth_of(body.block) + 1;
  return make(std::move(made));
}

Expression* Parser::name(std::string text, Position at) {
  Expression made{Expression::Kind::name, at};
  made.variable = scopes_.find(text);
  made.text = std::move(text);
  return make(std::move(made));
}

Expression* Parser::string(std::string text, Position at) {
  return make({Expression::Kind::string, at, std::move(text)});
}

}  // namespace opensips::routing::checks
