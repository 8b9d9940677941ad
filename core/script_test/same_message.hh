#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace opensips::script_test {

/// What the server has made up in a call: tags, branches, proofs in Record-Routes. They are others
/// in each process, and stand for each other.
class MadeUp {
 public:
  /// From now on one stands for the other. False: it stands for another one.
  bool pair(std::string_view then, std::string_view now);
  /// The message with what is known of then in the words of now.
  std::string translate(std::string_view message) const;

 private:
  std::map<std::string, std::string, std::less<>> now_;   // by what it was then
  std::map<std::string, std::string, std::less<>> then_;  // and the other way round
};

/// Whether two messages say the same, but for what is made up: nothing if they do, else the first
/// line that differs, as it was and as it is.
struct Difference {
  std::string then, now;
};
std::optional<Difference> difference(std::string_view then, std::string_view now, MadeUp& made_up);

/// By what messages of a call are told apart: start line and CSeq.
std::string kind_of(std::string_view message);
std::string_view start_line(std::string_view message);

}  // namespace opensips::script_test
