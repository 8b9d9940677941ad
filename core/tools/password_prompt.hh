#pragma once

#include <expected>
#include <string>

namespace opensips {

/// The password that the operator types, twice and without being shown; the first line of standard
/// input if that is no terminal. The error is for the operator.
std::expected<std::string, std::string> read_password(const std::string& whose);

/// One drawn at random: 80 bits, in characters that nobody mixes up when reading them out.
std::string random_password();

}  // namespace opensips
