#include "script_test/recorded_names.hh"

#include <algorithm>

namespace opensips::script_test {
namespace {

/// The names that lead to a name, by one step.
using Before = std::map<std::string, std::set<std::string>>;

Before before(const std::vector<Record::Name>& names) {
  Before before;
  for (const auto& [at, question, answer] : names) {
    if (!answer.alias.empty()) before[answer.alias].insert(question.name);
    for (const auto& service : answer.services) before[service.target].insert(question.name);
  }
  return before;
}

/// Adds the name, and those that lead to it; each once, should they go round in circles.
void add(const Before& before, const std::string& name, std::set<std::string>& to) {
  if (!to.insert(name).second) return;
  const auto found = before.find(name);
  if (found == before.end()) return;
  for (const auto& one : found->second) add(before, one, to);
}

}  // namespace

RecordedNames::RecordedNames(const std::vector<Record::Name>& names) {
  const auto before = script_test::before(names);
  for (const auto& name : names) {
    if (name.answer.addresses.empty()) continue;
    std::set<std::string> all;
    add(before, name.question.name, all);
    for (const auto& address : name.answer.addresses)
      names_[address.bare_host()].merge(std::set(all));
  }
}

bool RecordedNames::share(const std::string& host, const std::string& other) const {
  const auto one = names_.find(host), two = names_.find(other);
  if (one == names_.end() || two == names_.end()) return false;
  return std::ranges::any_of(one->second,
                             [&](const auto& name) { return two->second.contains(name); });
}

}  // namespace opensips::script_test
