#pragma once

#include <chrono>
#include <climits>
#include <span>
#include <string>
#include <string_view>

#include "config/parameter.hh"
#include "config/settings.hh"

/// How the rows of the schema are written: one function for each type of parameter. `module` is
/// empty for a global one, `doc` a sentence for the operator.
namespace opensips::config::rows {

using std::chrono::milliseconds;

constexpr milliseconds kMs{1};
constexpr milliseconds kSecond{1000};
constexpr long long kDay = 86'400;

/// A member of Settings, or of a part of it.
template <auto... Path>
constexpr auto& at(Settings& settings) {
  return (settings.*....*Path);
}

constexpr Parameter integer(std::string_view module, std::string_view name, Member<int> target,
                            long long min, long long max, std::string_view doc) {
  return {.module = module,
          .name = name,
          .type = Type::integer,
          .doc = doc,
          .target = target,
          .min = min,
          .max = max};
}

constexpr Parameter boolean(std::string_view module, std::string_view name, Member<bool> target,
                            std::string_view doc) {
  return {.module = module, .name = name, .type = Type::boolean, .doc = doc, .target = target};
}

constexpr Parameter duration(std::string_view module, std::string_view name,
                             Member<milliseconds> target, milliseconds unit, long long min,
                             long long max, std::string_view doc) {
  return {.module = module,
          .name = name,
          .type = Type::duration,
          .doc = doc,
          .target = target,
          .min = min,
          .max = max,
          .unit = unit};
}

constexpr Parameter path(std::string_view module, std::string_view name, Member<std::string> target,
                         std::string_view doc) {
  return {.module = module,
          .name = name,
          .type = Type::path,
          .doc = doc,
          .target = target,
          .max = 4095};
}

constexpr Parameter path(std::string_view name, Member<std::string> target, std::string_view doc) {
  return path("", name, target, doc);
}

constexpr Parameter text(std::string_view module, std::string_view name, Member<std::string> target,
                         std::string_view doc) {
  return {
      .module = module, .name = name, .type = Type::text, .doc = doc, .target = target, .max = 256};
}

/// For lists and URLs.
constexpr Parameter long_text(std::string_view module, std::string_view name,
                              Member<std::string> target, std::string_view doc) {
  return {.module = module,
          .name = name,
          .type = Type::text,
          .doc = doc,
          .target = target,
          .max = 4095};
}

constexpr Parameter choice(std::string_view module, std::string_view name,
                           Member<std::string> target, std::span<const std::string_view> choices,
                           std::string_view doc) {
  return {.module = module,
          .name = name,
          .type = Type::choice,
          .doc = doc,
          .target = target,
          .choices = choices};
}

constexpr Parameter mode(std::string_view module, std::string_view name, Member<int> target,
                         std::string_view doc) {
  return {.module = module,
          .name = name,
          .type = Type::mode,
          .doc = doc,
          .target = target,
          .max = 0777};
}

constexpr Parameter header(std::string_view name, Member<std::string> target,
                           std::string_view prefix, std::string_view doc) {
  return {
      .name = name, .type = Type::text, .doc = doc, .target = target, .max = 256, .prefix = prefix};
}

constexpr Parameter list(std::string_view name, Type type, std::string_view doc) {
  return {.name = name, .type = type, .doc = doc, .max = 4095};
}

constexpr Parameter no_effect(std::string_view module, std::string_view name, Type type,
                              std::string_view doc) {
  return {.module = module,
          .name = name,
          .type = type,
          .doc = doc,
          .min = INT_MIN,
          .max = INT_MAX,
          .no_effect = true};
}

}  // namespace opensips::config::rows
