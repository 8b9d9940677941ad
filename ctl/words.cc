#include "ctl/words.hh"

#include <algorithm>

namespace opensips::ctl {

namespace {

using Json = nlohmann::ordered_json;

/// Where the value of name=value begins; 0 if it is not of that form. A URI is not, with all the
/// parameters it may have.
std::size_t value_begin(std::string_view word) {
  const auto equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0) return 0;
  const auto is_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return std::ranges::all_of(word.substr(0, equals), is_name) ? equals + 1 : 0;
}

Json value_of(std::string_view text) {
  if (text.starts_with('[')) {
    auto list = Json::parse(text, nullptr, false);
    if (list.is_array()) return list;
  }
  return std::string(text);
}

}  // namespace

std::expected<std::vector<std::string>, std::string> split(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = 0;
  for (const char c : line) {
    if (quote ? c == quote : c == '"' || c == '\'') {
      quote = quote ? '\0' : c;
      if (!in_word) words.emplace_back();
      in_word = true;
    } else if (!quote && (c == ' ' || c == '\t' || c == '\r')) {
      in_word = false;
    } else {
      if (!in_word) words.emplace_back();
      in_word = true;
      words.back() += c;
    }
  }
  if (quote) return std::unexpected("a quote does not end");
  return words;
}

std::expected<Json, std::string> params_of(std::span<const std::string> words) {
  const auto named = std::ranges::count_if(words, [](const auto& w) { return value_begin(w) > 0; });
  if (named == 0) {
    Json array = Json::array();
    for (const auto& word : words) array.push_back(value_of(word));
    return array;
  }
  if (static_cast<std::size_t>(named) != words.size()) {
    return std::unexpected("parameters are all given as name=value, or none");
  }
  Json object = Json::object();
  for (const std::string_view word : words) {
    const auto begin = value_begin(word);
    object[std::string(word.substr(0, begin - 1))] = value_of(word.substr(begin));
  }
  return object;
}

}  // namespace opensips::ctl
