#include "l0_transport/ws_frames.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "unit/l0_transport/ws_client.hh"

namespace opensips::transport {
namespace {

using Found = WsReader::Found;
using Kind = Found::Kind;

constexpr std::size_t kMax = 4096;
constexpr unsigned kContinuation = 0, kBinary = 2, kClose = 8, kPing = 9, kPong = 10;

struct Seen {
  Kind kind;
  std::string bytes;
  bool by_peer = false;
  friend bool operator==(const Seen&, const Seen&) = default;
};

std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  return out << static_cast<int>(seen.kind) << (seen.by_peer ? "p" : "") << " '" << seen.bytes
             << "'";
}

/// Hands the bytes to the reader in memory of their own size: a sanitizer sees what is read beyond.
void feed(WsReader& reader, std::string_view bytes, std::vector<Seen>& seen) {
  const auto copy = std::make_unique<char[]>(bytes.size());
  std::ranges::copy(bytes, copy.get());
  reader.read({copy.get(), bytes.size()}, [&](const Found& found) {
    seen.push_back({found.kind, std::string(found.bytes), found.by_peer});
    return true;
  });
}

/// What is found in a stream that comes in pieces of that size. Answers are joined: how many pongs
/// go at a time the pieces decide.
std::vector<Seen> found_in(std::string_view stream, std::size_t piece = SIZE_MAX) {
  WsReader reader(kMax);
  std::vector<Seen> seen;
  for (; !stream.empty(); stream.remove_prefix(std::min(piece, stream.size()))) {
    feed(reader, stream.substr(0, piece), seen);
  }
  return seen;
}

std::string close_of(unsigned code) {
  return std::string("\x88\x02") + static_cast<char>(code >> 8) + static_cast<char>(code & 0xff);
}

std::vector<Seen> closed_with(unsigned code) {
  return {{Kind::close, close_of(code)}};
}

TEST(WsMessage, HasTheLengthInAsFewBytesAsItTakes) {
  const auto header = [](std::size_t size) {
    const std::string text(size, 'a');
    const auto wire = ws_message(text);
    EXPECT_EQ(wire->view().substr(wire->size() - size), text);
    return std::string(wire->view().substr(0, wire->size() - size));
  };
  EXPECT_EQ(header(0), std::string("\x81\0", 2));
  EXPECT_EQ(header(125), "\x81\x7d");
  EXPECT_EQ(header(126), std::string("\x81\x7e\0\x7e", 4));
  EXPECT_EQ(header(65535), "\x81\x7e\xff\xff");
  EXPECT_EQ(header(65536), std::string("\x81\x7f\0\0\0\0\0\x01\0\0", 10));
}

TEST(WsMessage, IsTextOnlyIfItIsUtf8) {
  EXPECT_EQ(ws_message("\xc3\xa4")->data()[0], '\x81');
  EXPECT_EQ(ws_message("\xe4")->data()[0], '\x82');
}

TEST(WsReader, UnmasksTextAndBinaryMessages) {
  EXPECT_EQ(found_in(text_frame("hello")), (std::vector<Seen>{{Kind::message, "hello"}}));
  const ClientFrame binary{.opcode = kBinary, .payload = std::string("\0\xff\x80", 3)};
  EXPECT_EQ(found_in(binary.bytes()), (std::vector<Seen>{{Kind::message, binary.payload}}));
  EXPECT_EQ(found_in(text_frame("")), (std::vector<Seen>{{Kind::message, ""}}));
}

TEST(WsReader, ReadsEveryLengthUpToTheLimit) {
  for (const std::size_t size : {1, 124, 125, 126, 127, 4095, 4096}) {
    const std::string text(size, 'x');
    EXPECT_EQ(found_in(text_frame(text)), (std::vector<Seen>{{Kind::message, text}})) << size;
  }
}

/// Everything that a client may send before it closes.
struct Sample {
  Sample() {
    add(text_frame("first"), {Kind::message, "first"});
    stream += ClientFrame{.payload = "frag", .final = false}.bytes();
    add(ClientFrame{.opcode = kPing, .payload = "you?"}.bytes(), {Kind::ping, ""});
    add({}, {Kind::answer, "\x8a\x04you?"});
    stream += ClientFrame{.opcode = kContinuation, .final = false}.bytes();
    stream += ClientFrame{.opcode = kContinuation, .payload = "men", .final = false}.bytes();
    add(ClientFrame{.opcode = kPong, .payload = "me"}.bytes(), {Kind::pong, ""});
    add(ClientFrame{.opcode = kContinuation, .payload = "ts"}.bytes(),
        {Kind::message, "fragments"});
    add(text_frame(std::string(300, 'y')), {Kind::message, std::string(300, 'y')});
    stream += ClientFrame{.payload = "\xe2\x82", .final = false}.bytes();  // half a character
    add(ClientFrame{.opcode = kContinuation, .payload = "\xac"}.bytes(),
        {Kind::message, "\xe2\x82\xac"});
    add(ClientFrame{.opcode = kClose, .payload = "\x03\xe8 bye"}.bytes(),
        {Kind::close, "\x88\x06\x03\xe8 bye", true});
  }
  void add(const std::string& bytes, Seen found) {
    stream += bytes;
    all.push_back(std::move(found));
  }
  std::string stream;
  std::vector<Seen> all;
};

TEST(WsReader, FindsTheSameByteByByte) {
  const Sample sample;
  EXPECT_EQ(found_in(sample.stream, 1), sample.all);
}

TEST(WsReader, FindsTheSameHoweverItIsSplitInTwo) {
  const Sample sample;
  const auto sorted = [](std::vector<Seen> seen) {  // pongs go when the piece is worked off
    std::ranges::stable_partition(seen, [](const Seen& one) { return one.kind != Kind::answer; });
    return seen;
  };
  for (std::size_t at = 0; at <= sample.stream.size(); ++at) {
    WsReader reader(kMax);
    std::vector<Seen> seen;
    feed(reader, std::string_view(sample.stream).substr(0, at), seen);
    feed(reader, std::string_view(sample.stream).substr(at), seen);
    // One that has a Close behind it in the same piece is not answered any more.
    auto expected = sorted(sample.all);
    if (std::ranges::count(seen, Kind::answer, &Seen::kind) == 0) {
      std::erase_if(expected, [](const Seen& one) { return one.kind == Kind::answer; });
    }
    ASSERT_EQ(sorted(seen), expected) << "split at " << at;
  }
}

TEST(WsReader, HoldsNothingBetweenTwoFrames) {
  const Sample sample;
  WsReader reader(kMax);
  std::vector<Seen> seen;
  EXPECT_FALSE(reader.inside());
  feed(reader, text_frame("a") + text_frame("b"), seen);
  EXPECT_FALSE(reader.inside());
  feed(reader, text_frame("a").substr(0, 1), seen);
  EXPECT_TRUE(reader.inside());
  feed(reader, text_frame("a").substr(1), seen);
  EXPECT_FALSE(reader.inside());
  feed(reader, ClientFrame{.payload = "a", .final = false}.bytes(), seen);
  EXPECT_TRUE(reader.inside());
  feed(reader, ClientFrame{.opcode = kPing}.bytes(), seen);
  EXPECT_TRUE(reader.inside());
  feed(reader, ClientFrame{.opcode = kContinuation, .payload = "a"}.bytes(), seen);
  EXPECT_FALSE(reader.inside());
  EXPECT_LT(reader.held(), 64U);
}

TEST(WsReader, WhatIsAgainstTheProtocolClosesWith1002) {
  const std::string long_ping =
      ClientFrame{.opcode = kPing, .payload = std::string(126, 'x')}.bytes();
  for (const auto& bytes : {
           ClientFrame{.payload = "unmasked", .masked = false}.bytes(),
           ClientFrame{.opcode = kPing, .masked = false}.bytes(),
           ClientFrame{.payload = "reserved", .reserved = 4}.bytes(),
           ClientFrame{.payload = "reserved", .reserved = 2}.bytes(),
           ClientFrame{.payload = "reserved", .reserved = 1}.bytes(),
           ClientFrame{.opcode = 3, .payload = "unknown"}.bytes(),
           ClientFrame{.opcode = 11, .payload = "unknown"}.bytes(),
           ClientFrame{.opcode = kContinuation, .payload = "of nothing"}.bytes(),
           ClientFrame{.payload = "a", .final = false}.bytes() + text_frame("another"),
           ClientFrame{.opcode = kPing, .final = false}.bytes(), long_ping,
           ClientFrame{.opcode = kClose, .payload = "\x03\xed"}.bytes(),              // 1005
           ClientFrame{.opcode = kClose, .payload = std::string("\0\0", 2)}.bytes(),  // 0
           ClientFrame{.opcode = kClose, .payload = "\xff\xff"}.bytes(),
           std::string("\x81\xfe\0\x05", 4) + "mask?????",  // a length in too many bytes
           std::string("\x81\xff\0\0\0\0\0\0\x01\0", 10) + "mask?????",  // likewise
           std::string("\x81\xff\x80\0\0\0\0\0\0\0", 10) + "mask?????",  // negative
       }) {
    for (const std::size_t piece : {SIZE_MAX, std::size_t{1}}) {
      EXPECT_EQ(found_in(bytes + text_frame("more"), piece), closed_with(1002)) << bytes;
    }
  }
}

TEST(WsReader, TextThatIsNoUtf8ClosesWith1007) {
  for (const auto& bytes : {text_frame("\xff"), text_frame("half \xe2\x82"),
                            ClientFrame{.payload = "\xe2", .final = false}.bytes() +
                                ClientFrame{.opcode = kContinuation, .payload = "x"}.bytes()}) {
    EXPECT_EQ(found_in(bytes), closed_with(1007)) << bytes;
    EXPECT_EQ(found_in(bytes, 1), closed_with(1007)) << bytes;
  }
  EXPECT_EQ(found_in(ClientFrame{.opcode = kClose, .payload = "\x03\xe8\xff"}.bytes()),
            closed_with(1007));
}

TEST(WsReader, MoreThanTheLimitClosesWith1009BeforeItIsThere) {
  const auto whole = text_frame(std::string(kMax + 1, 'x'));
  EXPECT_EQ(found_in(whole), closed_with(1009));
  EXPECT_EQ(found_in(whole.substr(0, 9)), closed_with(1009));
  EXPECT_EQ(found_in(std::string("\x82\xff\0\0\0\x7f\xff\xff\xff\xff", 10) + "mask?"),
            closed_with(1009));
  // In fragments, each of them good alone.
  auto fragments = ClientFrame{.payload = std::string(kMax, 'x'), .final = false}.bytes();
  const auto last = ClientFrame{.opcode = kContinuation, .payload = "x"}.bytes();
  EXPECT_EQ(found_in(fragments + last), closed_with(1009));
  EXPECT_EQ(found_in(fragments + last, 1), closed_with(1009));
}

TEST(WsReader, ManySmallFragmentsHoldWhatTheyCarryAndNoMore) {
  WsReader reader(kMax);
  std::vector<Seen> seen;
  auto bytes = ClientFrame{.final = false}.bytes();
  for (std::size_t i = 0; i < kMax; ++i) {
    bytes += ClientFrame{.opcode = kContinuation, .payload = "x", .final = false}.bytes();
  }
  feed(reader, bytes, seen);
  EXPECT_LE(reader.held(), 2 * kMax);
  feed(reader, ClientFrame{.opcode = kContinuation}.bytes(), seen);
  EXPECT_EQ(seen, (std::vector<Seen>{{Kind::message, std::string(kMax, 'x')}}));
}

TEST(WsReader, AnswersAPingWithWhatItCarries) {
  const std::string payload(125, 'p');
  EXPECT_EQ(found_in(ClientFrame{.opcode = kPing, .payload = payload}.bytes()),
            (std::vector<Seen>{{Kind::ping, ""}, {Kind::answer, "\x8a\x7d" + payload}}));
}

TEST(WsReader, AnswersACloseWithItsOwnCodeAndReadsNoMore) {
  const auto closed = [](const std::string& payload) {
    return found_in(ClientFrame{.opcode = kClose, .payload = payload}.bytes() + text_frame("more"));
  };
  EXPECT_EQ(closed("\x03\xe9"), (std::vector<Seen>{{Kind::close, close_of(1001), true}}));
  EXPECT_EQ(closed("\x0f\xa0"), (std::vector<Seen>{{Kind::close, close_of(4000), true}}));
  EXPECT_EQ(closed(""), (std::vector<Seen>{{Kind::close, std::string("\x88\0", 2), true}}));
}

TEST(WsReader, StopsWhenNobodyWantsMore) {
  WsReader reader(kMax);
  int count = 0;
  const auto take = [&](const Found&) { return ++count < 2; };
  const auto bytes = text_frame("a") + text_frame("b") + text_frame("c");
  reader.read(bytes, take);
  reader.read(bytes, take);
  EXPECT_EQ(count, 2);
  EXPECT_FALSE(reader.inside());
}

TEST(WsReader, SurvivesWhateverComes) {
  const Sample sample;
  std::mt19937 random(11);
  for (int round = 0; round < 5000; ++round) {
    auto bytes = sample.stream;
    for (unsigned i = random() % 6; i-- > 0;) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    WsReader reader(kMax);
    std::vector<Seen> seen;
    const std::size_t piece = 1 + random() % 40;
    for (std::string_view left = bytes; !left.empty();) {
      feed(reader, left.substr(0, piece), seen);
      left.remove_prefix(std::min(piece, left.size()));
    }
    for (std::size_t i = 0; i < seen.size(); ++i) {
      ASSERT_LE(seen[i].bytes.size(), kMax);
      ASSERT_TRUE(seen[i].kind != Kind::close || i + 1 == seen.size());
    }
  }
}

}  // namespace
}  // namespace opensips::transport
