#include "perl/data.hh"

#include <algorithm>
#include <concepts>
#include <string_view>
#include <utility>

namespace opensips::perl {
namespace {

using routing::Object;
using routing::Value;

struct Owner {
  std::optional<Data> operator()(std::monostate) const { return Data(); }
  std::optional<Data> operator()(std::string_view text) const { return Data{std::string(text)}; }
  std::optional<Data> operator()(const Value::List& list) const {
    Data::List copies;
    for (const Value& one : list) {
      auto copy = copy_of(one);
      if (!copy) return std::nullopt;
      copies.push_back(std::move(*copy));
    }
    return Data{std::move(copies)};
  }
  std::optional<Data> operator()(const Value::Map& map) const {
    Data::Map copies;
    for (const auto& [name, value] : map) {
      auto copy = copy_of(value);
      if (!copy) return std::nullopt;
      copies.emplace_back(name, std::move(*copy));
    }
    return Data{std::move(copies)};
  }
  template <class T>
  std::optional<Data> operator()(const T& value) const {
    if constexpr (std::same_as<T, bool> || std::same_as<T, std::int64_t> ||
                  std::same_as<T, double> || std::same_as<T, std::string> ||
                  std::same_as<T, Object>) {
      return Data{value};
    } else {
      return std::nullopt;
    }
  }
};

struct Viewer {
  Value operator()(std::monostate) const { return {}; }
  Value operator()(const std::string& text) const { return std::string_view(text); }
  Value operator()(const Data::List& list) const {
    Value::List views;
    views.reserve(list.size());
    for (const Data& one : list) views.push_back(view_of(one));
    return views;
  }
  Value operator()(const Data::Map& map) const {
    Value::Map views;
    views.reserve(map.size());
    for (const auto& [name, one] : map) views.push_back({name, view_of(one)});
    return views;
  }
  Value operator()(const auto& value) const { return value; }
};

}  // namespace

std::optional<Data> copy_of(const Value& value) {
  return std::visit(Owner{}, value.any);
}

bool has_shared_table(const Data& data) {
  if (const auto* const object = std::get_if<Object>(&data.any))
    return object->kind == routing::ObjectKind::shared;
  if (const auto* const list = std::get_if<Data::List>(&data.any))
    return std::ranges::any_of(*list, has_shared_table);
  const auto* const map = std::get_if<Data::Map>(&data.any);
  return map && std::ranges::any_of(
                    *map, [](const auto& entry) { return has_shared_table(entry.second); });
}

Value view_of(const Data& data) {
  return std::visit(Viewer{}, data.any);
}

}  // namespace opensips::perl
