// Has an ABI, but exports nothing.
#include "module/abi.hh"

extern const std::string_view* const not_the_module = &opensips::modules::kAbi;
