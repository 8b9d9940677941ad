#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>
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

  int code = 500;
  std::string message;  ///< one line
};
using CommandResult = std::expected<Json, CommandError>;

/// One parameter of a command, which clients give by name or by place.
struct CommandParameter {
  enum class Type : std::uint8_t { text, integer, boolean, list };
  std::string name;
  Type type = Type::text;
  bool optional = false;
  std::string doc;  ///< one line
};

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

/// A command as operators type it.
struct Command {
  std::string name;      ///< "usrloc:dump"
  std::string old_name;  ///< "ul_dump", another name for the same; empty: none
  std::string doc;       ///< one line
  std::vector<CommandParameter> parameters = {};
  /// Called on the control thread, which may wait for a file or for the workers, but not for the
  /// network. Throws nothing.
  std::function<CommandResult(const CommandArguments& arguments)> run;
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

  /// Checks the parameters (an object, an array, or null for none) and runs the command.
  CommandResult call(std::string_view name, const Json& parameters) const;

 private:
  std::deque<Command> all_;
};

}  // namespace opensips::manage
