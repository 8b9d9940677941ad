// Whole messages: peek and parse agree, what is forwarded is what came, replies and edits are good.

#include "fuzz/target.hh"
#include "unit/l1_parser/promises.hh"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  opensips::fuzz::require(
      opensips::parser::samples::message_promise(opensips::fuzz::text_of(data, size)));
  return 0;
}
