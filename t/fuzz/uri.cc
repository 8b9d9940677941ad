// URIs: one, or two to be compared, each on a line.

#include <algorithm>

#include "fuzz/target.hh"
#include "unit/l1_parser/promises.hh"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace samples = opensips::parser::samples;
  const auto text = opensips::fuzz::text_of(data, size);
  const auto left = text.substr(0, text.find('\n'));
  const auto right = text.substr(std::min(left.size() + 1, text.size()));
  opensips::fuzz::require(samples::uri_promise(left));
  opensips::fuzz::require(samples::uri_promise(right));
  opensips::fuzz::require(samples::equivalence_promise(left, right));
  return 0;
}
