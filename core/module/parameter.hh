#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/parameter.hh"

/// What `modparam` may set of a module: Module::parameters() returns these, each with the variable
/// it sets. The variable's first value is the default. Values are checked while the configuration
/// is read; names and docs have to live as long as the module.
namespace opensips::modules {

using Parameter = config::Parameter;

inline Parameter integer(std::string_view name, int& to, long long min, long long max,
                         std::string_view doc) {
  return {.name = name,
          .type = config::Type::integer,
          .doc = doc,
          .target = &to,
          .min = min,
          .max = max};
}

inline Parameter boolean(std::string_view name, bool& to, std::string_view doc) {
  return {.name = name, .type = config::Type::boolean, .doc = doc, .target = &to};
}

/// A number in `unit` from `min` to `max`, or text with a unit of its own.
inline Parameter duration(std::string_view name, std::chrono::milliseconds& to,
                          std::chrono::milliseconds unit, long long min, long long max,
                          std::string_view doc) {
  return {.name = name,
          .type = config::Type::duration,
          .doc = doc,
          .target = &to,
          .min = min,
          .max = max,
          .unit = unit};
}

inline constexpr long long kMostText = 4095;

inline Parameter text(std::string_view name, std::string& to, std::string_view doc,
                      long long max = kMostText) {
  return {.name = name, .type = config::Type::text, .doc = doc, .target = &to, .max = max};
}

/// Relative to the directory of the file that says it.
inline Parameter path(std::string_view name, std::string& to, std::string_view doc) {
  return {.name = name, .type = config::Type::path, .doc = doc, .target = &to, .max = kMostText};
}

/// May be given several times.
inline Parameter texts(std::string_view name, std::vector<std::string>& to, std::string_view doc) {
  return {.name = name, .type = config::Type::text, .doc = doc, .target = &to, .max = kMostText};
}

/// A text that a member function takes: `std::optional<std::string> set(const std::string&)`, which
/// returns nothing or what was expected instead. May be given several times.
template <auto kSet, class Owner>
Parameter calling(std::string_view name, Owner* owner, std::string_view doc) {
  const config::Setter setter{[](void* object, const std::string& given) {
                                return (static_cast<Owner*>(object)->*kSet)(given);
                              },
                              owner};
  return {.name = name, .type = config::Type::text, .doc = doc, .target = setter, .max = kMostText};
}

}  // namespace opensips::modules
