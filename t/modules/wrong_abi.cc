// Built against other headers, and of a wrong kind besides: none of it may run.
#include <cstdlib>

#include "abi.h"
#undef OPENSIPS_ABI_HEADERS
#define OPENSIPS_ABI_HEADERS "0123456789abcdef"
#include "module/module.hh"

[[gnu::constructor]] static void run() {
  std::abort();
}

class WrongAbi final : public opensips::modules::Module {};
OPENSIPS_MODULE(WrongAbi, .name = "wrong_abi", .version = "1.0", .doc = "Never runs.");
