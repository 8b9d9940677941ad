#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "manage/command.hh"

/// JSON-RPC 2.0 over whatever carries its texts. Control thread.
namespace opensips::manage {

/// What a request may be at most.
inline constexpr std::size_t kMaxRequest = 65536;  ///< bytes
inline constexpr unsigned kMaxNesting = 32;        ///< brackets in brackets
inline constexpr std::size_t kMaxBatch = 1000;     ///< calls

/// The text of an answer, made while it is sent.
class Answer {
 public:
  void add(std::string text);
  void add(ResultPieces pieces) { parts_.emplace_back(std::move(pieces)); }
  /// The result of a call with that id, and what goes before it.
  void add(std::shared_ptr<LaterResult> result, std::string before, Json id) {
    parts_.emplace_back(Later{std::move(result), std::move(before), std::move(id)});
  }

  /// Whether there is nothing (more) to say: a notification has no answer.
  bool empty() const { return parts_.empty(); }
  /// Some of it is not there yet: nothing of it is to be taken.
  bool is_waiting() const { return first_waiting() != nullptr; }
  /// Has `work` run when something more is there: it may still be waiting.
  void wait(std::move_only_function<void()> work) { first_waiting()->wait(std::move(work)); }
  /// Appends the next piece.
  void next(std::string& to);
  /// Appends all of it, or as much as has more than `limit` bytes; false in that case.
  bool all(std::string& to, std::size_t limit);

 private:
  struct Later {
    std::shared_ptr<LaterResult> result;
    std::string before;
    Json id;
  };
  LaterResult* first_waiting() const;

  std::deque<std::variant<std::string, ResultPieces, Later>> parts_;
};

/// Runs what a text asks for: a call, a notification, a batch of them. `client`: who asks, if it
/// can be told more later.
Answer answer(const Commands& commands, std::string_view request, Client* client = nullptr);

/// The answer when there is no request to be read; it has no id.
std::string error_text(const CommandError& error);

}  // namespace opensips::manage
