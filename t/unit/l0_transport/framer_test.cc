#include "l0_transport/framer.hh"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "l0_transport/stream_reader.hh"
#include "l1_parser/message.hh"
#include "unit/l1_parser/samples.hh"

namespace opensips::transport {
namespace {

using Frame = Framer::Frame;
using Kind = Frame::Kind;

constexpr std::size_t kMax = 4096;

std::string message(std::string_view headers, std::string_view body = "") {
  return "OPTIONS sip:a@192.0.2.1 SIP/2.0\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

struct Seen {
  Kind kind;
  std::string bytes;
  friend bool operator==(const Seen&, const Seen&) = default;
};

std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  return out << static_cast<int>(seen.kind) << " '" << seen.bytes << "'";
}

/// All frames of a stream that comes in these pieces.
std::vector<Seen> frames_of(const std::vector<std::string_view>& pieces, std::size_t max = kMax) {
  std::vector<Seen> seen;
  StreamReader reader(max);
  for (const auto piece : pieces) {
    const std::string copy(piece);  // a sanitizer sees what is read beyond it
    const bool good = reader.read(copy, [&](const Frame& frame) {
      seen.push_back({frame.kind, std::string(frame.bytes)});
      return true;
    });
    if (!good) break;
  }
  return seen;
}

std::vector<Seen> frames_of(std::string_view stream) {
  return frames_of(std::vector{stream});
}

/// Everything that a stream may hold, and what it is.
struct Sample {
  Sample() {
    add(Kind::message, message("Content-Length: 0\r\n"));
    add(Kind::ping, "\r\n\r\n");
    add(Kind::message, message("l:5\r\nX: y\r\n", "hello"));
    stream += "\r\n";
    add(Kind::message, message("CONTENT-length \t: \t 3 \r\n", "\r\n\r"));
    add(Kind::ping, "\r\n\r\n");
    add(Kind::ping, "\r\n\r\n");
    add(Kind::message, message("Content-Length:\r\n  2\r\n", "ab"));
    add(Kind::message, "SIP/2.0 200 OK\nContent-Length: 4\nX: y\n\nbody");
    add(Kind::message, message("X: 1,\r\n l: 9,\r\n\t\r\nL: 0\r\n"));
    stream += "\r\n";
  }
  void add(Kind kind, std::string bytes) {
    stream += bytes;
    frames.push_back({kind, kind == Kind::ping ? "" : bytes});
  }
  std::string stream;
  std::vector<Seen> frames;
};

TEST(Framer, CutsAStreamIntoItsMessages) {
  const Sample sample;
  EXPECT_EQ(frames_of(sample.stream), sample.frames);
}

TEST(Framer, CutsItTheSameHoweverItIsSplitInTwo) {
  const Sample sample;
  for (std::size_t at = 0; at <= sample.stream.size(); ++at) {
    const std::string_view all = sample.stream;
    ASSERT_EQ(frames_of({all.substr(0, at), all.substr(at)}), sample.frames) << "split at " << at;
  }
}

TEST(Framer, CutsItTheSameHoweverItIsSplit) {
  const Sample sample;
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    std::vector<std::string_view> pieces;
    const std::size_t most = 1 + random() % 40;
    for (std::string_view left = sample.stream; !left.empty();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % most, left.size());
      pieces.push_back(left.substr(0, size));
      left.remove_prefix(size);
    }
    ASSERT_EQ(frames_of(pieces), sample.frames) << "round " << round;
  }
}

TEST(Framer, HeadersWithoutAUsableContentLengthAreBroken) {
  for (const char* headers :
       {"X: y\r\n", "Content-Length: five\r\n", "Content-Length: -1\r\n", "Content-Length: \r\n",
        "Content-Length: 4294967301\r\n", "Content-Length: 18446744073709551616\r\n",
        "Content-Length: 0\r\nl: 0\r\n", "Content-Length: 3\r\nContent-Length: 5\r\n",
        "Content-Length: 1 2\r\n", "Content-Length: +1\r\n", "Content-Length: 1,1\r\n",
        "Content-Length 5\r\n", " Content-Length: 5\r\n", "Content-Lengths: 5\r\n"}) {
    const auto text = message(headers);
    EXPECT_EQ(frames_of(text + "\r\n\r\n"), (std::vector<Seen>{{Kind::broken, text}})) << headers;
  }
}

TEST(Framer, MessageBeyondTheLimitIsBrokenOnceItsHeadersAreThere) {
  const auto headers = message("Content-Length: 5000\r\n");
  EXPECT_EQ(frames_of(headers), (std::vector<Seen>{{Kind::broken, headers}}));
  const auto huge = message("Content-Length: 2147483648\r\n");
  EXPECT_EQ(frames_of(huge), (std::vector<Seen>{{Kind::broken, huge}}));
}

TEST(Framer, MessageOfJustTheLimitIsTaken) {
  const auto front = message("Content-Length: 4000\r\n");
  const std::string body(4000, 'x');
  const std::size_t size = front.size() + body.size();
  EXPECT_EQ(frames_of({front, body}, size), (std::vector<Seen>{{Kind::message, front + body}}));
  EXPECT_EQ(frames_of({front, body}, size - 1), (std::vector<Seen>{{Kind::broken, front}}));
}

TEST(Framer, HeadersThatDoNotEndAreBrokenAtTheLimit) {
  const auto endless = message("X: " + std::string(2 * kMax, 'x'));
  std::vector<std::string_view> octets;
  for (const char& c : endless) octets.emplace_back(&c, 1);
  const auto seen = frames_of(octets);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].kind, Kind::broken);
  EXPECT_EQ(seen[0].bytes, endless.substr(0, kMax + 1));
}

TEST(Framer, WhatIsNotSipIsGarbage) {
  for (const std::string_view stream :
       {std::string_view("\x16\x03\x01\x02\x00"), std::string_view("\0\1", 2),
        std::string_view("GET / HTTP/1.1\r\n"), std::string_view("hello\n"),
        std::string_view(" OPTIONS sip:a SIP/2.0\r\n"), std::string_view("\r\n\x80\r\n\r\n")}) {
    const auto seen = frames_of(stream);
    ASSERT_EQ(seen.size(), 1U) << stream;
    EXPECT_EQ(seen[0].kind, Kind::garbage) << stream;
  }
}

TEST(Framer, LineEndsAloneLeaveNothingBehind) {
  Framer framer(kMax);
  const auto frame = framer.next("\r\n\n\r\r\n");
  EXPECT_EQ(frame.kind, Kind::more);
  EXPECT_EQ(frame.used, 6U);
  EXPECT_FALSE(framer.inside());
}

TEST(Framer, AgreesWithTheParserOnWhereAMessageEnds) {
  const base::Flow flow{*base::Address::parse("192.0.2.9", 5060), 0, base::Transport::tcp};
  for (const char* more :
       {"Content-Length: 4\r\n", "l: 4\r\n", "L : 4\r\n", "content-length:\t4\t\r\n",
        "Content-Length:\r\n 4\r\n", "Content-Length: 4\n", "X: y\r\n l: 9\r\nl: 4\r\n",
        "Content-Length: 0004\r\n", "l: 4\r\nContent-Length: 4\r\n", "l: 04x\r\n", "l:\r\n",
        "l: 4, 4\r\n", "X: y\r\n", "l 4\r\n", "l: 999999999999\r\n", "l: 70000\r\n"}) {
    const auto text = parser::samples::Request{.more = more, .body = "body"}.text();
    const auto parsed = parser::Message::parse(text + text, flow);
    const auto seen = frames_of({text + text}, 65535);
    ASSERT_FALSE(seen.empty()) << more;
    if (seen[0].kind == Kind::broken) {
      EXPECT_NE(parsed.fault.code, 0) << more;
    } else {
      EXPECT_EQ(parsed.fault.code, 0) << more;
      EXPECT_EQ(seen[0].bytes, text) << more;
      EXPECT_EQ(seen[0].bytes.size(), parsed.message->raw().size()) << more;
    }
  }
}

TEST(StreamReader, MemoryIsGivenBackWhenAMessageIsWhole) {
  StreamReader reader(65535);
  const auto take = [](const Frame&) { return true; };
  const auto text = message("Content-Length: 20000\r\n", std::string(20000, 'x'));
  EXPECT_TRUE(reader.read(std::string_view(text).substr(0, 15000), take));
  EXPECT_TRUE(reader.inside());
  EXPECT_GE(reader.held(), 15000U);
  EXPECT_TRUE(reader.read(std::string_view(text).substr(15000), take));
  EXPECT_FALSE(reader.inside());
  EXPECT_EQ(reader.held(), 0U);
}

TEST(StreamReader, WholeMessageIsFramedWhereItWasRead) {
  StreamReader reader(65535);
  const auto text = message("Content-Length: 0\r\n");
  const char* at = nullptr;
  EXPECT_TRUE(reader.read(text, [&](const Frame& frame) { return (at = frame.bytes.data()); }));
  EXPECT_EQ(at, text.data());
  EXPECT_EQ(reader.held(), 0U);
}

TEST(StreamReader, StopsWhereItIsTold) {
  StreamReader reader(65535);
  const auto text = message("Content-Length: 0\r\n");
  int count = 0;
  EXPECT_FALSE(reader.read(text + text, [&](const Frame&) { return ++count < 1; }));
  EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace opensips::transport
