#pragma once

#include <vector>

#include "base/address.hh"

namespace opensips::transport {

/// The addresses of this machine's interfaces that a wildcard stands for, with its port: each gets
/// a socket of its own, so that replies leave from where the request came in, and a Via can name
/// it. Link-local ones are left out.
std::vector<base::Address> expand_wildcard(const base::Address& wildcard);

}  // namespace opensips::transport
