// ring_a and ring_b need each other.
#include "module/module.hh"

class Ring final : public opensips::modules::Module {};
constexpr std::string_view kNeeds[] = {"ring_a"};
OPENSIPS_MODULE(Ring, .name = "ring_b", .version = "1.0", .doc = "Needs ring_a.", .needs = kNeeds);
