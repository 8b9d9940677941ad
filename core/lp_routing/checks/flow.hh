#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lp_routing/checks/program.hh"
#include "lp_routing/checks/type.hh"

namespace opensips::routing::checks {

/// Where a function of the script runs.
struct Reach {
  Places places = 0;      ///< in which handlers; 0: nobody knows
  bool is_sure = false;   ///< its errors end a handler: it is not only called by pcall, or never
  bool is_apart = false;  ///< only in coroutines that the script makes
  bool is_open = false;   ///< others may call it, or what calls it

  bool operator==(const Reach&) const = default;
};

/// What a call of a function of the server's or of Lua's does with functions that it is given.
struct Callback {
  const Expression* function = nullptr;  ///< nullptr: it takes none
  Places places = 0;                     ///< where it will run; 0: where the call stands
  std::vector<Type> parameters = {};
  std::size_t arguments =
      0;                    ///< of the call's parts: from there on they are its next ones; 0: none
  bool is_guarded = false;  ///< its errors are caught
  bool is_apart = false;    ///< it runs in a coroutine
};

/// What values the names of a program have and where its functions run, as far as the text says:
/// assignments, calls and handlers of all files are gone through until nothing new comes of it.
/// What is assigned twice, or leaves in a table or by a function that is not known, is unknown.
class Flow {
 public:
  explicit Flow(const Program& program);

  Type type_of(const Expression& expression, std::size_t result = 0) const;
  /// Of a field or method of it.
  Type field(const Type& object, std::string_view name) const;
  Reach reach(const Body& body) const;
  /// Whether the script has changed what is in a library.
  bool is_changed(const std::string& library) const { return changed_libraries_.contains(library); }

 private:
  static constexpr std::size_t kResults = 4;  ///< of a function: so many are followed

  /// What is known of a function of the script's.
  struct Seen {
    std::array<Type, kResults> results;
    Places roots = 0;       ///< handlers that begin with it
    bool is_kept = false;   ///< in a table, or as a result: whoever has that may call it
    bool is_given = false;  ///< to a function that is not known
  };
  struct Edge {
    const Body* from;
    const Body* to;
    bool is_guarded;
    bool is_apart;
  };

  void round();
  void follow(const Statement& statement);
  void follow(const Expression& expression);
  void follow_call(const Expression& call);
  void enter(const Expression& call, const Body& body, std::size_t first, const Edge& edge);
  void assign(const Expression& target, const Statement& statement, std::size_t index);
  bool enter_callback(const Expression& call, const Callback& callback);
  void take(const Variable& variable, const Type& type);
  void take(Type& known, const Type& type);
  /// The value gets where it cannot be followed.
  void lose(const Expression& value, bool is_kept);
  void lose(const Type& type, bool is_kept);
  void mark(bool& flag);
  Seen& seen(const Body& body) { return bodies_[&body]; }

  Type value_of(const std::vector<Expression*>& values, std::size_t index) const;
  Type type_of(const Variable& variable) const;
  Type type_of_index(const Expression& index) const;
  Type type_of_call(const Expression& call, std::size_t result) const;
  Type type_of_operation(const Expression& operation) const;
  Type result_of(const Function& row) const;
  Callback callback_of(const Expression& call, const Type& callee) const;
  Callback callback_of_row(const Expression& call, const Function& row) const;
  Callback callback_of_builtin(const Expression& call, const std::string& name) const;
  void guess_parameters();
  void spread();

  const Program& program_;
  std::map<const Variable*, Type> variables_;
  std::map<const Body*, Seen> bodies_;
  std::map<const Body*, Reach> reaches_;
  std::set<std::string> changed_libraries_;
  std::set<ObjectKind> changed_tables_;
  std::vector<Edge> edges_;
  bool protects_unknown_ = false;  // errors are caught, and nobody knows of which functions
  bool changed_ = false;
  bool gave_up_ = false;  // it did not end soon: of no value anything is known
};

/// The handlers that a function of the server's names with a function: its parameters.
struct HandlerRow {
  ObjectKind object;
  std::string_view name;
  Handler handler;
  std::vector<ObjectKind> parameters;
};
const HandlerRow* handler_row(const Function& row);
/// Whether an argument is a function of the script's.
bool takes_function(const ArgumentType& argument);

}  // namespace opensips::routing::checks
