// Its file is called otherwise.
#include "module/module.hh"

class Other final : public opensips::modules::Module {};
OPENSIPS_MODULE(Other, .name = "another", .version = "1.0", .doc = "Under a wrong name.");
