#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/flow.hh"
#include "base/result.hh"
#include "l0_transport/dns_cache.hh"

namespace opensips::transport {

class Resolver;
struct Destination;

/// The servers that a URI's host name leads to, in the order in which they are to be tried (RFC
/// 3263 4): NAPTR, SRV and address records are asked for one by one, none before it is needed.
/// Those that have failed lately come last. Belongs to one worker; ends before its Resolver.
class Search final : private DnsCache::Waiter {
 public:
  /// A flow to the next server. Error::unreachable: there is none, or none is left.
  using Found = std::move_only_function<void(base::Result<base::Flow> found)>;

  /// `socket`: the one of ours that is preferred. By Resolver.
  Search(Resolver& resolver, const Destination& destination, std::uint16_t socket);

  /// Calls `found` once: before it returns if nothing has to be waited for, else in a later turn.
  /// `found` may end this. Not while an earlier `found` is still to be called.
  void next(Found found);
  /// The server given last did not do: it is avoided for a while, for as long as it said itself
  /// (`retry_after_s`, within limits) if it did.
  void failed(std::uint32_t retry_after_s = 0);

  const std::string& name() const { return name_; }
  bool tried_any() const { return !tried_.empty(); }
  /// Why there is no server, as the end of "cannot find NAME: ".
  std::string_view why() const;

 private:
  /// What is to be asked for, and what comes of it.
  struct Step {
    DnsQuestion question;
    base::Transport transport = base::Transport::udp;
    std::uint16_t port = 0;
    bool fallback = false;  // only where there are no SRV records
    unsigned aliases = 0;   // that led to it
  };

  void plan(const Destination& destination);
  void plan_services(std::string_view name);
  void plan_addresses(const std::string& name, base::Transport transport, std::uint16_t port,
                      bool fallback);
  void go_on();
  void finish(base::Result<base::Flow> found);
  void answered(const DnsAnswer& answer) override;
  void take(const Step& step, const DnsAnswer& answer);
  void take_found(const Step& step, const DnsAnswer& answer);
  void take_pointers(const Step& step, std::vector<NaptrRecord> pointers);
  void take_services(const Step& step, std::vector<SrvRecord> services);
  void take_addresses(const Step& step, std::span<const base::Address> addresses);
  void take_failure(const Step& step, DnsAnswer::Status status);

  Resolver& resolver_;
  std::string name_;
  std::uint16_t socket_;
  std::vector<base::Transport> transports_;  // that may be chosen, the best one first
  std::vector<Step> plan_;                   // the next one last
  unsigned steps_ = 0;
  Step asked_;
  Found found_;
  std::vector<base::Flow> ready_;  // the next one last
  std::vector<base::Flow> avoided_;
  std::vector<base::Flow> tried_;
  bool has_services_ = false;
  DnsAnswer::Status why_ = DnsAnswer::Status::no_data;
  std::string_view own_reason_;  // instead, where no name server is to blame
};

}  // namespace opensips::transport
