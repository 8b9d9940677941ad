#include "l0_transport/domains.hh"

#include <utility>

namespace opensips::transport {
namespace {

const Domain* find(const Domains::Table& table, std::string_view host) {
  const std::string name = Domains::folded(host);
  std::string_view rest = name;
  if (const auto own = table.find(rest); own != table.end()) return &own->second;
  for (auto dot = rest.find('.'); dot != rest.npos; dot = rest.find('.')) {
    rest.remove_prefix(dot + 1);
    const auto above = table.find(rest);
    if (above != table.end() && above->second.subdomains) return &above->second;
  }
  return nullptr;
}

}  // namespace

std::string Domains::folded(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

void Domains::publish(Table table) {
  const bool any = !table.empty();
  table_.publish(std::make_shared<const Table>(std::move(table)));
  any_.store(any, std::memory_order_release);
}

bool Domains::contains(std::string_view host) const {
  return any_.load(std::memory_order_acquire) && find(*table_.get(), host);
}

std::optional<std::string> Domains::attributes(std::string_view host) const {
  const auto table = table_.get();
  const auto* const domain = find(*table, host);
  return domain ? std::optional(domain->attributes) : std::nullopt;
}

}  // namespace opensips::transport
