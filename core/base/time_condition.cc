#include "base/time_condition.hh"

#include <optional>

namespace opensips::base {
namespace {

constexpr unsigned kDeepest = 32;  // parentheses within each other

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

class TimeConditionParser {
 public:
  TimeConditionParser(std::string_view text, TimeZones& zones) : text_(text), zones_(zones) {}

  std::expected<TimeCondition, TextError> parse() {
    group(false, 0);
    if (!error_ && at_ < text_.size()) fail("expected the end, & or /");
    if (error_) return std::unexpected(std::move(*error_));
    return std::move(result_);
  }

 private:
  using Node = TimeCondition::Node;

  /// The next character that is no blank; NUL at the end.
  char peek() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  void fail(std::string message) {
    if (!error_) error_ = TextError{at_, std::move(message)};
  }

  /// operand { operator operand }
  void group(bool negated, unsigned depth) {
    const std::size_t node = result_.nodes_.size();
    result_.nodes_.push_back({.kind = Node::Kind::any, .negated = negated});
    char used = '\0';
    operand(depth);
    while (!error_ && (peek() == '&' || peek() == '/')) {
      if (used != '\0' && used != text_[at_]) {
        return fail("& and / need parentheses to tell which comes first");
      }
      used = text_[at_++];
      operand(depth);
    }
    if (used == '&') result_.nodes_[node].kind = Node::Kind::all;
    result_.nodes_[node].end = result_.nodes_.size();
  }

  void operand(unsigned depth) {
    bool negated = false;
    for (; peek() == '!'; ++at_) negated = !negated;
    if (peek() == '(') {
      if (depth == kDeepest) return fail("too many parentheses within each other");
      ++at_;
      group(negated, depth + 1);
      if (error_) return;
      if (peek() != ')') return fail("expected )");
      ++at_;
      return;
    }
    recurrence(negated);
  }

  void recurrence(bool negated) {
    const std::size_t begin = at_;
    bool in_zone = true;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (is_blank(c) || c == '&' || c == '(' || c == ')' || c == '!') break;
      if (c == '/' && !in_zone) break;
      if (c == '|') in_zone = false;
    }
    if (at_ == begin) return fail("expected a time recurrence, ! or (");
    auto parsed = Recurrence::parse(text_.substr(begin, at_ - begin), zones_);
    if (!parsed) {
      at_ = begin + parsed.error().offset;
      return fail(std::move(parsed.error().message));
    }
    const std::size_t leaf = result_.recurrences_.size();
    result_.recurrences_.push_back(std::move(*parsed));
    result_.nodes_.push_back({.negated = negated, .leaf = leaf, .end = result_.nodes_.size() + 1});
  }

  std::string_view text_;
  TimeZones& zones_;
  std::size_t at_ = 0;
  TimeCondition result_;
  std::optional<TextError> error_;
};

std::expected<TimeCondition, TextError> TimeCondition::parse(std::string_view text,
                                                             TimeZones& zones) {
  return TimeConditionParser(text, zones).parse();
}

bool TimeCondition::holds(std::size_t node, std::int64_t time) const {
  const Node& self = nodes_[node];
  if (self.kind == Node::Kind::leaf) return recurrences_[self.leaf].covers(time) != self.negated;
  const bool all = self.kind == Node::Kind::all;
  bool result = all;
  for (std::size_t child = node + 1; child < self.end; child = nodes_[child].end) {
    if (holds(child, time) == all) continue;
    result = !all;
    break;
  }
  return result != self.negated;
}

}  // namespace opensips::base
