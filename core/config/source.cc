#include "config/source.hh"

namespace opensips::config {

std::expected<std::string, ReadError> read_file(const std::string& path) {
  return base::read_file(path, kFileMax);
}

}  // namespace opensips::config
