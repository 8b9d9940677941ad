// The value of an authentication header: a challenge or credentials.

#include "fuzz/target.hh"
#include "unit/l1_parser/digest_promises.hh"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace samples = opensips::parser::samples;
  const auto text = opensips::fuzz::text_of(data, size);
  opensips::fuzz::require(samples::challenge_promise(text));
  opensips::fuzz::require(samples::credentials_promise(text));
  return 0;
}
