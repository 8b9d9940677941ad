#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "lp_routing/checks/lexer.hh"
#include "lp_routing/checks/parser.hh"
#include "lp_routing/checks/scopes.hh"
#include "lp_routing/checks/syntax.hh"

namespace opensips::routing::checks {

/// Recursive descent, as the grammar of Lua 5.1 is written. After a mistake every token is the end,
/// so that all of it returns.
class Parser {
 public:
  Parser(std::string_view source, Globals& globals) : lexer_(source), scopes_(tree_, globals) {
    advance();
  }

  std::expected<Tree, SyntaxError> parse();

 private:
  using Expressions = std::vector<Expression*>;

  /// A step deeper into the program, as long as it lives.
  class Deeper {
   public:
    explicit Deeper(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > kMaxDepth / 2) parser_.fail(kTooDeep);
    }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;
    ~Deeper() { --parser_.depth_; }

   private:
    Parser& parser_;
  };

  void advance();
  const Token& ahead();
  void fail(std::string text);
  bool at(std::string_view text) const {
    return token_.text == text &&
           (token_.kind == Token::Kind::word || token_.kind == Token::Kind::symbol);
  }
  bool at_name() const { return token_.kind == Token::Kind::name || at("goto"); }
  bool at_end_of_block() const;
  bool take(std::string_view text);
  void expect(std::string_view text);
  void expect_end(std::string_view word, Position begin);
  std::string take_name();

  Expression* make(Expression expression);
  Statement* make(Statement statement);

  Block block();
  Block scoped_block();
  Statement* statement();
  Statement* branch();
  Statement* loop_while();
  Statement* loop_repeat();
  Statement* loop_for();
  Statement* function_statement();
  Statement* local();
  Statement* local_function(Position at);
  Statement* leave();
  Statement* jump();
  Statement* simple();

  Expressions expressions();
  Expression* expression(unsigned limit = 0);
  Expression* operand();
  Expression* simple_expression();
  Expression* suffixed();
  Expression* suffix(Expression* left);
  bool at_arguments() const;
  void arguments(Expressions& parts);
  Expression* table();
  Expression* function(Position at, bool is_method);
  Expression* name(std::string text, Position at);
  Expression* string(std::string text, Position at);

  Lexer lexer_;
  Token token_, ahead_;
  bool has_ahead_ = false;
  Tree tree_;
  Scopes scopes_;
  unsigned depth_ = 0;
  std::vector<Body*> bodies_;
  SyntaxError error_;
  bool failed_ = false;
};

/// How deep what is in it nests.
unsigned depth_of(const Block& block);

}  // namespace opensips::routing::checks
