#include "l0_transport/hosts.hh"

#include <algorithm>

#include "base/read_file.hh"

namespace opensips::transport {

namespace {

constexpr std::size_t kMostBytes = 16 << 20;

/// Takes the next word off a line; empty at its end.
std::string_view take_word(std::string_view& line) {
  constexpr std::string_view kBlanks = " \t\r";
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const auto word = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(word.size());
  return word;
}

std::string lower(std::string_view text) {
  std::string folded(text);
  for (char& c : folded) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return folded;
}

}  // namespace

Hosts Hosts::read_file(const std::string& path) {
  const auto text = base::read_file(path, kMostBytes);
  return text ? read(*text) : Hosts();
}

Hosts Hosts::read(std::string_view text) {
  Hosts hosts;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line = line.substr(0, line.find('#'));
    const auto address = base::Address::parse(take_word(line), 0);
    if (!address) continue;
    for (auto name = take_word(line); !name.empty(); name = take_word(line)) {
      hosts.names_[lower(name)].push_back(*address);
    }
  }
  return hosts;
}

std::span<const base::Address> Hosts::find(const std::string& name) const {
  const auto found = names_.find(name);
  if (found == names_.end()) return {};
  return found->second;
}

}  // namespace opensips::transport
