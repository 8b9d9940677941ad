#include "l3_dialog/session_timer.hh"

#include <gtest/gtest.h>

#include "requests.hh"

namespace opensips::dialog {
namespace {

/// The headers of an INVITE or of its answer, as they go on.
std::string asked(const std::string& headers, const SessionWish& wish) {
  const auto message = request(headers);
  parser::Draft draft;
  ask_for_session(*message, draft, wish);
  return written(*message, draft);
}

std::string only(const std::string& message, const char* name) {
  const auto found = lines(message, name);
  return found.size() == 1 ? found[0] : found.empty() ? "" : "several";
}

TEST(SessionTimer, ReadsWhatAMessageAsksFor) {
  EXPECT_EQ(session_expires(*request()), std::nullopt);
  EXPECT_EQ(session_expires(*request("Session-Expires: 1800\r\n")), 1800u);
  EXPECT_EQ(session_expires(*request("x: 1800 ;refresher=uac\r\n")), 1800u);
  EXPECT_EQ(session_expires(*request("Session-Expires: soon\r\n")), std::nullopt);
  EXPECT_TRUE(supports_timer(*request("Supported: 100rel, Timer\r\n")));
  EXPECT_FALSE(supports_timer(*request("Supported: timers\r\n")));
}

TEST(SessionTimer, AsksForNothingWithoutAWish) {
  EXPECT_EQ(only(asked({}, {}), "Session-Expires"), "");
  EXPECT_EQ(only(asked("Session-Expires: 60\r\n", {}), "Session-Expires"), "60");
}

TEST(SessionTimer, AsksForAnIntervalAndLowersALongerOne) {
  const SessionWish wish{.interval = 1800};
  EXPECT_EQ(only(asked({}, wish), "Session-Expires"), "1800");
  EXPECT_EQ(only(asked("Session-Expires: 3600;refresher=uas\r\n", wish), "Session-Expires"),
            "1800;refresher=uas");
  EXPECT_EQ(only(asked("Session-Expires: 600\r\n", wish), "Session-Expires"), "600");
}

TEST(SessionTimer, NeverGoesBelowWhatTheCallerOrTheRfcAllows) {
  EXPECT_EQ(only(asked("Min-SE: 2400\r\n", {.interval = 1800}), "Session-Expires"), "2400");
  EXPECT_EQ(only(asked({}, {.interval = 10}), "Session-Expires"), "90");
}

TEST(SessionTimer, RefusesTooShortAnIntervalOfWhoUnderstands) {
  const SessionWish wish{.interval = 0, .least = 300};
  EXPECT_TRUE(is_session_too_short(*request("Session-Expires: 120\r\nSupported: timer\r\n"), wish));
  EXPECT_FALSE(is_session_too_short(*request("Session-Expires: 120\r\n"), wish));
  EXPECT_FALSE(
      is_session_too_short(*request("Session-Expires: 300\r\nSupported: timer\r\n"), wish));
  EXPECT_FALSE(is_session_too_short(*request("Supported: timer\r\n"), wish));
  const auto raised = asked("Session-Expires: 120\r\n", wish);
  EXPECT_EQ(only(raised, "Session-Expires"), "300");
  EXPECT_EQ(only(raised, "Min-SE"), "300");
}

TEST(SessionTimer, TellsTheCallerToRefreshIfTheCalleeCannot) {
  const auto response = request();
  parser::Draft draft;
  EXPECT_EQ(settle_session(*response, draft, 1800, true), 1800u);
  const auto text = written(*response, draft);
  EXPECT_EQ(only(text, "Session-Expires"), "1800;refresher=uac");
  EXPECT_EQ(only(text, "Require"), "timer");
}

TEST(SessionTimer, TakesWhatTheCalleeHasSettled) {
  const auto response = request("Session-Expires: 600;refresher=uas\r\n");
  parser::Draft draft;
  EXPECT_EQ(settle_session(*response, draft, 1800, true), 600u);
  EXPECT_EQ(written(*response, draft), written(*response));
  EXPECT_EQ(settle_session(*request(), draft, 1800, false), 0u);
  EXPECT_EQ(settle_session(*request(), draft, 0, true), 0u);
}

}  // namespace
}  // namespace opensips::dialog
