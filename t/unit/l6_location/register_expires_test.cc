#include "registrations.hh"

namespace opensips::location::testing {
namespace {

/// The seconds that one contact got.
std::uint64_t granted(const Registrar::Outcome& outcome, std::uint64_t now) {
  return outcome.code == 200 && outcome.bindings ? outcome.bindings->bindings()[0]->remaining(now)
                                                 : 0;
}

TEST_F(Registrations, ExpiresIsTheContactsThenTheHeadersThenTheDefault) {
  const std::string header = "Expires: 1200\r\n";
  EXPECT_EQ(granted(send({.headers = contact("<sip:a@x>;expires=600") + header, .cseq = 1}), now),
            600U);
  EXPECT_EQ(granted(send({.headers = contact("<sip:a@x>") + header, .cseq = 2}), now), 1200U);
  EXPECT_EQ(granted(send({.headers = contact("<sip:a@x>"), .cseq = 3}), now), 3600U);
  EXPECT_EQ(
      granted(send({.headers = contact("<sip:a@x>"), .cseq = 4}, {.default_expires = 900}), now),
      900U);
}

TEST_F(Registrations, ExpiresZeroRemovesOneContact) {
  send({.headers = contact("<sip:a@x>, <sip:b@x>")});
  const auto outcome = send({.headers = contact("<sip:a@x>;expires=0"), .cseq = 2});
  EXPECT_EQ(outcome.headers, "Contact: <sip:b@x>;expires=3600\r\n");
  EXPECT_EQ(send({.headers = contact("<sip:b@x>") + "Expires: 0\r\n", .cseq = 3}).headers, "");
  EXPECT_EQ(table.users(), 0U);
}

TEST_F(Registrations, RemovingWhatIsNotThereIsFine) {
  EXPECT_EQ(send({.headers = contact("<sip:a@x>;expires=0")}).code, 200);
  EXPECT_EQ(table.users(), 0U);
}

TEST_F(Registrations, MalformedExpiresCountsAsAnHour) {
  const SaveOptions save{.default_expires = 900};
  std::uint32_t cseq = 0;
  for (const auto* value : {"soon", "-1", "1.5", "\"60\"", "0x10"}) {
    EXPECT_EQ(granted(send({.headers = contact(std::string("<sip:a@x>;expires=") + value),
                            .cseq = ++cseq},
                           save),
                      now),
              3600U)
        << value;
  }
  EXPECT_EQ(granted(send({.headers = contact("<sip:a@x>;expires"), .cseq = ++cseq}, save), now),
            3600U);
  EXPECT_EQ(
      granted(send({.headers = contact("<sip:a@x>") + "Expires: Thu, 01 Dec 1994 16:00:00 GMT\r\n",
                    .cseq = ++cseq},
                   save),
              now),
      3600U);
}

TEST_F(Registrations, ExpiresBeyondTheMaximumIsTheMaximum) {
  EXPECT_EQ(
      granted(send({.headers = contact("<sip:a@x>;expires=7201")}, {.max_expires = 7200}), now),
      7200U);
}

TEST_F(Registrations, ExpiresBeyond32BitsIsTheMostThereIs) {
  std::uint32_t cseq = 0;
  for (const auto* value : {"4294967295", "4294967296", "18446744073709551616",
                            "99999999999999999999999999999999999999999999"}) {
    const auto text = contact(std::string("<sip:a@x>;expires=") + value);
    EXPECT_EQ(granted(send({.headers = text, .cseq = ++cseq}), now), 4294967295U) << value;
    EXPECT_EQ(granted(send({.headers = text, .cseq = ++cseq}, {.max_expires = 7200}), now), 7200U);
  }
}

TEST_F(Registrations, ExpiresWithLeadingZerosIsANumber) {
  EXPECT_EQ(granted(send({.headers = contact("<sip:a@x>;expires=00000000000000000600")}), now),
            600U);
  EXPECT_EQ(send({.headers = contact("<sip:a@x>;expires=000"), .cseq = 2}).headers, "");
}

TEST_F(Registrations, TooShortAnIntervalGets423WithMinExpires) {
  const auto outcome =
      send({.headers = contact("<sip:a@x>, <sip:b@x>;expires=119")}, {.min_expires = 120});
  EXPECT_EQ(outcome.code, 423);
  EXPECT_EQ(outcome.reason, "Interval Too Brief");
  EXPECT_EQ(outcome.headers, "Min-Expires: 120\r\n");
  EXPECT_EQ(table.contacts(), 0U);
  EXPECT_EQ(send({.headers = contact("<sip:b@x>;expires=120")}, {.min_expires = 120}).code, 200);
}

TEST_F(Registrations, AnHourIsNeverTooShort) {
  EXPECT_EQ(
      granted(send({.headers = contact("<sip:a@x>;expires=3600")}, {.min_expires = 7200}), now),
      3600U);
}

TEST_F(Registrations, RemovalIsNotTooShort) {
  send({.headers = contact("<sip:a@x>")});
  EXPECT_EQ(send({.headers = contact("<sip:a@x>;expires=0"), .cseq = 2}, {.min_expires = 120}).code,
            200);
  EXPECT_EQ(table.contacts(), 0U);
}

TEST_F(Registrations, TheDefaultIsKeptWithinTheLimits) {
  EXPECT_EQ(granted(send({.headers = contact("<sip:a@x>"), .cseq = 1},
                         {.default_expires = 10, .min_expires = 60}),
                    now),
            60U);
  EXPECT_EQ(granted(send({.headers = contact("<sip:a@x>"), .cseq = 2},
                         {.default_expires = 3600, .max_expires = 1800}),
                    now),
            1800U);
}

}  // namespace
}  // namespace opensips::location::testing
