// The value of a Via: a list.

#include "fuzz/target.hh"
#include "unit/l1_parser/promises.hh"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace samples = opensips::parser::samples;
  const auto text = opensips::fuzz::text_of(data, size);
  opensips::fuzz::require(samples::via_promise(text));
  opensips::fuzz::require(samples::list_promise(text));
  samples::read_vias(text);
  return 0;
}
