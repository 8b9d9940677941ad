#include "lp_routing/functions/other_names.hh"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "lp_routing/functions/function.hh"

namespace opensips::routing {
namespace {

TEST(OtherNames, LeadToFunctionsThatThereAre) {
  std::set<std::string> names;
  for (const Function& function : functions()) names.insert(function.full_name());
  for (const OtherName& row : other_names()) {
    EXPECT_FALSE(row.ours.empty() && row.note.empty()) << row.opensips << row.kamailio;
    for (std::string_view rest = row.ours; !rest.empty();) {
      const auto name = rest.substr(0, rest.find(", "));
      EXPECT_TRUE(names.contains(std::string(name))) << row.opensips << " -> " << name;
      rest.remove_prefix(std::min(rest.size(), name.size() + 2));
    }
  }
}

TEST(OtherNames, AreSaidOnce) {
  std::set<std::string_view> seen;
  for (const OtherName& row : other_names()) {
    EXPECT_FALSE(row.opensips.empty() && row.kamailio.empty());
    if (!row.opensips.empty()) {
      EXPECT_TRUE(seen.insert(row.opensips).second) << row.opensips;
    }
  }
}

}  // namespace
}  // namespace opensips::routing
