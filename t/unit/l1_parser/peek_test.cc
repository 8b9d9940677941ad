#include "l1_parser/peek.hh"

#include <gtest/gtest.h>

#include <random>

#include "unit/l1_parser/samples.hh"

namespace opensips::parser {
namespace {

using Kind = Peek::Kind;

TEST(Peek, TellsKindsApart) {
  EXPECT_EQ(peek(samples::kInvite).kind, Kind::request);
  EXPECT_EQ(peek(samples::kOk).kind, Kind::response);
  EXPECT_EQ(peek("\r\n\r\n").kind, Kind::crlf);
  EXPECT_EQ(peek("\n").kind, Kind::crlf);
  EXPECT_EQ(peek("").kind, Kind::garbage);
  EXPECT_EQ(peek(" ").kind, Kind::garbage);
  EXPECT_EQ(peek("GET / HTTP/1.1\r\n\r\n").kind, Kind::garbage);
  EXPECT_EQ(peek("INVITE sip:a@b SIP/2.0").kind, Kind::garbage);
  EXPECT_EQ(peek("\r\nINVITE sip:a@b SIP/2.0\r\n").kind, Kind::request);
}

TEST(Peek, KnowsStun) {
  std::string stun("\0\1\0\0\x21\x12\xa4\x42", 8);
  EXPECT_EQ(peek(stun).kind, Kind::garbage);
  stun.append(12, 'x');
  EXPECT_EQ(peek(stun).kind, Kind::stun);
  stun[0] = 1;
  EXPECT_EQ(peek(stun).kind, Kind::stun);
  stun[0] = 2;
  EXPECT_EQ(peek(stun).kind, Kind::garbage);
}

TEST(Peek, FindsTheCallId) {
  EXPECT_EQ(peek(samples::kInvite).call_id, "1-28815@192.0.2.7");
  const std::string start = "INVITE sip:a@b SIP/2.0\r\n";
  EXPECT_EQ(peek(start + "i:x\r\n\r\n").call_id, "x");
  EXPECT_EQ(peek(start + "cALL-iD  :\r\n  x \r\n\r\n").call_id, "x");
  EXPECT_EQ(peek(start + "X: Call-ID: y\r\n Call-ID: z\r\nCall-ID: x\r\n").call_id, "x");
  EXPECT_EQ(peek(start + "Call-ID: x").call_id, "");
  EXPECT_EQ(peek(start + "\r\nCall-ID: x\r\n").call_id, "");
  EXPECT_EQ(peek(start + "Call-ID: x\r\nCall-ID: y\r\n").call_id, "x");
}

// What peek() says decides whose message it is, what parse() says where its call is looked up.
void expect_agreement(const std::string& bytes) {
  const auto seen = peek(bytes);
  const auto parsed = samples::parse(bytes);
  ASSERT_EQ(seen.kind == Kind::request || seen.kind == Kind::response, bool(parsed.message));
  if (!parsed.message) return;
  ASSERT_EQ(seen.kind == Kind::request, parsed.message->is_request());
  if (!parsed.message->call_id().empty()) ASSERT_EQ(seen.call_id, parsed.message->call_id());
}

std::string mutated(std::string text, std::mt19937& random) {
  constexpr std::string_view kPieces[] = {"\r\n", "\n",  "\r",   " ",  ":",           "\t",  "Call-ID: z\r\n",
                                          "i:",   ",",   "\r\n ", ";",  "\r\n\r\n",    "\"",  "Call-ID",
                                          "<",    "\\",  "SIP/2.0", "I: y\n", "call-id :\r\n q\r\n"};
  for (auto count = random() % 4 + 1; count > 0; --count) {
    const auto at = random() % (text.size() + 1);
    switch (random() % 5) {
      case 0: text.insert(at, kPieces[random() % std::size(kPieces)]); break;
      case 1: text.erase(at, random() % 8); break;
      case 2: text.insert(at, 1, static_cast<char>(random())); break;
      case 3: text.insert(at, text.substr(random() % text.size(), random() % 60)); break;
      default:
        if (at < text.size()) text[at] = static_cast<char>(random());
    }
    if (text.empty()) text = "x";
  }
  return text;
}

TEST(Peek, AgreesWithTheParserOnMutations) {
  constexpr unsigned kSeed = 3261;
  std::mt19937 random(kSeed);
  const std::string samples[] = {
      samples::kInvite, samples::kOk,
      samples::Request{.call_id = "CALL-ID :\r\n  abc@host \r\n \r\n", .more = "i: no\r\n"}.text(),
      samples::replaced(samples::kInvite, "\r\n", "\n")};
  for (int round = 0; round < 200000; ++round) {
    const auto bytes = mutated(samples[random() % std::size(samples)], random);
    ASSERT_NO_FATAL_FAILURE(expect_agreement(bytes)) << "round " << round << "\n" << bytes;
  }
}

}  // namespace
}  // namespace opensips::parser
