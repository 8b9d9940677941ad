#include "l0_transport/tls/domains.hh"

#include <algorithm>
#include <optional>
#include <utility>

#include "l0_transport/tls/context.hh"
#include "l0_transport/tls/peer_name.hh"

namespace opensips::transport::tls {

namespace {

constexpr int kExact = 1'000'000;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

/// How well an address fits: 0 any, more is more specific.
std::optional<int> fit(const config::TlsDomain& domain, const base::Address& address) {
  if (domain.addresses.empty()) return 0;
  std::optional<int> best;
  for (const auto& one : domain.addresses) {
    if (!one.is_wildcard() && !one.same_host(address)) continue;
    if (one.port() != 0 && one.port() != address.port()) continue;
    best = std::max(best.value_or(0), (one.is_wildcard() ? 0 : 2) + (one.port() ? 1 : 0));
  }
  return best;
}

/// How well a name fits, the empty one too.
std::optional<int> fit(const config::TlsDomain& domain, const std::string& name) {
  std::optional<int> best;
  for (const auto& pattern : domain.sip_domains) {
    std::optional<int> one;
    if (pattern == "*") {
      one = 0;
    } else if (name.empty()) {
      if (pattern == "none") one = kExact;
    } else if (pattern == name) {
      one = kExact;
    } else if (matches(pattern, name)) {
      one = static_cast<int>(pattern.size());
    }
    if (one) best = std::max(best.value_or(0), *one);
  }
  return best;
}

/// OpenSSL has what is in it.
void forget_pem(config::TlsDomain& setting) {
  for (auto* const text :
       {&setting.certificate, &setting.private_key, &setting.ca_list, &setting.dh_params}) {
    text->clear();
  }
}

}  // namespace

std::expected<std::shared_ptr<const Domains>, Problem> Domains::load(
    std::span<const config::TlsDomain> settings, TicketKeys& keys) {
  auto made = std::make_shared<Domains>();
  for (const auto& setting : settings) {
    auto context = make_context(setting, keys);
    if (!context) return std::unexpected(std::move(context.error()));
    made->all_.push_back({setting, std::move(*context)});
    if (!setting.row.empty()) forget_pem(made->all_.back().setting);
  }
  return made;
}

const Domain* Domains::for_client_of(const base::Address& local, std::string_view name) const {
  const auto wanted = lower(name);
  return best(true, local, &wanted);
}

const Domain* Domains::any_for(const base::Address& local) const {
  return best(true, local, nullptr);
}

const Domain* Domains::for_server_at(const base::Address& peer, std::string_view name) const {
  const auto wanted = lower(name);
  return best(false, peer, &wanted);
}

/// `name`: null for any.
const Domain* Domains::best(bool server, const base::Address& address,
                            const std::string* name) const {
  const Domain* found = nullptr;
  std::pair<int, int> found_fit;
  for (const auto& domain : all_) {
    if (domain.setting.server != server) continue;
    const auto by_address = fit(domain.setting, address);
    const auto by_name = name ? fit(domain.setting, *name) : 0;
    if (!by_address || !by_name) continue;
    const std::pair here(*by_name, *by_address);
    if (found && here <= found_fit) continue;
    found = &domain;
    found_fit = here;
  }
  return found;
}

}  // namespace opensips::transport::tls
