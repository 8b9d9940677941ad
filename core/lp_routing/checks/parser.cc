#include "lp_routing/checks/parser.hh"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "lp_routing/checks/descent.hh"

namespace opensips::routing::checks {
namespace {

using TokenKind = Token::Kind;

}  // namespace

std::expected<Tree, SyntaxError> Parser::parse() {
  auto& main = tree_.bodies.emplace_back();
  main.takes_rest = true;
  bodies_.push_back(&main);
  main.block = block();
  main.end = token_.at;
  if (!failed_ && token_.kind != TokenKind::end) fail(fmt::format("unexpected '{}'", token_.text));
  if (failed_) return std::unexpected(std::move(error_));
  return std::move(tree_);
}

void Parser::advance() {
  if (failed_) return;
  token_ = has_ahead_ ? std::move(ahead_) : lexer_.next();
  has_ahead_ = false;
  if (token_.kind == TokenKind::wrong) fail(token_.text);
}

const Token& Parser::ahead() {
  if (!has_ahead_) ahead_ = lexer_.next();
  has_ahead_ = true;
  return ahead_;
}

void Parser::fail(std::string text) {
  if (failed_) return;
  failed_ = true;
  error_ = {token_.at, std::move(text)};
  token_ = {TokenKind::end, "", token_.at};
}

bool Parser::at_end_of_block() const {
  return token_.kind == TokenKind::end || at("end") || at("else") || at("elseif") || at("until");
}

bool Parser::take(std::string_view text) {
  if (!at(text)) return false;
  advance();
  return true;
}

void Parser::expect(std::string_view text) {
  if (take(text)) return;
  fail(token_.kind == TokenKind::end
           ? fmt::format("expected '{}', got the end of the file", text)
           : fmt::format("expected '{}', got '{:.40}'", text, token_.text));
}

void Parser::expect_end(std::string_view word, Position begin) {
  if (take("end")) return;
  fail(fmt::format("expected 'end' for '{}' of line {}", word, begin.line));
}

std::string Parser::take_name() {
  if (!at_name()) {
    fail(fmt::format("expected a name, got '{:.40}'", token_.text));
    return {};
  }
  std::string text = token_.text;
  advance();
  return text;
}

Expression* Parser::make(Expression expression) {
  for (const Expression* const part : expression.parts) {
    if (part) expression.depth = std::max(expression.depth, part->depth + 1);
  }
  if (expression.depth > kMaxDepth) fail(kTooDeep);
  expression.owner = bodies_.back();
  return &tree_.expressions.emplace_back(std::move(expression));
}

unsigned depth_of(const Block& block) {
  unsigned depth = 0;
  for (const Statement* const one : block.statements) depth = std::max(depth, one->depth);
  return depth;
}

Statement* Parser::make(Statement statement) {
  for (const auto* const list : {&statement.targets, &statement.values}) {
    for (const Expression* const part : *list) {
      statement.depth = std::max(statement.depth, part->depth + 1);
    }
  }
  for (const Block& block : statement.blocks) {
    statement.depth = std::max(statement.depth, depth_of(block) + 1);
  }
  if (statement.depth > kMaxDepth) fail(kTooDeep);
  statement.owner = bodies_.back();
  return &tree_.statements.emplace_back(std::move(statement));
}

Block Parser::block() {
  Block made;
  while (!at_end_of_block()) {
    if (take(";")) continue;
    const bool last = at("return");
    made.statements.push_back(statement());
    take(";");
    if (last) break;
  }
  return made;
}

Block Parser::scoped_block() {
  const auto opened = scopes_.open();
  Block made = block();
  scopes_.close(opened);
  return made;
}

Statement* Parser::statement() {
  const Deeper deeper(*this);
  const Position begin = token_.at;
  if (at("if")) return branch();
  if (at("while")) return loop_while();
  if (at("repeat")) return loop_repeat();
  if (at("for")) return loop_for();
  if (at("function")) return function_statement();
  if (at("local")) return local();
  if (at("return")) return leave();
  if (at("break") || at("::")) return jump();
  if (at("goto") && ahead().kind == TokenKind::name) return jump();
  if (take("do")) {
    Statement made{Statement::Kind::block, begin};
    made.blocks.push_back(scoped_block());
    expect_end("do", begin);
    return make(std::move(made));
  }
  return simple();
}

Statement* Parser::branch() {
  const Position begin = token_.at;
  Statement made{Statement::Kind::branch, begin};
  do {
    advance();  // if, elseif
    made.values.push_back(expression());
    expect("then");
    made.blocks.push_back(scoped_block());
  } while (at("elseif"));
  if (take("else")) made.blocks.push_back(scoped_block());
  made.end = token_.at;
  expect_end("if", begin);
  return make(std::move(made));
}

Statement* Parser::loop_while() {
  const Position begin = token_.at;
  advance();
  Statement made{Statement::Kind::loop, begin};
  made.values.push_back(expression());
  expect("do");
  made.blocks.push_back(scoped_block());
  expect_end("while", begin);
  return make(std::move(made));
}

/// The condition sees the locals of the block.
Statement* Parser::loop_repeat() {
  Statement made{Statement::Kind::loop, token_.at};
  advance();
  const auto opened = scopes_.open();
  made.blocks.push_back(block());
  expect("until");
  made.values.push_back(expression());
  scopes_.close(opened);
  return make(std::move(made));
}

Statement* Parser::loop_for() {
  const Position begin = token_.at;
  advance();
  Statement made{Statement::Kind::each, begin};
  do {
    const Position at = token_.at;
    made.variables.push_back(scopes_.make(take_name(), at));
  } while (take(","));
  if (made.variables.size() == 1 && take("=")) {
    made.kind = Statement::Kind::count;
  } else {
    expect("in");
  }
  made.values = expressions();
  expect("do");
  const auto opened = scopes_.open();
  for (Variable* const one : made.variables) scopes_.show(one);
  made.blocks.push_back(block());
  scopes_.close(opened);
  expect_end("for", begin);
  return make(std::move(made));
}

/// function a.b:c() … end
Statement* Parser::function_statement() {
  const Position begin = token_.at;
  advance();
  Position at = token_.at;
  Expression* target = name(take_name(), at);
  bool is_method = false;
  while (!is_method && (this->at(".") || this->at(":"))) {
    is_method = this->at(":");
    advance();
    at = token_.at;
    Expression* const key = string(take_name(), at);
    target = make({Expression::Kind::index, at, {}, {target, key}});
  }
  if (target->is(Expression::Kind::name) && target->variable->is_global) {
    target->variable->is_assigned = true;
  }
  Statement made{Statement::Kind::assign, begin};
  made.targets.push_back(target);
  made.values.push_back(function(begin, is_method));
  return make(std::move(made));
}

Statement* Parser::local() {
  const Position begin = token_.at;
  advance();
  if (take("function")) return local_function(begin);
  Statement made{Statement::Kind::local, begin};
  do {
    const Position at = token_.at;
    made.variables.push_back(scopes_.make(take_name(), at));
  } while (take(","));
  if (take("=")) made.values = expressions();
  for (Variable* const one : made.variables) scopes_.show(one);
  return make(std::move(made));
}

/// The function sees itself.
Statement* Parser::local_function(Position begin) {
  Statement made{Statement::Kind::local, begin};
  const Position at = token_.at;
  made.variables.push_back(scopes_.make(take_name(), at));
  scopes_.show(made.variables[0]);
  made.values.push_back(function(begin, false));
  return make(std::move(made));
}

Statement* Parser::leave() {
  Statement made{Statement::Kind::leave, token_.at};
  advance();
  if (!at_end_of_block() && !at(";")) made.values = expressions();
  return make(std::move(made));
}

Statement* Parser::jump() {
  Statement made{Statement::Kind::jump, token_.at};
  if (take("::")) {
    take_name();
    expect("::");
  } else if (!take("break")) {
    advance();
    take_name();
  }
  return make(std::move(made));
}

/// A call, or an assignment.
Statement* Parser::simple() {
  using Kind = Expression::Kind;
  Statement made{Statement::Kind::call, token_.at};
  Expression* const first = suffixed();
  if (!at("=") && !at(",")) {
    if (!first->is(Kind::call) && !first->is(Kind::method))
      fail("expected a call or an assignment");
    made.values.push_back(first);
    return make(std::move(made));
  }
  made.kind = Statement::Kind::assign;
  made.targets.push_back(first);
  while (take(",")) made.targets.push_back(suffixed());
  for (const Expression* const target : made.targets) {
    if (!target->is(Kind::name) && !target->is(Kind::index)) fail("this cannot be assigned");
    if (target->is(Kind::name)) target->variable->is_assigned = true;
  }
  expect("=");
  made.values = expressions();
  return make(std::move(made));
}

std::expected<Tree, SyntaxError> parse(std::string_view source, Globals& globals) {
  return Parser(source, globals).parse();
}

}  // namespace opensips::routing::checks
