#include "lp_routing/lua/files.hh"

#include <cstddef>

#include <fmt/format.h>

#include "base/siphash.hh"

namespace opensips::routing::lua {
namespace {

constexpr std::size_t kMaxFile = 16UL << 20;

}  // namespace

const Files::Text& Files::read(const std::string& path) {
  const auto found = read_.find(path);
  return found != read_.end() ? found->second
                              : read_.emplace(path, base::read_file(path, kMaxFile)).first->second;
}

std::uint64_t Files::fingerprint() const {
  base::SipHasher hasher(base::SipKey{});
  for (const auto& [path, text] : read_) {
    if (text) hasher.update(fmt::format("{} {} ", path, text->size())).update(*text);
  }
  return hasher.finish();
}

}  // namespace opensips::routing::lua
