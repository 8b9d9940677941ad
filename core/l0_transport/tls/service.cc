#include "l0_transport/tls/service.hh"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "l0_transport/tls/channel.hh"

namespace opensips::transport::tls {

namespace {

/// Adds one of a table. Nothing, or what is wrong.
std::optional<Problem> add(std::vector<config::TlsDomain>& all, const config::TlsDomain& row) {
  const auto same = std::ranges::find_if(all, [&](const config::TlsDomain& one) {
    return one.name == row.name && one.server == row.server;
  });
  if (same == all.end()) {
    all.push_back(row);
  } else if (same->implied) {
    *same = row;
  } else {
    return Problem{
        .at = {},
        .text = fmt::format("TLS domain {} for {} is there already, expected another name",
                            row.name, row.server ? "servers" : "clients"),
        .row = row.row};
  }
  return std::nullopt;
}

}  // namespace

std::expected<std::shared_ptr<const Domains>, Problem> Service::read(
    std::span<const config::TlsDomain> rows) {
  auto all = settings_;
  for (const auto& row : rows) {
    if (auto problem = add(all, row)) return std::unexpected(std::move(*problem));
  }
  return Domains::load(all, keys_);
}

ChannelPtr Service::accept(FileDescriptor fd, const base::Address& local) const {
  return TlsChannel::accept(std::move(fd), domains(), local);
}

ChannelPtr Service::connect(FileDescriptor fd, const base::Address& peer,
                            std::string_view sip_domain) const {
  if (!sip_domain.empty()) return TlsChannel::connect(std::move(fd), domains(), peer, sip_domain);
  return TlsChannel::connect(std::move(fd), domains(), peer, peer.bare_host());
}

}  // namespace opensips::transport::tls
