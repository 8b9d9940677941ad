#include "tools/report.hh"

#include <cstdio>

#include <fmt/format.h>

namespace opensips {

int report(const std::expected<std::vector<std::string>, std::string>& done) {
  if (!done) {
    fmt::print(stderr, "opensipsctl: {}\n", done.error());
    return 1;
  }
  for (const auto& line : *done) fmt::print("{}\n", line);
  return 0;
}

}  // namespace opensips
