#pragma once

#include <random>
#include <vector>

#include "l0_transport/dns_answer.hh"

namespace opensips::transport {

/// Puts SRV records in the order in which to try them (RFC 2782): by priority, and within one
/// drawn at random, each as likely to be the next as its weight says.
void put_in_order(std::vector<SrvRecord>& services, std::mt19937& random);

}  // namespace opensips::transport
