#include "dialplan/index.hh"

#include <utility>

#include "dialplan/fold.hh"

namespace opensips::dialplan {

Index::Index(std::span<const Rule> rules) {
  std::vector<PrefixTree::Item> items;
  for (std::uint32_t place = 0; place < rules.size(); ++place) {
    const Rule& rule = rules[place];
    if (!rule.match) {
      equal_[folded(rule.match_exp)].push_back(place);
      continue;
    }
    for (std::string& prefix : literal_prefixes(rule.match_exp)) {
      unindexed_ += prefix.empty() ? 1 : 0;
      items.push_back({std::move(prefix), place});
    }
  }
  prefixes_ = PrefixTree(std::move(items));
}

Candidates::Candidates(const Index& index, std::string_view folded) {
  if (const auto equal = index.equal_.find(folded); equal != index.equal_.end()) {
    add(equal->second);
  }
  index.prefixes_.find(folded, [this](std::span<const std::uint32_t> places) { add(places); });
}

std::optional<std::uint32_t> Candidates::next() {
  std::span<const std::uint32_t>* best = nullptr;
  for (std::size_t i = 0; i < count_;) {
    if (lists_[i].empty()) {
      lists_[i] = lists_[--count_];
      continue;
    }
    if (!best || lists_[i].front() < best->front()) best = &lists_[i];
    ++i;
  }
  if (!best) return std::nullopt;
  const std::uint32_t place = best->front();
  *best = best->subspan(1);
  return place;
}

}  // namespace opensips::dialplan
