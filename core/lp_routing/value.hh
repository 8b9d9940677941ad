#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/block_vector.hh"
#include "base/ref.hh"
#include "base/result.hh"
#include "loop/walk.hh"
#include "lp_routing/object.hh"

namespace opensips::routing {

/// Failure as a program sees it: `nil, "text"`. The text says what is wrong, not where.
struct Problem {
  std::string text;
};

/// A wrong call: the program's author has to mend it. Raised as an error where the call stands.
struct Misuse {
  std::string text;
};

/// What an entry of a table is called.
class EntryName : public std::string_view {
 public:
  EntryName(std::string_view text) : std::string_view(text) {}
  EntryName(const std::string& text) : std::string_view(text) {}
  /// A literal, which is always there: its address is enough to know it by. Of other arrays the
  /// compiler cannot read the text, or it ends before the array does.
  template <std::size_t kSize>
  consteval EntryName(const char (&text)[kSize])
      : std::string_view(text, kSize - 1), is_constant_(true) {
    if (std::char_traits<char>::length(text) != size()) throw "not a literal";
  }

  bool is_constant() const { return is_constant_; }

 private:
  bool is_constant_ = false;
};

/// A template, so that a Value may have a vector of them before it is complete.
template <class Of>
struct EntryOf {
  EntryName name;
  Of value;
};

/// What goes between a routing program, in whatever language, and the functions it calls. A
/// string_view is of the message or of the caller and is copied by whoever keeps it.
struct Value {
  using Name = EntryName;
  using Entry = EntryOf<Value>;
  using List = base::BlockVector<Value>;
  using Map = base::BlockVector<Entry>;
  /// A final response as the result of a wait; the program gets an object for it.
  using Response = base::Ref<parser::Message>;
  /// The function has begun something: the run waits, and Routing::wake() brings the result.
  struct Wait {};
  /// The handler ends here, whatever its program would do next: the request has been answered, or
  /// is to have no answer. Only of a function that waits.
  struct End {};
  /// The table that the program keeps for this run.
  struct RunTable {};
  /// A function of the program's own, by a number that its engine understands during the call.
  struct Callback {
    int number;
  };

  using Any =
      std::variant<std::monostate, bool, std::int64_t, double, std::string_view, std::string, List,
                   Map, Response, Problem, Misuse, Object, Wait, End, RunTable, Callback>;
  Any any;

  Value() = default;
  Value(bool value) : any(value) {}
  Value(std::integral auto value) : any(static_cast<std::int64_t>(value)) {}
  Value(double value) : any(value) {}
  Value(std::string_view value) : any(value) {}
  Value(const char* value) : any(std::string_view(value)) {}
  Value(std::string value) : any(std::move(value)) {}
  Value(List value) : any(std::move(value)) {}
  Value(Map value) : any(std::move(value)) {}
  Value(Response value) : any(std::move(value)) {}
  Value(Problem value) : any(std::move(value)) {}
  Value(Misuse value) : any(std::move(value)) {}
  Value(Object value) : any(value) {}
  Value(Wait value) : any(value) {}
  Value(End value) : any(value) {}
  Value(RunTable value) : any(value) {}
  Value(Callback value) : any(value) {}

  bool is_nil() const { return std::holds_alternative<std::monostate>(any); }
  template <class T>
  const T* get() const {
    return std::get_if<T>(&any);
  }
  /// The text of either kind of string.
  const std::string_view* text(std::string_view& room) const {
    if (const auto* owned = get<std::string>()) {
      room = *owned;
      return &room;
    }
    return get<std::string_view>();
  }
};

}  // namespace opensips::routing
