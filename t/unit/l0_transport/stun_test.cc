#include "l0_transport/stun.hh"

#include <gtest/gtest.h>

#include <string>

namespace opensips::transport {
namespace {

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    while (hex[i] == ' ') ++i;
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

// The addresses, the transaction id and the attributes of RFC 5769's samples.
constexpr std::string_view kId = "2112a442 b7e7a701 bc34d686 fa87dfae";
constexpr std::string_view kV4 = "192.0.2.1:32853";
constexpr std::string_view kV6 = "[2001:db8:1234:5678:11:2233:4455:6677]:32853";
constexpr std::string_view kSampleRequest =
    "00010058 2112a442 b7e7a701 bc34d686 fa87dfae"
    "80220010 5354554e 20746573 7420636c 69656e74"
    "00240004 6e0001ff"
    "80290008 932ff9b1 51263b36"
    "00060009 6576746a 3a683676 59202020"
    "00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2"
    "80280004 e57a3bcf";

std::string request(std::string_view attributes = {}) {
  const auto body = bytes_of(attributes);
  std::string bytes = bytes_of("0001") + std::string{'\0', static_cast<char>(body.size())};
  return bytes + bytes_of(kId) + body;
}

std::string answer(std::string_view bytes, std::string_view from = kV4) {
  const auto wire = stun_answer(bytes, *base::Address::parse_host_port(from, 0));
  return wire ? std::string(wire->view()) : "none";
}

std::string with_fingerprint(std::string bytes) {
  bytes[3] = static_cast<char>(bytes[3] + 8);
  const auto crc = stun_crc32(bytes) ^ 0x5354554e;
  bytes += bytes_of("80280004");
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(crc >> shift);
  return bytes;
}

TEST(Stun, ABindingRequestIsToldWhereItCameFrom) {
  EXPECT_EQ(answer(request()),
            bytes_of("0101000c") + bytes_of(kId) + bytes_of("00200008 0001a147 e112a643"));
  EXPECT_EQ(answer(request(), kV6),
            bytes_of("01010018") + bytes_of(kId) +
                bytes_of("00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9"));
}

TEST(Stun, TheChecksumIsThatOfZip) {
  EXPECT_EQ(stun_crc32("123456789"), 0xcbf43926U);
}

TEST(Stun, AFingerprintIsAnsweredWithOne) {
  const auto plain = answer(request());
  EXPECT_EQ(answer(with_fingerprint(request())), with_fingerprint(plain));
}

TEST(Stun, WhatHasAWrongFingerprintIsNotStun) {
  auto bytes = with_fingerprint(request());
  bytes.back() ^= 1;
  EXPECT_EQ(answer(bytes), "none");
  EXPECT_EQ(answer(request("80280004 00000000 80220000")), "none");  // not the last one
  EXPECT_EQ(answer(request("80280003 00000000")), "none");
}

/// Its PRIORITY is ICE's: nothing for us. Its FINGERPRINT is right.
TEST(Stun, TheSampleOfTheRfcAsksForWhatWeDoNotKnow) {
  EXPECT_EQ(answer(bytes_of(kSampleRequest)),
            with_fingerprint(bytes_of("01110024") + bytes_of(kId) + bytes_of("00090015 00000414") +
                             "Unknown Attribute" + bytes_of("000000 000a0002 00240000")));
}

TEST(Stun, WhatMayBeIgnoredIs) {
  const auto plain = answer(request());
  EXPECT_EQ(answer(request("80220003 61626300")), plain);  // SOFTWARE
  EXPECT_EQ(answer(request("00060003 61626300")), plain);  // USERNAME
}

TEST(Stun, OnlyAWholeBindingRequestIsAnswered) {
  const auto good = request("80220003 61626300");
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(answer(good.substr(0, size)), "none") << size;
  }
  EXPECT_EQ(answer(good + "1234"), "none");
  EXPECT_EQ(answer(request("80220005 61626364")), "none");  // longer than the message
  EXPECT_EQ(answer(request("8022ffff 61626364")), "none");
  for (const auto type : {"0011", "0101", "0111", "0003", "0000"}) {
    EXPECT_EQ(answer(bytes_of(type) + request().substr(2)), "none") << type;
  }
  auto other_cookie = request();
  other_cookie[4] = '\x20';
  EXPECT_EQ(answer(other_cookie), "none");
}

TEST(Stun, ManyUnknownAttributesDoNotMakeALongAnswer) {
  std::string attributes;
  for (int i = 0; i < 20; ++i) attributes += "00240000";
  EXPECT_LE(answer(request(attributes)).size(), 128U);
}

}  // namespace
}  // namespace opensips::transport
