#include "lp_routing/lua/files.hh"

#include <cstddef>

namespace opensips::routing::lua {
namespace {

constexpr std::size_t kMaxFile = 16UL << 20;

}  // namespace

const Files::Text& Files::read(const std::string& path) {
  const auto found = read_.find(path);
  return found != read_.end() ? found->second
                              : read_.emplace(path, base::read_file(path, kMaxFile)).first->second;
}

}  // namespace opensips::routing::lua
