#include "l1_parser/writer.hh"

#include <gtest/gtest.h>

#include <string>

#include "unit/l1_parser/samples.hh"

namespace opensips::parser {
namespace {

using samples::forwarded;
using samples::good;
using samples::replaced;
using samples::Request;

TEST(Writer, ForwardsByteForByte) {
  for (const std::string& text :
       {samples::kInvite, samples::kOk,
        replaced(Request{.more = "Z: a\r\n b\r\n", .body = "x"}.text(), "\r\n", "\n"),
        Request{.via = "VIA  :SIP/2.0/UDP h  ", .more = "Z: a\r\n  b \r\n\t\r\n~:\t\xff\r\n"}
            .text(),
        Request{.body = std::string("\0\r\n\r\n\xff", 6)}.text()}) {
    const auto message = good(text);
    ASSERT_TRUE(message) << text;
    EXPECT_EQ(forwarded(*message), text);
  }
}

TEST(Writer, LeavesOutWhatIsBehindTheBody) {
  const auto message = good("\r\n" + samples::kInvite + "INVITE");
  EXPECT_EQ(forwarded(*message), samples::kInvite);
}

TEST(Writer, ChangesTheStartLine) {
  const auto message = good(samples::kInvite);
  Draft draft;
  draft.edits.set_uri("sip:bob@192.0.2.9");
  const auto rest = samples::kInvite.substr(samples::kInvite.find("\r\n"));
  EXPECT_EQ(forwarded(*message, draft), "INVITE sip:bob@192.0.2.9 SIP/2.0" + rest);
  message->edits().set_uri("sip:carol@192.0.2.9");
  message->edits().set_method("FOO");
  EXPECT_EQ(forwarded(*message, draft), "FOO sip:bob@192.0.2.9 SIP/2.0" + rest);
  EXPECT_EQ(forwarded(*message), "FOO sip:carol@192.0.2.9 SIP/2.0" + rest);
}

TEST(Writer, AppliesEditsAtEveryPlace) {
  const auto message = good(Request{.body = "b"}.text());
  auto& arena = message->arena();
  Draft draft;
  draft.edits.insert_first(arena, 0, "Via", "SIP/2.0/UDP us");
  draft.edits.insert(arena, 0, "Record-Route", "<sip:us;lr>");
  draft.edits.replace(arena, 3, "i", "new");
  draft.edits.remove(arena, 1);
  draft.edits.remove(arena, 4);
  draft.edits.insert(arena, 5, "X-Last", "1");
  EXPECT_EQ(forwarded(*message, draft),
            "INVITE sip:bob@example.com SIP/2.0\r\n"
            "Via: SIP/2.0/UDP us\r\n"
            "Record-Route: <sip:us;lr>\r\n"
            "Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKx\r\n"
            "To: <sip:bob@example.com>\r\n"
            "i: new\r\n"
            "X-Last: 1\r\n\r\nb");
}

TEST(Writer, MergesTheEditsOfMessageAndDraft) {
  const auto message = good(Request{}.text());
  auto& arena = message->arena();
  auto& own = message->edits();
  own.insert(arena, 0, "X", "own");
  own.replace(arena, 0, "Via", "own");
  own.remove(arena, 1);
  own.replace(arena, 2, "To", "own");
  own.insert(arena, 5, "X", "own last");
  Draft draft;
  draft.edits.insert(arena, 0, "X", "draft");
  draft.edits.replace(arena, 1, "From", "draft");
  draft.edits.remove(arena, 2);
  draft.edits.replace(arena, 3, "Call-ID", "draft");
  draft.edits.insert(arena, 5, "X", "draft last");
  EXPECT_EQ(forwarded(*message, draft),
            "INVITE sip:bob@example.com SIP/2.0\r\n"
            "X: draft\r\nX: own\r\nVia: own\r\nFrom: draft\r\nCall-ID: draft\r\n"
            "CSeq: 1 INVITE\r\nX: draft last\r\nX: own last\r\n\r\n");
}

TEST(Writer, MakesContentLengthFollowTheBody) {
  Draft draft;
  draft.edits.set_body("longer body");
  EXPECT_TRUE(forwarded(*good(samples::kInvite), draft)
                  .ends_with("\r\nContent-Length: 11\r\n\r\nlonger body"));
  const auto compact = good(Request{.more = "l: 0\r\nX: y\r\n"}.text());
  EXPECT_TRUE(forwarded(*compact, draft).ends_with("\r\nl: 11\r\nX: y\r\n\r\nlonger body"));
  const auto none = good(Request{.body = "old"}.text());
  EXPECT_TRUE(forwarded(*none, draft).ends_with("INVITE\r\nContent-Length: 11\r\n\r\nlonger body"));

  none->edits().set_body("of the message");
  EXPECT_TRUE(forwarded(*none).ends_with("Content-Length: 14\r\n\r\nof the message"));
  EXPECT_TRUE(forwarded(*none, draft).ends_with("Content-Length: 11\r\n\r\nlonger body"));
  draft.edits.set_body("");
  EXPECT_TRUE(forwarded(*none, draft).ends_with("Content-Length: 0\r\n\r\n"));
}

TEST(Writer, MakesContentLengthFollowWhateverWasEdited) {
  const auto message = good(samples::kInvite);
  const auto place = message->find(HeaderName::content_length);
  message->edits().remove(message->arena(), place);
  Draft draft;
  draft.edits.replace(message->arena(), place, "Content-Length", "99");
  draft.edits.set_body("abc");
  EXPECT_TRUE(forwarded(*message, draft).ends_with("sdp\r\nContent-Length: 3\r\n\r\nabc"));
}

TEST(Writer, ForwardsAMessageThatParsesAgain) {
  const auto message = good(samples::kInvite);
  auto& arena = message->arena();
  Draft draft;
  draft.edits.insert_first(arena, 0, "Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKnew");
  draft.edits.replace(arena, message->find(HeaderName::max_forwards), "Max-Forwards", "69");
  const auto again = good(forwarded(*message, draft));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->via().branch, "z9hG4bKnew");
  EXPECT_EQ(again->max_forwards(), 69U);
  EXPECT_EQ(again->headers().size(), message->headers().size() + 1);
}

TEST(Writer, TakesLittleMoreRoomThanItNeeds) {
  const auto message = good(samples::kInvite);
  const auto wire = write(*message, Draft{});
  EXPECT_LE(wire->capacity() - wire->size(), 32U);
}

/// Two headers at every place, so that what is written around their names and values counts for
/// more than the start line that goes.
void grow(Edits& edits, Message& message) {
  static const std::string kText(300, 'x');
  edits.set_method(kText);
  edits.set_uri(kText);
  for (std::size_t place = 0; place <= message.headers().size(); ++place) {
    edits.insert(message.arena(), place, kText, kText);
    edits.insert(message.arena(), place, "X", "y");
  }
}

void expect_no_more_room_than(const base::Wire& wire, std::size_t spare) {
  ASSERT_LE(wire.size(), wire.capacity());
  EXPECT_LE(wire.capacity() - wire.size(), spare);
}

TEST(Writer, HasRoomForWhatTheMessagesEditsAdd) {
  const auto message = good(samples::kInvite);
  grow(message->edits(), *message);
  expect_no_more_room_than(*write(*message, Draft{}), 32 + samples::kInvite.find("\r\n") + 2);
}

TEST(Writer, HasRoomForWhatTheDraftsEditsAdd) {
  const auto message = good(samples::kInvite);
  Draft draft;
  grow(draft.edits, *message);
  expect_no_more_room_than(*write(*message, draft), 32 + samples::kInvite.find("\r\n") + 2);
}

TEST(Writer, HasRoomForAnotherBodyAndItsLength) {
  const auto message = good(Request{.body = "old"}.text());
  Draft draft;
  const std::string body(300, 'x');
  draft.edits.set_body(body);
  expect_no_more_room_than(*write(*message, draft), 32 + std::string_view("old").size());
}

TEST(Writer, HasRoomForAStatusLineThatEndedInALineFeedAlone) {
  const auto message = good(replaced(samples::kOk, "\r\n", "\n"));
  ASSERT_TRUE(message);
  Draft draft;
  draft.code = 202;
  const auto wire = write(*message, draft);
  EXPECT_TRUE(wire->view().starts_with("SIP/2.0 202 OK\r\nVia: ")) << wire->view();
  expect_no_more_room_than(*wire, 32);
}

}  // namespace
}  // namespace opensips::parser
