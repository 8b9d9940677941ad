#include "lp_routing/recording/dns_json.hh"

#include <gtest/gtest.h>

namespace opensips::routing::recording {
namespace {

transport::DnsAnswer some() {
  transport::DnsAnswer answer;
  answer.status = transport::DnsAnswer::Status::found;
  answer.ttl = 60;
  answer.alias = "b.example";
  answer.addresses = {*base::Address::parse("192.0.2.1", 0),
                      *base::Address::parse("2001:db8::1", 0)};
  answer.services = {{1, 2, 5060, "pbx.example"}, {1, 3, 5061, ""}};
  answer.pointers = {{1, 2, "sip+d2u", "_sip._udp.example"}};
  return answer;
}

TEST(DnsJson, AnAnswerComesBackAsItWas) {
  const auto read = dns_answer_of(Json::parse(to_json(some()).dump()));
  ASSERT_TRUE(read);
  EXPECT_TRUE(is_same(*read, some()));
}

TEST(DnsJson, AnotherTtlIsTheSameAndAnotherRecordIsNot) {
  auto later = some();
  later.ttl = 1;
  EXPECT_TRUE(is_same(later, some()));
  auto service = some(), pointer = some(), shorter = some();
  service.services[1].weight = 4;
  pointer.pointers[0].replacement = "_sip._udp.b.example";
  shorter.addresses.pop_back();
  for (const auto& other : {service, pointer, shorter}) EXPECT_FALSE(is_same(other, some()));
}

TEST(DnsJson, WhatIsNoAnswerIsNotRead) {
  for (const char* const text :
       {R"([])", R"({})", R"({"status":-1})", R"({"status":4294967296})", R"({"status":99})",
        R"({"status":0,"alias":1})", R"({"status":0,"addresses":["x"]})",
        R"({"status":0,"addresses":[1]})", R"({"status":0,"addresses":{"a":"192.0.2.1"}})",
        R"({"status":0,"services":[{"a":1}]})", R"({"status":0,"services":["a"]})",
        R"({"status":0,"services":"a"})", R"({"status":0,"services":[[1,2,65536,"a"]]})",
        R"({"status":0,"services":[[1,2,3]]})", R"({"status":0,"services":[[1,2,3,{"a":1}]]})",
        R"({"status":0,"pointers":[{"a":1}]})", R"({"status":0,"pointers":[[1,2,"a"]]})",
        R"({"status":0,"pointers":[null]})"}) {
    EXPECT_FALSE(dns_answer_of(Json::parse(text))) << text;
  }
}

}  // namespace
}  // namespace opensips::routing::recording
