#pragma once

#include <memory>
#include <string>

#include "base/address.hh"
#include "l0_transport/channel.hh"
#include "l0_transport/tls/domains.hh"

namespace opensips::transport::tls {

/// What the callbacks of a handshake need to know of its connection, and what they find out. Gone
/// when the handshake is done. SSL_get_app_data() gives it.
struct Session {
  std::shared_ptr<const Domains> domains;  ///< those of the time it began
  base::Address local;                     ///< of a connection that was accepted
  std::string name;  ///< accepted: what the client asked for; opened: whose the certificate is
  bool check_name = false;  ///< opened: the certificate has to be that of `name`
  bool no_domain = false;   ///< found out: `name` is not served here
};

}  // namespace opensips::transport::tls
