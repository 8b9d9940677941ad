#include "lp_routing/recording/value_json.hh"

#include <gtest/gtest.h>

#include <cmath>

namespace opensips::routing::recording {
namespace {

Json no_object(const Object&) {
  return nullptr;
}
/// What is written of a value, is read, and is written again.
std::string there_and_back(const Value& value) {
  const Json written = Json::parse(to_json(value, no_object).dump());
  const auto read = value_of(written, FunctionTable::core());
  if (!read) return "nothing of " + written.dump();
  const auto again = to_json(*read, no_object).dump();
  return again == written.dump() ? again : written.dump() + " became " + again;
}

TEST(ValueJson, ComesBackAsItWas) {
  EXPECT_EQ(there_and_back({}), "null");
  EXPECT_EQ(there_and_back(true), "true");
  EXPECT_EQ(there_and_back(-7), "-7");
  EXPECT_EQ(there_and_back(1.0), "1.0");
  EXPECT_EQ(there_and_back("J\u00e4s"), "\"J\u00e4s\"");
  EXPECT_EQ(there_and_back(std::string("a\xff\0b", 4)), R"({"$base64":"Yf8AYg=="})");
  EXPECT_EQ(there_and_back(Problem{"timed out"}), R"({"$problem":"timed out"})");
  EXPECT_EQ(there_and_back(Misuse{"x"}), R"({"$misuse":"x"})");
  EXPECT_EQ(there_and_back(Value::End{}), R"({"$end":true})");
  EXPECT_EQ(there_and_back(HUGE_VAL), R"({"$number":"inf"})");
  EXPECT_EQ(there_and_back(std::nan("")), R"({"$number":"nan"})");
  EXPECT_EQ(there_and_back(Value::List{1, "a", Value::List{}}), R"([1,"a",[]])");
  EXPECT_EQ(there_and_back(Value::Map{{"b", 1}, {"a", Value::Map{{"c", false}}}}),
            R"({"b":1,"a":{"c":false}})");
  EXPECT_EQ(there_and_back(Value::Map{{"$problem", "mine"}}), R"({"$map":[["$problem","mine"]]})");
}

TEST(ValueJson, AResponseComesBackWhole) {
  constexpr std::string_view kBytes =
      "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n"
      "To: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
  const auto read = value_of(Json{{"$response", std::string(kBytes)}}, FunctionTable::core());
  ASSERT_TRUE(read);
  const auto* const response = read->get<Value::Response>();
  ASSERT_TRUE(response);
  EXPECT_EQ((*response)->raw(), kBytes);
}

TEST(ValueJson, WhatIsNoneIsNotRead) {
  for (const char* const text :
       {R"({"$base64":"!"})", R"({"$response":"no message"})", R"({"$what":1})",
        R"({"$number":"1"})", R"({"$object":"nobody","place":0})", R"({"$object":"sql"})",
        R"({"$map":[["a"]]})", R"({"$problem":1})"}) {
    EXPECT_FALSE(value_of(Json::parse(text), FunctionTable::core())) << text;
  }
  const std::string deep(1000, '[');
  EXPECT_FALSE(value_of(Json::parse(deep + std::string(1000, ']')), FunctionTable::core()));
}

}  // namespace
}  // namespace opensips::routing::recording
