#include "l1_parser/message_view.hh"

#include <gtest/gtest.h>

#include "unit/l1_parser/samples.hh"

namespace opensips::parser {
namespace {

using samples::forwarded;
using samples::good;
using samples::Request;

std::string all(const Message& message) {
  std::string text;
  EffectiveHeaders headers(message);
  while (const auto one = headers.next()) {
    text += std::string(one->name_text) + "=" + std::string(one->value) + "|";
  }
  return text;
}

base::Ref<Message> sample() {
  return good(Request{.more = "X: 1\r\nx: 2\r\nSubject: hi\r\n"}.text());
}

TEST(MessageView, ShowsWhatWouldGoOut) {
  const auto message = sample();
  auto& arena = message->arena();
  auto& edits = message->edits();
  edits.insert(arena, 0, "First", "0");
  edits.insert(arena, 0, "Second", "0");
  edits.replace(arena, 0, "Via", "v");
  edits.remove(arena, 1);
  edits.remove(arena, 7);
  edits.insert(arena, 8, "Last", "9");
  EXPECT_EQ(all(*message),
            "First=0|Second=0|Via=v|To=<sip:bob@example.com>|Call-ID=abc|CSeq=1 INVITE|X=1|x=2|"
            "Last=9|");
}

TEST(MessageView, ReadsTheNthOfAName) {
  const auto message = sample();
  EXPECT_EQ(header(*message, "x"), "1");
  EXPECT_EQ(header(*message, "X", 1), "2");
  EXPECT_EQ(header(*message, "X", 2), std::nullopt);
  EXPECT_EQ(header(*message, "s"), "hi");
  EXPECT_EQ(header(*message, "Route"), std::nullopt);
}

TEST(MessageView, SetsAndSetsAgain) {
  const auto message = sample();
  EXPECT_TRUE(set_header(*message, "X", "one", 0));
  EXPECT_TRUE(set_header(*message, "X", "two", 1));
  EXPECT_TRUE(set_header(*message, "X", "three", 1));
  EXPECT_EQ(header(*message, "X", 0), "one");
  EXPECT_EQ(header(*message, "X", 1), "three");
  EXPECT_TRUE(forwarded(*message).ends_with("X: one\r\nx: three\r\nSubject: hi\r\n\r\n"));
  EXPECT_EQ(set_header(*message, "X", "y", 2).error(), base::Error::missing);
}

TEST(MessageView, ChangesWhatItAdded) {
  const auto message = sample();
  EXPECT_TRUE(add_header(*message, "Y", "1"));
  EXPECT_TRUE(add_header(*message, "Y", "2"));
  EXPECT_TRUE(set_header(*message, "y", "changed", 0));
  EXPECT_EQ(header(*message, "Y"), "changed");
  EXPECT_TRUE(remove_header(*message, "Y", 0));
  EXPECT_EQ(header(*message, "Y"), "2");
  EXPECT_TRUE(forwarded(*message).ends_with("Subject: hi\r\nY: 2\r\n\r\n"));
  EXPECT_TRUE(remove_header(*message, "Y"));
  EXPECT_EQ(remove_header(*message, "Y").error(), base::Error::missing);
  EXPECT_EQ(message->edits().first(), nullptr);
}

TEST(MessageView, RemovesAndAddsAgain) {
  const auto message = sample();
  EXPECT_TRUE(set_header(*message, "X", "one"));
  EXPECT_EQ(remove_headers(*message, "X"), 2U);
  EXPECT_EQ(remove_headers(*message, "X"), 0U);
  EXPECT_EQ(header(*message, "X"), std::nullopt);
  EXPECT_TRUE(add_header(*message, "X", "new"));
  EXPECT_EQ(header(*message, "X"), "new");
  EXPECT_TRUE(forwarded(*message).ends_with("CSeq: 1 INVITE\r\nSubject: hi\r\nX: new\r\n\r\n"));
}

TEST(MessageView, PutsAHeaderBeforeItsLike) {
  const auto message = sample();
  EXPECT_TRUE(prepend_header(*message, "X", "0"));
  EXPECT_TRUE(prepend_header(*message, "X", "-1"));
  EXPECT_TRUE(prepend_header(*message, "Route", "<sip:r>"));
  EXPECT_EQ(header(*message, "X", 0), "-1");
  EXPECT_EQ(header(*message, "X", 1), "0");
  EXPECT_EQ(header(*message, "X", 2), "1");
  EXPECT_EQ(forwarded(*message).find("Route: <sip:r>"),
            std::string("INVITE sip:bob@example.com SIP/2.0\r\n").size());
}

TEST(MessageView, RefusesTextThatWouldBreakTheMessage) {
  const auto message = sample();
  using base::Error;
  for (const std::string& value : {std::string("a\r\nVia: b"), std::string("a\n"),
                                   std::string("\r"), std::string("a\0b", 3)}) {
    EXPECT_EQ(add_header(*message, "Y", value).error(), Error::malformed);
    EXPECT_EQ(set_header(*message, "X", value).error(), Error::malformed);
    EXPECT_EQ(prepend_header(*message, "X", value).error(), Error::malformed);
    EXPECT_FALSE(is_header_text(value));
  }
  for (const std::string& name :
       {std::string(""), std::string("a b"), std::string("a:"), std::string("a\r\nb"),
        std::string("a\0", 2), std::string("\xff")}) {
    EXPECT_EQ(add_header(*message, name, "v").error(), Error::malformed);
  }
  EXPECT_EQ(add_header(*message, "Y", std::string(8188, 'y')).error(), Error::too_large);
  EXPECT_EQ(add_header(*message, std::string(9000, 'y'), "").error(), Error::too_large);
  EXPECT_EQ(add_header(*message, "l", "5").error(), Error::refused);
  EXPECT_EQ(remove_header(*message, "Content-Length").error(), Error::refused);
  EXPECT_EQ(message->edits().first(), nullptr);
  EXPECT_TRUE(add_header(*message, "Y", std::string(8187, 'y')));
  EXPECT_TRUE(good(forwarded(*message)));
}

TEST(MessageView, KeepsItsOwnCopyOfWhatIsSet) {
  const auto message = sample();
  {
    std::string name = "Y", value = "1";
    EXPECT_TRUE(add_header(*message, name, value));
    EXPECT_TRUE(set_header(*message, "X", value));
    name = value = "-";
  }
  EXPECT_EQ(header(*message, "Y"), "1");
  EXPECT_EQ(header(*message, "X"), "1");
}

TEST(MessageView, ShowsUriMethodAndBody) {
  const auto message = good(samples::kInvite);
  EXPECT_EQ(effective_uri(*message), "sip:service@192.0.2.1:5060");
  EXPECT_EQ(effective_method(*message), "INVITE");
  EXPECT_EQ(effective_body(*message), "v=0\r\ns=");
  message->edits().set_uri("sip:x");
  message->edits().set_method("FOO");
  message->edits().set_body("");
  EXPECT_EQ(effective_uri(*message), "sip:x");
  EXPECT_EQ(effective_method(*message), "FOO");
  EXPECT_EQ(effective_body(*message), "");
}

TEST(MessageView, UnfoldsToOneBlank) {
  const auto message = good(Request{.more = "Z: a  b \r\n\t c\n d\r\n \r\n"}.text());
  const auto value = *header(*message, "Z");
  EXPECT_EQ(value, "a  b \r\n\t c\n d");
  EXPECT_EQ(unfold(message->arena(), value), "a  b c d");
  EXPECT_EQ(unfold(message->arena(), "plain  text").data(), std::string_view("plain  text").data());
}

}  // namespace
}  // namespace opensips::parser
