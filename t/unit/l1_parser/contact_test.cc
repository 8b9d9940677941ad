#include "l1_parser/contact.hh"

#include <gtest/gtest.h>

#include "unit/l1_parser/samples.hh"

namespace opensips::parser {
namespace {

TEST(Contact, HasItsQAndExpires) {
  const auto contact =
      Contact::parse("\"Q\" <sip:a@b;expires=1> ; newparam = x ; q = 0.33;expires=60");
  ASSERT_TRUE(contact);
  EXPECT_EQ(contact->address.uri_text, "sip:a@b;expires=1");
  EXPECT_EQ(contact->q, 330);
  EXPECT_EQ(contact->expires, 60U);
  EXPECT_FALSE(contact->star);
  const auto bare = Contact::parse("sip:a@b");
  EXPECT_EQ(bare->q, std::nullopt);
  EXPECT_EQ(bare->expires, std::nullopt);
}

TEST(Contact, MayBeTheStar) {
  EXPECT_TRUE(Contact::parse("*")->star);
  EXPECT_FALSE(Contact::parse("**"));
  EXPECT_FALSE(Contact::parse("*;expires=0"));
}

TEST(Contact, ReadsExpiresAsTheRfcSays) {
  EXPECT_EQ(Contact::parse("<sip:a@b>;expires=280297596632815")->expires, 0xffffffffU);
  EXPECT_EQ(Contact::parse("<sip:a@b>;expires=4294967295")->expires, 0xffffffffU);
  EXPECT_EQ(Contact::parse("<sip:a@b>;expires=\"60\"")->expires, 60U);
  EXPECT_EQ(Contact::parse("<sip:a@b>;expires=soon")->expires, 3600U);
  EXPECT_EQ(Contact::parse("<sip:a@b>;expires")->expires, 3600U);
  EXPECT_EQ(Contact::parse("<sip:a@b>;expires=-1")->expires, 3600U);
  EXPECT_EQ(Contact::parse("<sip:a@b>;expires=0")->expires, 0U);
}

TEST(Contact, ReadsQvalues) {
  const std::pair<const char*, int> good[] = {{"0", 0},     {"1", 1000},     {"0.5", 500},
                                              {"0.001", 1}, {"1.000", 1000}, {"0.", 0},
                                              {".5", 500},  {"0.70000", 700}};
  for (const auto& [text, q] : good) EXPECT_EQ(parse_q(text), q) << text;
  for (const char* text : {"", ".", "1.1", "2", "-1", "0.x", "0.5.5", "00", "1.001"}) {
    EXPECT_EQ(parse_q(text), std::nullopt) << text;
  }
  EXPECT_FALSE(Contact::parse("<sip:a@b>;q=2"));
}

TEST(ContactList, WalksAllHeadersAndValues) {
  const auto message = samples::good(
      samples::Request{.more = "Contact: <sip:a@b>, \"x, y\" <sip:c@d>;q=1\r\nX: y\r\n"
                               "m: sip:e@f;expires=5, bad bad,\r\nContact:\r\n <sip:g@h>\r\n"}
          .text());
  std::string seen;
  ContactList contacts(*message);
  while (const auto contact = contacts.next()) {
    seen += *contact ? std::string((*contact)->address.uri_text) : std::string("error");
    seen += " ";
  }
  EXPECT_EQ(seen, "sip:a@b sip:c@d sip:e@f error sip:g@h ");
}

TEST(ContactList, SeesEdits) {
  const auto message = samples::good(samples::kInvite);
  EXPECT_TRUE(set_header(*message, "Contact", "<sip:new@host>"));
  ContactList contacts(*message);
  EXPECT_EQ((*contacts.next())->address.uri_text, "sip:new@host");
  EXPECT_FALSE(contacts.next());
}

}  // namespace
}  // namespace opensips::parser
