#include "l0_transport/dns_answer.hh"

#include <gtest/gtest.h>

#include <random>

#include "unit/l0_transport/dns_messages.hh"
#include "unit/l1_parser/fence.hh"

namespace opensips::transport {
namespace {

using namespace dns;
using Status = DnsAnswer::Status;

const DnsQuestion kHost{"host.example", DnsType::a};
const std::string kAddress("\xc0\x00\x02\x01", 4);

DnsAnswer answered(const std::vector<std::string>& answers,
                   const std::vector<std::string>& authority = {}, unsigned flags = 0x8180) {
  return read_dns_answer(message(kHost, answers, authority, flags), kHost);
}

TEST(DnsAnswer, AddressesOfTheNameAreTaken) {
  const auto answer = answered({record(pointer(kQuestionAt), DnsType::a, kAddress, 30),
                                record(name("HOST.Example"), DnsType::a, "\x01\x02\x03\x04", 20)});
  EXPECT_EQ(answer.status, Status::found);
  ASSERT_EQ(answer.addresses.size(), 2U);
  EXPECT_EQ(answer.addresses[0].host(), "192.0.2.1");
  EXPECT_EQ(answer.addresses[1].host(), "1.2.3.4");
  EXPECT_EQ(answer.ttl, 20U);
}

TEST(DnsAnswer, Ipv6AddressesAreTaken) {
  const DnsQuestion question{"host.example", DnsType::aaaa};
  const auto bytes = message(question, {record(name("host.example"), DnsType::aaaa,
                                               "\x20\x01" + std::string(13, '\0') + "\x05")});
  EXPECT_EQ(read_dns_answer(bytes, question).addresses.at(0).host(), "[2001::5]");
}

TEST(DnsAnswer, ServicesAreTaken) {
  const DnsQuestion question{"_sip._udp.example", DnsType::srv};
  const auto owner = pointer(kQuestionAt);
  const auto answer = read_dns_answer(
      message(question, {record(owner, DnsType::srv, srv(1, 2, 5060, "A.example")),
                         record(owner, DnsType::srv, srv(1, 2, 0, "no.port.example")),
                         record(owner, DnsType::srv, srv(1, 2, 5060, "no name.example")),
                         record(owner, DnsType::srv, srv(3, 0, 0, ""))}),
      question);
  ASSERT_EQ(answer.services.size(), 2U);
  EXPECT_EQ(answer.services[0].target, "a.example");
  EXPECT_EQ(answer.services[0].port, 5060);
  EXPECT_EQ(answer.services[1].target, "");
}

TEST(DnsAnswer, PointersToServicesAreTakenAndNoOthers) {
  const DnsQuestion question{"example", DnsType::naptr};
  const auto owner = pointer(kQuestionAt);
  const auto answer = read_dns_answer(
      message(question,
              {record(owner, DnsType::naptr, naptr(1, 2, "S", "SIP+D2U", "_sip._udp.example")),
               record(owner, DnsType::naptr, naptr(1, 2, "u", "E2U+sip", "x.example")),
               record(owner, DnsType::naptr, naptr(1, 2, "a", "SIP+D2U", "x.example"))}),
      question);
  ASSERT_EQ(answer.pointers.size(), 1U);
  EXPECT_EQ(answer.pointers[0].service, "sip+d2u");
  EXPECT_EQ(answer.pointers[0].replacement, "_sip._udp.example");
}

TEST(DnsAnswer, AliasesAreFollowedWithTheShortestTtl) {
  const auto answer = answered({record(name("host.example"), DnsType::cname, name("b.example"), 5),
                                record(name("b.example"), DnsType::a, kAddress, 50)});
  EXPECT_EQ(answer.status, Status::found);
  EXPECT_EQ(answer.ttl, 5U);
}

TEST(DnsAnswer, AliasWithoutItsRecordsHasToBeAskedFor) {
  const auto answer = answered({record(name("host.example"), DnsType::cname, name("b.example"))});
  EXPECT_EQ(answer.status, Status::alias);
  EXPECT_EQ(answer.alias, "b.example");
}

TEST(DnsAnswer, AliasesWithoutAnEndMakeNoSense) {
  EXPECT_EQ(answered({record(name("host.example"), DnsType::cname, name("host.example"))}).status,
            Status::malformed);
  EXPECT_EQ(answered({record(name("host.example"), DnsType::cname, name("b.example")),
                      record(name("b.example"), DnsType::cname, name("host.example"))})
                .status,
            Status::malformed);
}

TEST(DnsAnswer, RecordsOfOtherNamesAreNotBelieved) {
  EXPECT_EQ(answered({record(name("bank.example"), DnsType::a, kAddress)}).status, Status::no_data);
}

TEST(DnsAnswer, WhatIsNotThereIsSoForAsLongAsTheSoaSays) {
  const auto soa_record = record(name("example"), DnsType::soa, soa(40), 50);
  const auto none = answered({}, {soa_record}, 0x8183);
  EXPECT_EQ(none.status, Status::no_name);
  EXPECT_EQ(none.ttl, 40U);
  EXPECT_EQ(answered({}, {soa_record}).status, Status::no_data);
  EXPECT_EQ(answered({}).ttl, 0U);
}

TEST(DnsAnswer, TtlThatIsNegativeIsNone) {
  EXPECT_EQ(answered({record(pointer(kQuestionAt), DnsType::a, kAddress, 0x80000001)}).ttl, 0U);
}

TEST(DnsAnswer, ToAnotherQuestionIsMalformed) {
  const auto address = record(name("host.example"), DnsType::a, kAddress);
  EXPECT_EQ(read_dns_answer(message({"other.example", DnsType::a}, {address}), kHost).status,
            Status::malformed);
  EXPECT_EQ(read_dns_answer(message({"host.example", DnsType::srv}, {address}), kHost).status,
            Status::malformed);
}

TEST(DnsAnswer, CutOffOrNoAnswerAtAllIsMalformed) {
  const auto address = record(pointer(kQuestionAt), DnsType::a, kAddress);
  EXPECT_EQ(answered({address}, {}, 0x8380).status, Status::malformed);
  EXPECT_EQ(answered({address}, {}, 0x0180).status, Status::malformed);
  EXPECT_EQ(read_dns_answer("", kHost).status, Status::malformed);
}

TEST(DnsAnswer, ServerThatCannotSayIsNoAnswer) {
  EXPECT_EQ(answered({}, {}, 0x8182).status, Status::server_failed);
  EXPECT_FALSE(answered({}, {}, 0x8182).is_sure());
  EXPECT_TRUE(answered({}, {}, 0x8183).is_sure());
}

TEST(DnsAnswer, PointersForwardAndToThemselvesAreMalformed) {
  const auto here = static_cast<unsigned>(message(kHost, {}).size());
  for (const unsigned to : {here, here + 1, here + 200, 0x3fffU}) {
    EXPECT_EQ(answered({record(pointer(to), DnsType::a, kAddress)}).status, Status::malformed)
        << to;
  }
}

TEST(DnsAnswer, NamesThatAreTooLongAreMalformed) {
  std::string longest;
  for (int i = 0; i < 5; ++i) longest += std::string(1, '\x3f') + std::string(63, 'a');
  EXPECT_EQ(answered({record(longest + '\0', DnsType::a, kAddress)}).status, Status::malformed);
  // Each label leads to all those before: no name grows without end.
  std::string bytes = message(kHost, {});
  EXPECT_EQ(
      answered({record(std::string("\x01") + "a" + pointer(kQuestionAt), DnsType::a, kAddress)})
          .status,
      Status::no_data);
}

TEST(DnsAnswer, DataOfAWrongSizeIsMalformed) {
  const auto owner = pointer(kQuestionAt);
  EXPECT_EQ(answered({record(owner, DnsType::a, "\x01\x02\x03")}).status, Status::malformed);
  EXPECT_EQ(answered({record(owner, DnsType::cname, name("b.example") + "x")}).status,
            Status::malformed);
}

TEST(DnsAnswer, CountsThatLieAreMalformed) {
  auto bytes = message(kHost, {record(pointer(kQuestionAt), DnsType::a, kAddress)});
  bytes[7] = 2;  // one answer more than there is
  EXPECT_EQ(read_dns_answer(bytes, kHost).status, Status::malformed);
  bytes[6] = bytes[7] = '\xff';
  EXPECT_EQ(read_dns_answer(bytes, kHost).status, Status::malformed);
}

/// One of everything.
std::string rich(const DnsQuestion& question) {
  const auto owner = pointer(kQuestionAt);
  return message(
      question,
      {record(owner, DnsType::cname, name("b.example")),
       record(name("b.example"), DnsType::a, kAddress),
       record(name("b.example"), DnsType::srv, srv(1, 2, 3, "c.example")),
       record(name("b.example"), DnsType::naptr, naptr(1, 2, "s", "SIP+D2U", "_sip._udp.example"))},
      {record(name("example"), DnsType::soa, soa(1))});
}

TEST(DnsAnswer, NothingBehindTheEndIsRead) {
  for (const auto type : {DnsType::a, DnsType::srv, DnsType::naptr}) {
    const DnsQuestion question{"host.example", type};
    EXPECT_EQ(read_dns_answer(rich(question), question).status, Status::found);
    parser::samples::read_all_prefixes(
        rich(question), [&](std::string_view bytes) { read_dns_answer(bytes, question); });
  }
}

TEST(DnsAnswer, ChangedBytesHarmNobody) {
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    auto bytes = rich(kHost);
    for (int n = 0; n < 3; ++n) bytes[random() % bytes.size()] = static_cast<char>(random());
    const auto answer = read_dns_answer(bytes, kHost);
    for (const auto& one : answer.services) {
      EXPECT_TRUE(one.target.empty() || is_host_name(one.target));
    }
    if (answer.status == Status::alias) {
      EXPECT_TRUE(is_host_name(answer.alias));
    }
  }
}

TEST(HostName, HasLettersDigitsHyphensAndDotsBetween) {
  for (const char* good : {"example.com", "a", "_sip._udp.Example.com", "x-1.y"}) {
    EXPECT_TRUE(is_host_name(good)) << good;
  }
  for (const char* bad :
       {"", ".", "a.", ".a", "a..b", "a b", "a\tb", "a/b", "[::1]", "ä.example"}) {
    EXPECT_FALSE(is_host_name(bad)) << bad;
  }
  EXPECT_FALSE(is_host_name(std::string(64, 'a')));
  std::string longest = "a";
  while (longest.size() < 254) longest += ".a";
  EXPECT_FALSE(is_host_name(longest));
}

}  // namespace
}  // namespace opensips::transport
