#include "base/wire.hh"

#include <gtest/gtest.h>

#include <cstring>

namespace opensips::base {
namespace {

TEST(Wire, IsEmptyUntilItsSizeIsSaid) {
  const auto wire = Wire::make(100);
  EXPECT_EQ(wire->size(), 0U);
  EXPECT_GE(wire->capacity(), 100U);
  EXPECT_EQ(wire->view(), "");
}

TEST(Wire, HoldsWhatWasWritten) {
  const auto wire = Wire::make(100);
  std::memcpy(wire->data(), "bytes", 5);
  wire->resize(5);
  EXPECT_EQ(wire->view(), "bytes");
}

TEST(Wire, AllOfItsRoomCanBeWritten) {
  for (const std::size_t size : {0U, 1U, 400U, 70'000U}) {
    const auto wire = Wire::make(size);
    std::memset(wire->data(), 'x', size);
    wire->resize(size);
    EXPECT_EQ(wire->view(), std::string(size, 'x'));
  }
}

TEST(Wire, LivesAsLongAsItsLastHolder) {
  WireRef second;
  {
    const auto first = Wire::make(10);
    std::memcpy(first->data(), "kept", 4);
    first->resize(4);
    second = first;
    EXPECT_EQ(second->refs(), 2U);
  }
  EXPECT_EQ(second->refs(), 1U);
  EXPECT_EQ(second->view(), "kept");
}

}  // namespace
}  // namespace opensips::base
