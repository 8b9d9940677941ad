#include "dialplan/partitions.hh"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace opensips::dialplan {

bool Partitions::add(std::string name, RuleSource source) {
  if (find(name)) return false;
  all_.push_back(std::make_unique<Partition>(std::move(name), std::move(source)));
  return true;
}

const Partition* Partitions::find(std::string_view name) const {
  const auto found = std::ranges::find(
      all_, name, [](const auto& partition) -> std::string_view { return partition->name(); });
  return found == all_.end() ? nullptr : found->get();
}

std::expected<void, std::string> Partitions::load(std::string_view name) {
  const auto found = std::ranges::find(
      all_, name, [](const auto& partition) -> std::string_view { return partition->name(); });
  if (found == all_.end()) return std::unexpected(fmt::format("no partition {:.64}", name));
  return load(found, found + 1);
}

std::expected<void, std::string> Partitions::load(Iterator begin, Iterator end) {
  std::vector<std::shared_ptr<const RuleSet>> loaded;
  std::string wrong;
  for (auto partition = begin; partition != end; ++partition) {
    auto rules = (*partition)->source_();
    if (rules) {
      loaded.push_back(std::make_shared<const RuleSet>(std::move(*rules)));
    } else {
      if (!wrong.empty() && !wrong.ends_with('\n')) wrong += '\n';
      wrong += rules.error();
    }
  }
  if (!wrong.empty()) return std::unexpected(std::move(wrong));
  for (auto partition = begin; partition != end; ++partition) {
    replace(**partition, std::move(loaded[static_cast<std::size_t>(partition - begin)]));
  }
  free_retired();
  return {};
}

void Partitions::publish(std::string_view name, RuleSet rules) {
  for (const auto& partition : all_) {
    if (partition->name() != name) continue;
    replace(*partition, std::make_shared<const RuleSet>(std::move(rules)));
  }
}

void Partitions::replace(Partition& partition, std::shared_ptr<const RuleSet> rules) {
  retired_.push_back(partition.rules_.get());
  partition.rules_.publish(std::move(rules));
}

void Partitions::free_retired() {
  std::erase_if(retired_, [](const auto& rules) { return rules.use_count() == 1; });
}

}  // namespace opensips::dialplan
