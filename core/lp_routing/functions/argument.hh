#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "lp_routing/functions/function.hh"
#include "lp_routing/functions/text.hh"
#include "lp_routing/value.hh"

namespace opensips::routing {

/// How a C++ type is made from a program's value: `type` is its name for the manual, `from()` gives
/// false when the value is not one and may then say in `why` more than "expected <type>".
template <class T>
struct Argument;

template <>
struct Argument<bool> {
  static constexpr std::string_view type = "boolean";
  static bool from(const Value& value, bool& to, std::string& why);
};
template <>
struct Argument<double> {
  static constexpr std::string_view type = "number";
  static bool from(const Value& value, double& to, std::string& why);
};
template <>
struct Argument<std::string_view> {
  static constexpr std::string_view type = "string";
  static bool from(const Value& value, std::string_view& to, std::string& why);
};
template <>
struct Argument<Line> {
  static constexpr std::string_view type = "string";
  static bool from(const Value& value, Line& to, std::string& why);
};
template <>
struct Argument<HeaderField> {
  static constexpr std::string_view type = "string";
  static bool from(const Value& value, HeaderField& to, std::string& why);
};
template <>
struct Argument<Body> {
  static constexpr std::string_view type = "string";
  static bool from(const Value& value, Body& to, std::string& why);
};
template <>
struct Argument<Bytes> {
  static constexpr std::string_view type = "string";
  static bool from(const Value& value, Bytes& to, std::string& why);
};
template <>
struct Argument<Object> {
  static constexpr std::string_view type = "request|uri|name_addr";
  static bool from(const Value& value, Object& to, std::string& why);
};
template <>
struct Argument<Value::Callback> {
  static constexpr std::string_view type = "function";
  static bool from(const Value& value, Value::Callback& to, std::string& why);
};
template <>
struct Argument<Value::Map> {
  static constexpr std::string_view type = "table";
  static bool from(const Value& value, Value::Map& to, std::string& why);
};
/// Whatever it is.
template <>
struct Argument<Value> {
  static constexpr std::string_view type = "any";
  static bool from(const Value& value, Value& to, std::string&) {
    to = value;
    return true;
  }
};

/// Seconds as a number, or text with a unit: "20s", "500ms", "4h".
template <>
struct Argument<std::chrono::milliseconds> {
  static constexpr std::string_view type = "duration";
  static bool from(const Value& value, std::chrono::milliseconds& to, std::string& why);
};
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

bool integer_from(const Value& value, std::int64_t least, std::int64_t most, std::int64_t& to,
                  std::string& why);

template <std::integral T>
struct Argument<T> {
  static constexpr std::string_view type = "integer";
  static bool from(const Value& value, T& to, std::string& why) {
    constexpr std::int64_t kMost = std::in_range<std::int64_t>(std::numeric_limits<T>::max())
                                       ? static_cast<std::int64_t>(std::numeric_limits<T>::max())
                                       : std::numeric_limits<std::int64_t>::max();
    std::int64_t wide = 0;
    if (!integer_from(value, std::numeric_limits<T>::min(), kMost, wide, why)) return false;
    to = static_cast<T>(wide);
    return true;
  }
};

template <class T>
struct Argument<std::optional<T>> {
  static constexpr std::string_view type = Argument<T>::type;
  static bool from(const Value& value, std::optional<T>& to, std::string& why) {
    if (value.is_nil()) return true;
    return Argument<T>::from(value, to.emplace(), why);
  }
};

/// A table of options becomes a struct: specialise for it with a tuple `fields` of these.
template <class T, class Field>
struct Option {
  std::string_view name;
  Field T::*field;
  std::string_view doc;
};
template <class T>
struct OptionTable;
template <class T>
concept HasOptions = requires {
  OptionTable<T>::fields;
};

bool wrong_option(std::string_view name, std::string_view expected, std::string& why);
bool unknown_option(std::string_view name, std::span<const OptionText> known, std::string& why);

template <HasOptions T>
struct Argument<T> {
  static constexpr std::string_view type = "table";
  static constexpr auto options = std::apply(
      []<class... Field>(const Option<T, Field>&... option) {
        return std::array{OptionText{option.name, Argument<Field>::type, option.doc}...};
      },
      OptionTable<T>::fields);

  static bool from(const Value& value, T& to, std::string& why) {
    const auto* map = value.get<Value::Map>();
    if (!map) return false;
    for (const auto& [name, entry] : *map) {
      bool known = false;
      const auto take = [&](const auto& option) {
        if (option.name != name) return true;
        known = true;
        using Field = std::remove_reference_t<decltype(to.*option.field)>;
        return Argument<Field>::from(entry, to.*option.field, why) ||
               wrong_option(name, Argument<Field>::type, why);
      };
      const bool fits = std::apply([&](const auto&... option) { return (take(option) && ...); },
                                   OptionTable<T>::fields);
      if (!fits) return false;
      if (!known) return unknown_option(name, options, why);
    }
    return true;
  }
};

namespace detail {

template <class T>
constexpr bool kOptional = false;
template <class T>
constexpr bool kOptional<std::optional<T>> = true;
template <class T>
constexpr bool kRest = std::same_as<T, std::span<const Value>>;

template <class T>
constexpr ArgumentType type_of() {
  if constexpr (kRest<T>) {
    return {.type = "any", .optional = true, .rest = true, .options = {}};
  } else if constexpr (kOptional<T>) {
    ArgumentType inner = type_of<typename T::value_type>();
    inner.optional = true;
    return inner;
  } else if constexpr (HasOptions<T>) {
    return {.type = "table", .options = Argument<T>::options};
  } else {
    return {.type = Argument<T>::type, .options = {}};
  }
}

Value wrong_argument(const Call& call, std::size_t index, const Value& got, std::string_view why);
Value too_many(const Call& call, std::size_t most, std::size_t got);
inline const Value kNil;

template <class T>
bool take(const Call& call, std::span<const Value> arguments, std::size_t index, T& to,
          Value& wrong) {
  if constexpr (kRest<T>) {
    to = arguments.subspan(std::min(index, arguments.size()));
    return true;
  } else {
    const Value& given = index < arguments.size() ? arguments[index] : kNil;
    std::string why;
    if (Argument<T>::from(given, to, why)) return true;
    wrong = wrong_argument(call, index, given, why);
    return false;
  }
}

template <auto kFunction>
struct Bind;

template <class... Types, Value (*kFunction)(Call&, Types...)>
struct Bind<kFunction> {
  static constexpr std::array<ArgumentType, sizeof...(Types)> types{
      type_of<std::remove_cvref_t<Types>>()...};

  static Value call(Call& call, std::span<const Value> arguments) {
    if constexpr (sizeof...(Types) == 0) {
      if (!arguments.empty()) return too_many(call, 0, arguments.size());
      return kFunction(call);
    } else {
      return take_all(call, arguments, std::index_sequence_for<Types...>{});
    }
  }

 private:
  template <std::size_t... kIndex>
  static Value take_all(Call& call, std::span<const Value> arguments,
                        std::index_sequence<kIndex...>) {
    if (arguments.size() > sizeof...(Types) && !types.back().rest) {
      return too_many(call, sizeof...(Types), arguments.size());
    }
    std::tuple<std::remove_cvref_t<Types>...> taken{};
    Value wrong;
    if (!(take(call, arguments, kIndex, std::get<kIndex>(taken), wrong) && ...)) return wrong;
    return kFunction(call, std::move(std::get<kIndex>(taken))...);
  }
};

/// A member function of a module, called on the module whose row it is.
template <auto kMember, class Module, class... Types>
struct Member {
  static Value call(Call& call, Types... arguments) {
    return (call.module<Module>().*kMember)(call, std::forward<Types>(arguments)...);
  }
};
template <class Module, class... Types, Value (Module::*kMember)(Call&, Types...)>
struct Bind<kMember> : Bind<Member<kMember, Module, Types...>::call> {};

consteval std::size_t count_names(std::string_view names) {
  if (names.empty()) return 0;
  std::size_t count = 1;
  for (const char c : names) count += c == ',';
  return count;
}

}  // namespace detail

/// A row for a C++ function `Value f(Call&, arguments…)`.
template <auto kFunction>
consteval Function row(Function::Kind kind, ObjectKind object, std::string_view name,
                       std::string_view arguments, std::string_view result, Places places,
                       std::string_view doc) {
  using Bound = detail::Bind<kFunction>;
  if (detail::count_names(arguments) != Bound::types.size()) throw "names and types must match";
  return {kind, object, name, arguments, result, places, false, doc, Bound::types, Bound::call};
}

/// A row for a C++ function `Value f(Call&, arguments…)`, or for such a member of a module.
template <auto kFunction>
consteval Function function(ObjectKind object, std::string_view name, std::string_view arguments,
                            std::string_view result, Places places, std::string_view doc) {
  return row<kFunction>(Function::Kind::function, object, name, arguments, result, places, doc);
}
/// Of objects: where there is one at all, it says itself whether it is still good.
template <auto kFunction>
consteval Function method(ObjectKind object, std::string_view name, std::string_view arguments,
                          std::string_view result, std::string_view doc) {
  return row<kFunction>(Function::Kind::method, object, name, arguments, result, kInHandlers, doc);
}
template <auto kFunction>
consteval Function getter(ObjectKind object, std::string_view name, std::string_view result,
                          std::string_view doc, Places places = kInHandlers) {
  return row<kFunction>(Function::Kind::getter, object, name, "", result, places, doc);
}
template <auto kFunction>
consteval Function setter(ObjectKind object, std::string_view name, std::string_view doc) {
  return row<kFunction>(Function::Kind::setter, object, name, "value", "", kInHandlers, doc);
}
template <auto kFunction>
consteval Function text(ObjectKind object, std::string_view doc) {
  return row<kFunction>(Function::Kind::text, object, "tostring", "", "string", kInHandlers, doc);
}
/// object[key] and object[key] = value, for names that are nobody's but the program's.
template <auto kFunction>
consteval Function element(ObjectKind object, std::string_view result, std::string_view doc) {
  return row<kFunction>(Function::Kind::element, object, "[name]", "name", result, kInHandlers,
                        doc);
}
template <auto kFunction>
consteval Function set_element(ObjectKind object, std::string_view doc) {
  return row<kFunction>(Function::Kind::set_element, object, "[name]", "name, value", "",
                        kInHandlers, doc);
}
/// In the table that `require` gives of a module.
template <auto kFunction>
consteval Function function(std::string_view name, std::string_view arguments,
                            std::string_view result, Places places, std::string_view doc) {
  return function<kFunction>(kOwnTable, name, arguments, result, places, doc);
}
/// The same function as one that says what becomes of a request: where that is not yet on its way.
consteval Function deciding(Function function) {
  function.places &= static_cast<Places>(~kInPassing);
  return function;
}
/// The same function as one that waits.
consteval Function waiting(Function function) {
  function.waits = true;
  return deciding(function);
}

}  // namespace opensips::routing
