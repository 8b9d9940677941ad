// Needs a module, and one that is built in.
#include "module/module.hh"

class AboveGood final : public opensips::modules::Module {};
constexpr std::string_view kNeeds[] = {"tm", "good"};
OPENSIPS_MODULE(AboveGood, .name = "above_good", .version = "1.0", .doc = "Needs good.",
                .needs = kNeeds);
