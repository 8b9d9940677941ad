#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string_view>

#include "base/flow.hh"
#include "base/result.hh"
#include "base/stats.hh"
#include "l0_transport/dns_cache.hh"
#include "l0_transport/failed_targets.hh"
#include "l0_transport/hosts.hh"
#include "l0_transport/search.hh"
#include "l0_transport/sockets.hh"
#include "loop/context.hh"

namespace opensips::transport {

/// What a URI says about where to send, before it is an address.
struct Destination {
  std::string_view host;
  std::uint16_t port = 0;      ///< 0: the transport's default
  std::string_view transport;  ///< the `transport` parameter; empty: UDP, or what DNS says
  bool secure = false;         ///< a sips URI: nothing but TLS
};

/// The transport that a destination names. Error::missing if it names none; Error::unsupported if
/// it is none that requests go out by.
base::Result<base::Transport> named_transport(const Destination& destination);

/// The flow to a destination, from the preferred socket if that can reach it. Hosts are IP
/// literals: Error::unsupported for a name or a transport that we do not speak; Error::unreachable
/// if no socket has that transport and address family. The caller logs it, knowing for which
/// request.
base::Result<base::Flow> resolve(const Destination& destination, const Sockets& sockets,
                                 std::uint16_t preferred_socket);

/// What the operator says about finding servers; times in milliseconds.
struct ResolverOptions {
  bool try_naptr = true;
  bool try_ipv6 = true;
  bool failover = true;
  std::uint64_t avoid_time = 30'000;  ///< a server that failed comes last for so long; 0: never
  DnsCacheOptions cache;
};

/// Where to send a request: a flow, or the search for one.
struct NextHop {
  base::Flow flow;
  std::unique_ptr<Search> search;  ///< none if the flow is known
};

/// Finds the servers of URIs on one worker (RFC 3263). An IP address costs nothing but a look at
/// the sockets; a name is searched for with the worker's cache and name servers.
class Resolver {
 public:
  /// `hosts` and `failed` are shared by all workers. `names`: none, and names are not found.
  Resolver(loop::Context& context, const Sockets& sockets, const Hosts& hosts,
           FailedTargets& failed, NameServers* names, const ResolverOptions& options);

  /// Error::unsupported, Error::unreachable: as resolve() has it; also for what is neither an
  /// address nor a host name.
  base::Result<NextHop> find(const Destination& destination, std::uint16_t preferred_socket);

  DnsCache& cache() { return cache_; }
  const Sockets& sockets() const { return sockets_; }
  const Hosts& hosts() const { return hosts_; }
  FailedTargets& failed_targets() { return failed_; }
  const ResolverOptions& options() const { return options_; }
  std::uint64_t now() const { return context_.now(); }
  std::mt19937& random() { return random_; }

 private:
  loop::Context& context_;
  const Sockets& sockets_;
  const Hosts& hosts_;
  FailedTargets& failed_;
  ResolverOptions options_;
  DnsCache cache_;
  std::mt19937 random_;
};

}  // namespace opensips::transport
