#include <gtest/gtest.h>

#include "unit/l1_parser/mutations.hh"
#include "unit/l1_parser/promises.hh"

namespace opensips::parser {
namespace {

TEST(Mutations, BreakNoPromiseOfTheParser) {
  samples::for_each_mutation(100000, [](const std::string& bytes) {
    ASSERT_STREQ(samples::message_promise(bytes), nullptr) << bytes;
  });
}

}  // namespace
}  // namespace opensips::parser
