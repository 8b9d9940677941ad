#include "base/prefix.hh"

#include <charconv>
#include <cstring>

namespace opensips::base {

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto network = Address::parse(text.substr(0, slash), 0);
  if (!network) return std::nullopt;
  const auto most = static_cast<unsigned>(network->host_bytes().size() * 8);
  if (slash == std::string_view::npos) return Prefix(*network, most);
  const auto digits = text.substr(slash + 1);
  const auto end = digits.data() + digits.size();
  unsigned bits = 0;
  const auto [stop, error] = std::from_chars(digits.data(), end, bits);
  if (error != std::errc() || stop != end || bits > most) return std::nullopt;
  return Prefix(*network, bits);
}

bool Prefix::contains(const Address& address) const {
  const auto mine = network_.host_bytes();
  const auto other = address.host_bytes();
  if (mine.size() != other.size()) return false;
  const std::size_t whole = bits_ / 8;
  if (std::memcmp(mine.data(), other.data(), whole) != 0) return false;
  const unsigned rest = bits_ % 8;
  if (rest == 0) return true;
  const auto difference = static_cast<unsigned char>(mine[whole] ^ other[whole]);
  return difference >> (8 - rest) == 0;
}

}  // namespace opensips::base
