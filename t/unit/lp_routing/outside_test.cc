#include "lp_routing/functions/outside.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

namespace opensips::routing {
namespace {

/// What waits for messages of the call, which the record has; everything else that waits asks
/// somebody whom a replay does not have. Who adds a function that waits decides which it is.
TEST(Outside, WhatWaitsIsAnsweredFromTheRecordUnlessTheCallItselfAnswers) {
  constexpr std::array<std::string_view, 3> kOfTheCall{"request:fork", "dialog:request",
                                                       "dialog:refer"};
  for (const auto& row : functions()) {
    if (!row.waits) continue;
    const auto name = row.full_name();
    const bool of_the_call = std::ranges::find(kOfTheCall, name) != kOfTheCall.end();
    EXPECT_EQ(outside(row) == Outside::no, of_the_call) << name;
  }
}

}  // namespace
}  // namespace opensips::routing
