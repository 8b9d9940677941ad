#pragma once

#include <functional>

#include "l0_transport/dns_answer.hh"

namespace opensips::transport {

/// Whom a worker asks about names: the network, or a test.
class NameServers {
 public:
  using Answered = std::move_only_function<void(DnsAnswer answer)>;

  virtual ~NameServers() = default;
  /// Asks. `answered` is called once, in a later turn of this worker, unless this ends before.
  virtual void ask(const DnsQuestion& question, Answered answered) = 0;
};

}  // namespace opensips::transport
