#include "lp_routing/checks/libraries.hh"

#include <algorithm>

#include <fmt/format.h>

#include "lp_routing/functions/suggest.hh"
#include "lp_routing/lua/refused.hh"

namespace opensips::routing::checks {
namespace {

struct Library {
  std::string_view name;
  std::string_view functions;  // with a blank behind each
};

// The first has no name: its functions are globals. A test compares all of them with what is there.
constexpr Library kLibraries[] = {
    {"",
     "assert collectgarbage dofile error gcinfo getfenv getmetatable ipairs load loadfile "
     "loadstring module newproxy next pairs pcall print rawequal rawget rawset require select "
     "setfenv setmetatable tonumber tostring type unpack xpcall _G _VERSION package sip "},
    {"string", "byte char dump find format gmatch gsub len lower match rep reverse sub upper "},
    {"table", "concat foreach foreachi getn insert maxn move remove sort "},
    {"math",
     "abs acos asin atan atan2 ceil cos cosh deg exp floor fmod frexp huge ldexp log log10 max "
     "min mod modf pi pow rad random randomseed sin sinh sqrt tan tanh "},
    {"os", "clock date difftime execute exit getenv remove rename setlocale time tmpname "},
    {"bit", "arshift band bnot bor bswap bxor lshift rol ror rshift tobit tohex "},
    {"coroutine", "create isyieldable resume running status wrap yield "},
    {"debug", "getinfo traceback "},
    {"io", ""},
    {"jit", "version "},
};

const Library* find(std::string_view name) {
  const auto* const found = std::ranges::find(kLibraries, name, &Library::name);
  return found == std::end(kLibraries) ? nullptr : found;
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    words.push_back(text.substr(0, text.find(' ')));
    text.remove_prefix(words.back().size() + 1);
  }
  return words;
}

}  // namespace

bool is_library(std::string_view name) {
  return !name.empty() && find(name);
}

bool has(std::string_view library, std::string_view name) {
  const Library* const found = find(library);
  if (!found) return false;
  const auto names = split(found->functions);
  return std::ranges::find(names, name) != names.end();
}

bool is_global(std::string_view name) {
  return is_library(name) || has("", name);
}

std::vector<std::string_view> globals() {
  auto names = split(kLibraries[0].functions);
  for (const Library& one : kLibraries) {
    if (!one.name.empty()) names.push_back(one.name);
  }
  return names;
}

std::string unknown_function(std::string_view library, std::string_view name) {
  std::string text = fmt::format("{} has no function '{:.40}'", library, name);
  if (const auto meant = nearest(name, split(find(library)->functions)); !meant.empty()) {
    text += fmt::format(": did you mean '{}'?", meant);
  }
  return text;
}

Refusal refusal_of(std::string_view library, std::string_view name) {
  const std::string full =
      library.empty() ? std::string(name) : fmt::format("{}.{}", library, name);
  const auto text = [&](const char* advice) {
    return fmt::format("{} is not available in routing scripts: {}", full, advice);
  };
  for (const auto& one : lua::refused_functions()) {
    if (library == (one.library ? one.library : "") && name == one.name) return {text(one.advice)};
  }
  for (const auto& one : lua::refused_libraries()) {
    if (library == one.library && !has(library, name)) return {text(one.advice), true};
  }
  return {};
}

}  // namespace opensips::routing::checks
