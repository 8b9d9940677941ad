#pragma once

#include <expected>
#include <string>

#include "base/siphash.hh"

namespace opensips {

/// The secret behind our Record-Routes and branches, from a file of 32 hexadecimal digits: the same
/// after a restart, so that calls go on, and on all servers of a cluster. Made, readable by its
/// owner only, if the file is not there. The error is for the operator.
std::expected<base::SipKey, std::string> load_mac_key(const std::string& path);

}  // namespace opensips
