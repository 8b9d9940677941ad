// The value of a From, To, Contact, Route: a list of name-addr.

#include "fuzz/target.hh"
#include "unit/l1_parser/promises.hh"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace samples = opensips::parser::samples;
  const auto text = opensips::fuzz::text_of(data, size);
  opensips::fuzz::require(samples::name_addr_promise(text));
  opensips::fuzz::require(samples::list_promise(text));
  samples::read_addresses(text);
  samples::read_contacts(text);
  return 0;
}
