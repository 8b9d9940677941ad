#include "registrations.hh"

namespace opensips::location::testing {
namespace {

/// Contact lines of ten values each: `sip:<prefix><n>@x<suffix>`.
std::string many_contacts(int count, const std::string& prefix, const std::string& suffix = "") {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    lines += i % 10 == 0 ? (i == 0 ? "Contact: " : "\r\nContact: ") : ", ";
    lines += "<sip:" + prefix + std::to_string(i) + "@x" + suffix + ">";
  }
  return lines + "\r\n";
}

TEST_F(Registrations, TooManyContactsAreRefusedAndNothingIsSaved) {
  const auto saved = send({.headers = contact("<sip:a@x>")}).bindings;
  const auto outcome =
      send({.headers = contact("<sip:b@x>, <sip:c@x>"), .cseq = 2}, {.max_contacts = 2});
  EXPECT_EQ(outcome.code, 403);
  EXPECT_EQ(outcome.reason, "Too Many Contacts");
  EXPECT_EQ(table.find(kBob), saved);
  EXPECT_EQ(send({.headers = contact("<sip:b@x>"), .cseq = 2}, {.max_contacts = 2}).code, 200);
}

TEST_F(Registrations, OnlyWhatIsLeftCountsAgainstTheLimit) {
  send({.headers = contact("<sip:a@x>;expires=60, <sip:b@x>")});
  const auto swap = contact("<sip:b@x>;expires=0, <sip:c@x>");
  EXPECT_EQ(send({.headers = swap, .cseq = 2}, {.max_contacts = 2}).code, 200);
  now += 60'000;
  EXPECT_EQ(send({.headers = contact("<sip:d@x>"), .cseq = 3}, {.max_contacts = 2}).code, 200);
  EXPECT_EQ(table.contacts(), 2U);
}

TEST_F(Registrations, ALoweredLimitStopsNoRefresh) {
  send({.headers = contact("<sip:a@x>, <sip:b@x>, <sip:c@x>")});
  EXPECT_EQ(send({.headers = contact("<sip:a@x>"), .cseq = 2}, {.max_contacts = 1}).code, 200);
  EXPECT_EQ(table.contacts(), 3U);
}

TEST_F(Registrations, OverwriteDropsTheOldestInstead) {
  const SaveOptions save{.max_contacts = 2, .overwrite = true};
  send({.headers = contact("<sip:a@x>"), .cseq = 1}, save);
  send({.headers = contact("<sip:b@x>"), .cseq = 1}, save);
  now += 1000;
  send({.headers = contact("<sip:a@x>"), .cseq = 2}, save);
  EXPECT_EQ(send({.headers = contact("<sip:c@x>"), .cseq = 1}, save).headers,
            "Contact: <sip:a@x>;expires=3600\r\n"
            "Contact: <sip:c@x>;expires=3600\r\n");
}

TEST_F(Registrations, OverwriteDoesNotDropWhatTheRequestItselfBrings) {
  const SaveOptions save{.max_contacts = 2, .overwrite = true};
  send({.headers = contact("<sip:old@x>")}, save);
  EXPECT_EQ(send({.headers = contact("<sip:a@x>, <sip:b@x>, <sip:c@x>")}, save).code, 403);
  EXPECT_EQ(registered(), "Contact: <sip:old@x>;expires=3600\r\n");
}

TEST_F(Registrations, AThousandContactsInOneRequest) {
  const SaveOptions save{.max_contacts = 1000};
  const auto outcome = send({.headers = many_contacts(1000, "user")}, save);
  EXPECT_EQ(outcome.code, 200);
  EXPECT_EQ(outcome.bindings->size(), 1000U);
  EXPECT_EQ(table.contacts(), 1000U);
  EXPECT_EQ(send({.headers = many_contacts(1000, "user"), .cseq = 2}, save).code, 200);
  EXPECT_EQ(table.contacts(), 1000U);
  const auto expires = "Expires: 0\r\n";
  EXPECT_EQ(send({.headers = many_contacts(1000, "user") + expires, .cseq = 3}, save).code, 200);
  EXPECT_EQ(table.users(), 0U);
}

TEST_F(Registrations, AThousandContactsThatDifferOnlyInAParameter) {
  EXPECT_EQ(send({.headers = many_contacts(1000, "u", ";p=0")}, {.max_contacts = 0}).code, 200);
  std::string lines;
  for (int i = 0; i < 1000; ++i) {
    lines += (i % 250 == 0 ? (i == 0 ? "Contact: " : "\r\nContact: ") : ", ");
    lines += "<sip:u@x;p=" + std::to_string(i) + ">";
  }
  EXPECT_EQ(send({.headers = lines + "\r\n"}, {.max_contacts = 0}).bindings->size(), 2000U);
}

TEST_F(Registrations, MoreThanAThousandContactsInOneRequestAreRefused) {
  EXPECT_EQ(send({.headers = many_contacts(1001, "user")}, {.max_contacts = 0}).code, 403);
  EXPECT_EQ(table.users(), 0U);
}

TEST_F(Registrations, ManyMoreValuesThanContactsAllowedAreRefusedUnread) {
  EXPECT_EQ(send({.headers = many_contacts(30, "u") + "Expires: 0\r\n"}, {.max_contacts = 10}).code,
            200);
  EXPECT_EQ(send({.headers = many_contacts(31, "u") + "Expires: 0\r\n"}, {.max_contacts = 10}).code,
            403);
}

TEST_F(Registrations, WithoutALimitAnAorMayGrow) {
  for (const std::string part : {"a", "b", "c"}) {
    EXPECT_EQ(send({.headers = many_contacts(1000, part)}, {.max_contacts = 0}).code, 200);
  }
  EXPECT_EQ(table.contacts(), 3000U);
  EXPECT_EQ(send({.headers = contact("<sip:one-more@x>")}).code, 403);
}

}  // namespace
}  // namespace opensips::location::testing
