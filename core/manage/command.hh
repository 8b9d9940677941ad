#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

/// Management: what an operator can ask of the running server.
namespace opensips::manage {

/// Members stay in the order in which a command names them.
using Json = nlohmann::ordered_json;

/// Why a command was not carried out. The codes are those of JSON-RPC 2.0, section 5.1; a command's
/// own are HTTP's, as in OpenSIPS: 404 for what is not there, 400 for what cannot be, 500 for what
/// failed.
struct CommandError {
  static constexpr int kInvalidRequest = -32600;
  static constexpr int kUnknownCommand = -32601;
  static constexpr int kInvalidParameters = -32602;
  static constexpr int kParseError = -32700;
  static constexpr int kServerError =
      -32000;  ///< of the transport: too long, too many, not allowed

  int code = 500;
  std::string message;  ///< one line
};
using CommandResult = std::expected<Json, CommandError>;

/// The text of a result that is too large to be held whole: appends the next piece, false after the
/// last one. It is called as fast as the client reads, on the control thread.
using ResultPieces = std::move_only_function<bool(std::string& to)>;

/// A result that is not there yet. Who has to answer owns it, and the command knows it as long as
/// somebody wants it (a weak_ptr). Control thread.
class LaterResult {
 public:
  /// What came of it, once.
  void set(CommandResult result) {
    result_ = std::move(result);
    if (auto work = std::exchange(waiting_, nullptr)) work();
  }
  bool is_there() const { return result_.has_value(); }
  /// Once, when it is there.
  CommandResult take() { return *std::move(result_); }
  /// Has `work` run when it is there.
  void wait(std::move_only_function<void()> work) { waiting_ = std::move(work); }

 private:
  std::optional<CommandResult> result_;
  std::move_only_function<void()> waiting_;
};

/// A result whole, in pieces, or later.
using CommandAnswer =
    std::expected<std::variant<Json, ResultPieces, std::shared_ptr<LaterResult>>, CommandError>;

/// JSON as text, on one line. Bytes that are no UTF-8 become U+FFFD.
std::string to_text(const Json& json);

/// One parameter of a command, which clients give by name or by place.
struct CommandParameter {
  enum class Type : std::uint8_t { text, integer, boolean, list, fields };
  std::string name;
  Type type = Type::text;
  bool optional = false;
  std::string doc;  ///< one line
};

/// "text", "an integer", …: what has to be given.
std::string_view to_string(CommandParameter::Type type);

/// The parameters of one call: checked, in the order of Command::parameters, null where an optional
/// one was not given.
class CommandArguments {
 public:
  explicit CommandArguments(std::vector<Json> values) : values_(std::move(values)) {}
  bool has(std::size_t index) const { return !values_[index].is_null(); }
  const std::string& text(std::size_t index) const {
    return values_[index].get_ref<const std::string&>();
  }
  std::int64_t integer(std::size_t index) const { return values_[index].get<std::int64_t>(); }
  bool boolean(std::size_t index) const { return values_[index].get<bool>(); }
  const Json& operator[](std::size_t index) const { return values_[index]; }

 private:
  std::vector<Json> values_;
};

/// Who asks, if it stays and can be told something later. Control thread.
class Client {
 public:
  Client() = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  /// Runs what was given to at_end().
  virtual ~Client() {
    for (auto& work : at_end_) work();
  }

  /// A line to it, beside the answers to what it asks. False: it does not read what it was told
  /// before; this is lost.
  virtual bool tell(std::string_view line) = 0;
  /// Has `work` run when it has gone.
  void at_end(std::move_only_function<void()> work) { at_end_.push_back(std::move(work)); }

 private:
  std::vector<std::move_only_function<void()>> at_end_;
};

/// A command as operators type it.
struct Command {
  std::string name;      ///< "usrloc:dump"
  std::string old_name;  ///< "ul_dump", another name for the same; empty: none
  std::string doc;       ///< one line
  std::vector<CommandParameter> parameters = {};
  /// Called on the control thread, which may wait for a file or for the workers, but not for the
  /// network. Throws nothing.
  std::function<CommandResult(const CommandArguments& arguments)> run = {};
  /// Instead of `run`: for a result that grows with what the server holds.
  std::function<std::expected<ResultPieces, CommandError>(const CommandArguments& arguments)>
      stream = {};
  /// Instead of `run`: for one that has more to tell later. `client` is nullptr where it comes from
  /// somebody who cannot be told.
  std::function<CommandResult(const CommandArguments& arguments, Client* client)> run_for = {};
  /// Instead of `run`: for one that may have to wait for what is outside of this process. Other
  /// commands are carried out meanwhile.
  std::function<std::shared_ptr<LaterResult>(const CommandArguments& arguments)> run_later = {};
};

/// All commands of the server: the core's and those of modules. Filled at start, then only read.
/// Control thread.
class Commands {
 public:
  /// A name that is taken is an error of ours or of a module's author.
  void add(Command command);
  /// By either name; nullptr if there is none.
  const Command* find(std::string_view name) const;
  /// In the order they were added.
  const std::deque<Command>& all() const { return all_; }

  /// Checks the parameters (an object, an array, or null for none) and runs the command. Of an
  /// array, what is left over goes into a list, if the last parameter is one, or into fields.
  CommandAnswer start(std::string_view name, const Json& parameters,
                      Client* client = nullptr) const;
  /// Calls `done` with each command that has been carried out, and whose result was there at once.
  /// Before the server runs.
  void on_done(std::function<void(const Command& command)> done) { done_ = std::move(done); }
  /// The same as start(), with the result whole; one that comes later is an error.
  CommandResult call(std::string_view name, const Json& parameters) const;

 private:
  CommandResult finished(const Command& command, CommandResult result) const;

  std::deque<Command> all_;
  std::function<void(const Command&)> done_;
};

}  // namespace opensips::manage
