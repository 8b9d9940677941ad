#include "lp_routing/functions/waiting.hh"

#include <gtest/gtest.h>

#include <string>

namespace opensips::routing {
namespace {

TEST(Waiting, OwnedValuesKeepTheirTextHoweverDeep) {
  std::string text = "a text that is long enough to be on the heap";
  Value value = owned(Value::List{std::string_view(text),
                                  Value::Map{{"name", std::string_view(text)}, {"number", 7}}});
  const std::string before = text;
  text.assign(text.size(), '#');

  const auto& list = *value.get<Value::List>();
  EXPECT_EQ(*list[0].get<std::string>(), before);
  const auto& map = *list[1].get<Value::Map>();
  EXPECT_EQ(*map[0].value.get<std::string>(), before);
  EXPECT_EQ(*map[1].value.get<std::int64_t>(), 7);
}

TEST(Waiting, AWakerOfNothingWakesNothing) {
  EXPECT_FALSE(Waker().wake("text"));
}

}  // namespace
}  // namespace opensips::routing
