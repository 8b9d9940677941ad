#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/guarded.hh"
#include "l0_transport/web_servers.hh"
#include "script_test/journal.hh"
#include "storage/error.hh"

namespace opensips::script_test {

/// What a script asks of others than phones.
enum class Service : std::uint8_t { sql, redis, http, dns };

struct Question {
  Service service;
  std::string text;                      ///< "SELECT …", "GET", "GET http://…", "A example.com"
  std::vector<std::string> values = {};  ///< of a statement or command, as text
  std::string body = {};                 ///< of a request by HTTP
};

/// One line for people: "sql SELECT … (alice)".
std::string to_string(const Question& question);

/// An answer that a test has laid out.
struct Answer {
  Service service = Service::sql;
  std::string pattern;  ///< '*' stands for anything; blanks are one, case folds
  std::optional<std::vector<std::string>> values = {};  ///< nothing: whatever they are
  std::variant<storage::Outcome, transport::WebServers::Result> reply = {};
  std::uint64_t after_ms = 0;  ///< of HTTP: so long it takes
  bool once = false;           ///< it is used up by one question
  std::vector<Question> asked = {};
};

/// `text` is what the pattern describes.
bool matches(std::string_view pattern, std::string_view text);

/// All answers that a test has laid out, and the questions that found none. Any thread.
class Answers {
 public:
  explicit Answers(Journal& journal) : journal_(journal) {}

  /// The last one that fits is given. Returns its number.
  std::size_t add(Answer answer);
  /// Changes the one of that number, if there is one.
  template <class Change>
  void change(std::size_t number, Change&& change) {
    auto state = state_.lock();
    if (number < state->answers.size()) change(state->answers[number]);
  }
  /// Notes the question; nothing if no answer is laid out.
  std::optional<Answer> find(const Question& question);

  /// A question that nothing answers: the test fails.
  void nothing_for(const Question& question, std::string_view why = {});
  /// Those questions, since the last call.
  std::vector<std::string> take_unanswered();

 private:
  struct State {
    std::vector<Answer> answers;
    std::vector<std::string> unanswered;
  };

  Journal& journal_;
  base::Guarded<State> state_;
};

}  // namespace opensips::script_test
