#include "config/parser.hh"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "config/lexer.hh"

namespace opensips::config {
namespace {

constexpr std::array<std::string_view, 9> kRoutes{"route",        "failure_route", "onreply_route",
                                                  "branch_route", "local_route",   "startup_route",
                                                  "timer_route",  "event_route",   "error_route"};

constexpr std::array<std::string_view, 4> kKeywords{"loadmodule", "modparam", "include_file",
                                                    "import_file"};

bool contains(const auto& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string describe(const Token& token) {
  if (token.kind == TokenKind::end) return "the end of the file";
  if (token.kind == TokenKind::string) return "string " + in_quotes(token.text);
  return in_quotes(token.text);
}

Value to_value(const Token& token) {
  const auto kind = token.kind == TokenKind::integer  ? Value::Kind::integer
                    : token.kind == TokenKind::string ? Value::Kind::string
                                                      : Value::Kind::word;
  return {kind, token.text, token.number, token.at};
}

class Parser {
 public:
  Parser(std::vector<Token> tokens, Diagnostics& diagnostics)
      : tokens_(std::move(tokens)), diagnostics_(diagnostics) {}

  Tree run() {
    while (!at_end()) {
      if (peek().is(';')) {
        ++pos_;
        continue;
      }
      const std::size_t start = pos_;
      if (statement()) continue;
      if (pos_ == start) ++pos_;
      to_next_statement();
    }
    return std::move(tree_);
  }

 private:
  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(pos_ + ahead, tokens_.size() - 1)];
  }
  bool at_end() const { return peek().kind == TokenKind::end; }

  // Reports what stands here instead of what should; a bad token says itself what is wrong.
  bool fail(std::string_view after, std::string_view expected) {
    const Token& token = peek();
    if (token.kind == TokenKind::bad) {
      diagnostics_.error(token.at, token.text);
    } else if (after.empty()) {
      diagnostics_.error(token.at,
                         fmt::format("unexpected {}, expected {}", describe(token), expected));
    } else {
      diagnostics_.error(token.at, fmt::format("unexpected {} after {}, expected {}",
                                               describe(token), in_quotes(after), expected));
    }
    return false;
  }

  void to_next_statement() {
    while (!at_end() && !peek().is(';') &&
           !(peek().first_on_line && peek().kind == TokenKind::word)) {
      ++pos_;
    }
  }

  bool begins_statement(std::size_t ahead) const {
    const Token& token = peek(ahead);
    if (token.kind != TokenKind::word) return false;
    return peek(ahead + 1).is('=') || contains(kKeywords, token.text) ||
           (contains(kRoutes, token.text) && (peek(ahead + 1).is('{') || peek(ahead + 1).is('[')));
  }

  bool statement() {
    const Token& token = peek();
    if (token.kind != TokenKind::word) {
      return fail({}, "a parameter, loadmodule, modparam or include_file");
    }
    if (peek(1).is('=')) return assignment();
    if (contains(kRoutes, token.text)) return route();
    if (token.text == "loadmodule") return load_module();
    if (token.text == "modparam") return mod_param();
    if (token.text == "include_file" || token.text == "import_file") return include();
    ++pos_;
    if (peek().kind == TokenKind::bad || (!peek().first_on_line && !at_end())) {
      return fail(token.text, "=");
    }
    --pos_;
    return fail({}, fmt::format("{} = VALUE", token.text.size() < 32 ? token.text : "NAME"));
  }

  bool is_value(const Token& token) const {
    return token.kind == TokenKind::word || token.kind == TokenKind::integer ||
           token.kind == TokenKind::string;
  }

  bool assignment() {
    Assignment out;
    out.name = peek().text;
    out.at = peek().at;
    const Position equals = peek(1).at;
    pos_ += 2;
    if (at_end() || (peek().first_on_line && begins_statement(0))) {
      diagnostics_.error(equals,
                         fmt::format("{} has no value, expected one after =", in_quotes(out.name)));
      return true;
    }
    if (!is_value(peek())) return fail("=", "a value");
    out.value = to_value(peek());
    ++pos_;
    while (is_value(peek()) && !begins_statement(0) &&
           (!peek().first_on_line || peek().is_word("as"))) {
      out.options.push_back(to_value(peek()));
      ++pos_;
    }
    tree_.statements.emplace_back(std::move(out));
    return true;
  }

  bool load_module() {
    const Position at = peek().at;
    ++pos_;
    if (peek().kind != TokenKind::string)
      return fail("loadmodule", "a module in quotes, \"tm.so\"");
    tree_.statements.emplace_back(LoadModule{to_value(peek()), at});
    ++pos_;
    return true;
  }

  bool include() {
    Include out;
    out.required = peek().text == "include_file";
    out.at = peek().at;
    ++pos_;
    if (peek().kind != TokenKind::string) {
      return fail(out.required ? "include_file" : "import_file", "a file in quotes");
    }
    out.file = to_value(peek());
    ++pos_;
    tree_.statements.emplace_back(std::move(out));
    return true;
  }

  bool punctuation(char c, std::string_view after) {
    if (!peek().is(c)) return fail(after, std::string_view(&c, 1));
    ++pos_;
    return true;
  }

  bool mod_param() {
    ModParam out;
    out.at = peek().at;
    ++pos_;
    if (!punctuation('(', "modparam")) return false;
    if (peek().kind != TokenKind::string) return fail("(", "a module in quotes");
    out.modules = to_value(peek());
    ++pos_;
    if (!punctuation(',', out.modules.text)) return false;
    if (peek().kind != TokenKind::string) return fail(",", "a parameter in quotes");
    out.name = to_value(peek());
    ++pos_;
    if (!punctuation(',', out.name.text)) return false;
    if (!is_value(peek())) return fail(",", "an integer or a string");
    out.value = to_value(peek());
    ++pos_;
    if (!punctuation(')', out.value.text)) return false;
    tree_.statements.emplace_back(std::move(out));
    return true;
  }

  // Routing is not written here any more: says so once and passes over the block.
  bool route() {
    const Token& keyword = peek();
    diagnostics_.error(
        keyword.at,
        fmt::format(
            "{} blocks are not read any more, expected routing in Lua: script=\"route.lua\"",
            keyword.text));
    ++pos_;
    if (peek().is('[')) {
      while (!at_end() && !peek().is(']') && !peek().is('{')) ++pos_;
      if (peek().is(']')) ++pos_;
    }
    if (!peek().is('{')) return fail(keyword.text, "{");
    skip_block();
    return true;
  }

  void skip_block() {
    const Position opening = peek().at;
    std::size_t depth = 0;
    while (!at_end()) {
      const Token& token = peek();
      // A block left open must not swallow those after it.
      if (depth > 0 && token.at.column == 1 && contains(kRoutes, token.text) && begins_statement(0))
        break;
      if (token.is('{')) ++depth;
      if (token.is('}')) --depth;
      ++pos_;
      if (depth == 0) return;
    }
    diagnostics_.error(opening, "block is not closed, expected }");
  }

  std::vector<Token> tokens_;
  std::size_t pos_ = 0;
  Diagnostics& diagnostics_;
  Tree tree_;
};

}  // namespace

Tree parse(std::string_view text, unsigned file, Diagnostics& diagnostics) {
  return Parser(tokenize(text, file), diagnostics).run();
}

}  // namespace opensips::config
