#include "l3_dialog/profiles.hh"

#include <algorithm>

namespace opensips::dialog {

namespace {

constexpr char kSeparator = '\0';

/// What a value's dialogs are counted under; those of all values under the name itself.
std::string key_of(std::string_view name, std::string_view value) {
  std::string key(name);
  if (!value.empty()) key.append(1, kSeparator).append(value);
  return key;
}

}  // namespace

Profiles::Outcome Profiles::add(std::string_view name, std::string_view value,
                                std::uint64_t limit) {
  const auto added = counts_.add(key_of(name, value), limit, 0).outcome;
  if (added != Outcome::granted || value.empty()) return added;
  const auto in_all = counts_.add(name, base::CounterTable::kNoLimit, 0).outcome;
  if (in_all != Outcome::granted) counts_.subtract(key_of(name, value));
  return in_all;
}

void Profiles::subtract(std::string_view name, std::string_view value) {
  counts_.subtract(key_of(name, value));
  if (!value.empty()) counts_.subtract(name);
}

std::uint64_t Profiles::size(std::string_view name, std::string_view value) const {
  return counts_.count(key_of(name, value), 0);
}

std::vector<Profiles::Count> Profiles::values(std::string_view name) const {
  std::vector<Count> found;
  const auto prefix = std::string(name) + kSeparator;
  counts_.for_each(0, [&](std::string_view key, std::uint64_t count) {
    if (key.starts_with(prefix)) found.push_back({std::string(key.substr(prefix.size())), count});
  });
  std::ranges::sort(found, {}, &Count::value);
  return found;
}

}  // namespace opensips::dialog
