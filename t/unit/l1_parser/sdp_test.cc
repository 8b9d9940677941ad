#include "l1_parser/sdp.hh"

#include <gtest/gtest.h>

namespace opensips::parser {
namespace {

TEST(Sdp, IsCutIntoLines) {
  SdpScanner scanner("v=0\r\ns= \na=sendrecv");
  const auto first = scanner.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->type, 'v');
  EXPECT_EQ(first->value, "0");
  EXPECT_EQ(scanner.next()->value, " ");
  EXPECT_EQ(scanner.next()->value, "sendrecv");
  EXPECT_FALSE(scanner.next());
  EXPECT_FALSE(scanner.failed());
}

TEST(Sdp, EndsAtWhatIsNoLine) {
  for (const std::string_view bad :
       {std::string_view("v"), std::string_view("=0\r\n"), std::string_view("\r\nv=0"),
        std::string_view("v 0\r\n"), std::string_view("1=0\r\n"), std::string_view("v=a\rb\r\n"),
        std::string_view("v=\0\r\n", 5)}) {
    SdpScanner scanner(bad);
    EXPECT_FALSE(scanner.next()) << bad;
    EXPECT_TRUE(scanner.failed()) << bad;
    EXPECT_FALSE(scanner.next()) << bad;
  }
}

TEST(Sdp, HasAnOrigin) {
  const auto origin = SdpOrigin::parse("jdoe 3724394400 3724394405 IN IP4 198.51.100.1");
  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->username, "jdoe");
  EXPECT_EQ(origin->session_id, "3724394400");
  EXPECT_EQ(origin->session_version, "3724394405");
  EXPECT_EQ(origin->address_type, "IP4");
  EXPECT_EQ(origin->address, "198.51.100.1");
  for (const char* const bad : {"", "- 1 1 IN IP4", "- x 1 IN IP4 a", "- 1  IN IP4 a",
                                "- 1 1 IN IP4 a b", " 1 1 IN IP4 a"}) {
    EXPECT_FALSE(SdpOrigin::parse(bad)) << bad;
  }
}

TEST(Sdp, HasConnections) {
  const auto connection = SdpConnection::parse("IN IP4 233.252.0.1/127");
  ASSERT_TRUE(connection);
  EXPECT_EQ(connection->address, "233.252.0.1/127");
  for (const char* const bad : {"", "IN", "IN IP4", "IN IP4 ", "IN IP4 a b"}) {
    EXPECT_FALSE(SdpConnection::parse(bad)) << bad;
  }
}

TEST(Sdp, HasMedia) {
  const auto media = SdpMedia::parse("audio 49170/2 RTP/AVP 0 8 101");
  ASSERT_TRUE(media);
  EXPECT_EQ(media->type, "audio");
  EXPECT_EQ(media->port, 49170);
  EXPECT_EQ(media->ports, 2);
  EXPECT_EQ(media->protocol, "RTP/AVP");
  EXPECT_EQ(media->formats, "0 8 101");
  EXPECT_EQ(SdpMedia::parse("video 0 RTP/AVP 31")->ports, 1);
  for (const char* const bad :
       {"", "audio", "audio 1 RTP/AVP", "audio x RTP/AVP 0", "audio 65536 RTP/AVP 0",
        "audio 1/0 RTP/AVP 0", "au dio 1 RTP 0", "audio -1 RTP/AVP 0"}) {
    EXPECT_FALSE(SdpMedia::parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace opensips::parser
