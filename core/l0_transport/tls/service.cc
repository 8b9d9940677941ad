#include "l0_transport/tls/service.hh"

#include <utility>

#include "l0_transport/tls/channel.hh"

namespace opensips::transport::tls {

std::expected<void, Problem> Service::load() {
  auto loaded = Domains::load(settings_, keys_);
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  domains_.publish(std::move(*loaded));
  return {};
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
