// Calls what nobody has.
#include "module/module.hh"

int nobody_has_this();

class Undefined final : public opensips::modules::Module {
  void stop() override { nobody_has_this(); }
};
OPENSIPS_MODULE(Undefined, .name = "undefined_symbol", .version = "1.0",
                .doc = "Cannot be linked.");
