#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/address.hh"

namespace opensips::transport {

/// The names of a hosts file (hosts(5)), read at start: they go before what name servers say. Any
/// thread, once it is read.
class Hosts {
 public:
  Hosts() = default;
  /// What the file cannot be read for is no error: a machine need not have one.
  static Hosts read_file(const std::string& path);
  static Hosts read(std::string_view text);

  /// The addresses of a name in lower case, with port 0; none if it is not in the file.
  std::span<const base::Address> find(const std::string& name) const;
  std::size_t size() const { return names_.size(); }

 private:
  std::unordered_map<std::string, std::vector<base::Address>> names_;
};

}  // namespace opensips::transport
