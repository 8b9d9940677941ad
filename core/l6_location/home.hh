#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/siphash.hh"
#include "l0_transport/sockets.hh"
#include "l6_location/binding.hh"

namespace opensips::location {

/// How other servers reach the clients that registered here, where they share what is known of
/// them. Any thread.
class Homes {
 public:
  /// The sockets outlive it. `epoch`: of this process, whose connections are good in it alone.
  Homes(const transport::Sockets& sockets, const base::SipKey& mac_key, std::uint32_t epoch)
      : sockets_(sockets), mac_key_(mac_key), epoch_(epoch) {}

  /// A Route that leads to the contact's client through this server, with a flow token (RFC
  /// 5626 5.2): "<sip:192.0.2.1:5060;lr;flow=…>". Empty for one that any server reaches by its
  /// Path or its address.
  std::string home_of(const Binding& binding) const;
  /// A Route that home_of() gave, here or elsewhere, leads here.
  bool is_here(std::string_view home) const;

 private:
  const transport::Socket* socket_of(const base::Flow& flow) const;

  const transport::Sockets& sockets_;
  const base::SipKey mac_key_;
  const std::uint32_t epoch_;
};

}  // namespace opensips::location
