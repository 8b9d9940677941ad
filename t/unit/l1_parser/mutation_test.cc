#include <gtest/gtest.h>

#include "l1_parser/contact.hh"
#include "unit/l1_parser/mutations.hh"

namespace opensips::parser {
namespace {

// What we took for good we send on, and the next hop, reading as we do, has to see the same
// message.
void expect_same_when_forwarded(const Message& message) {
  const auto bytes = samples::forwarded(message);
  ASSERT_EQ(bytes, message.raw());
  const auto again = samples::good(bytes);
  ASSERT_TRUE(again);
  ASSERT_EQ(again->headers().size(), message.headers().size());
  ASSERT_EQ(again->body(), message.body());
  ASSERT_EQ(again->call_id(), message.call_id());
  ASSERT_EQ(again->from().tag, message.from().tag);
  ASSERT_EQ(again->via().text, message.via().text);
}

void expect_good_when_edited(Message& message) {
  auto& arena = message.arena();
  Draft draft;
  draft.edits.insert_first(arena, message.find(HeaderName::via), "Via",
                           "SIP/2.0/UDP us;branch=z9hG4bKus");
  draft.edits.replace(arena, message.find(HeaderName::from), "From", "<sip:x@y>;tag=z");
  draft.edits.set_body("new body");
  ASSERT_TRUE(add_header(message, "X-New", "value"));
  remove_headers(message, "Contact");
  const auto again = samples::good(samples::forwarded(message, draft));
  ASSERT_TRUE(again);
  ASSERT_EQ(again->via().host, "us");
  ASSERT_EQ(again->from().tag, "z");
  ASSERT_EQ(again->body(), "new body");
  ASSERT_EQ(header(*again, "x-new"), "value");
  ASSERT_FALSE(again->has(HeaderName::contact));
}

void read_contacts(const Message& message) {
  ContactList contacts(message);
  while (const auto contact = contacts.next()) {
    if (*contact && !(*contact)->star) static_cast<void>((*contact)->address.uri());
  }
}

void check(const std::string& bytes) {
  const auto parsed = samples::parse(bytes);
  if (!parsed.message) return;
  read_contacts(*parsed.message);
  if (parsed.fault.code != 0) {
    if (parsed.answerable) samples::replied(*parsed.message, parsed.fault.code, "tag");
    return;
  }
  ASSERT_NO_FATAL_FAILURE(expect_same_when_forwarded(*parsed.message)) << bytes;
  if (parsed.message->is_request()) {
    ASSERT_TRUE(samples::good(samples::replied(*parsed.message, 180, "tag"))) << bytes;
    static_cast<void>(write_cancel(bytes));
  }
  ASSERT_NO_FATAL_FAILURE(expect_good_when_edited(*parsed.message)) << bytes;
}

TEST(Mutations, ThatParseAreTheSameToTheNextHop) {
  samples::for_each_mutation(100000, check);
}

}  // namespace
}  // namespace opensips::parser
