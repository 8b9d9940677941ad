// ring_a and ring_b need each other.
#include "module/module.hh"

class Ring final : public opensips::modules::Module {};
constexpr std::string_view kNeeds[] = {"ring_b"};
OPENSIPS_MODULE(Ring, .name = "ring_a", .version = "1.0", .doc = "Needs ring_b.", .needs = kNeeds);
