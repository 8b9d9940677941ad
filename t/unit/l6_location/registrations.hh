#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "l1_parser/message.hh"
#include "l6_location/registrar.hh"

namespace opensips::location::testing {

inline constexpr std::string_view kBob = "bob@biloxi.com";

/// What a REGISTER has besides the usual.
struct Register {
  std::string headers = {};  ///< whole lines: Contact, Expires
  std::uint32_t cseq = 1;
  std::string call_id = "843817637684230@998sdasdh09";
  std::string via = "bobspc.biloxi.com:5060";
};

inline std::string contact(std::string_view value) {
  return "Contact: " + std::string(value) + "\r\n";
}

inline base::Ref<parser::Message> message(const Register& is) {
  const std::string bytes =
      "REGISTER sip:registrar.biloxi.com SIP/2.0\r\n"
      "Via: SIP/2.0/UDP " +
      is.via +
      ";branch=z9hG4bKnashds7\r\n"
      "Max-Forwards: 70\r\n"
      "To: Bob <sip:bob@biloxi.com>\r\n"
      "From: Bob <sip:bob@biloxi.com>;tag=456248\r\n"
      "Call-ID: " +
      is.call_id + "\r\n" + "CSeq: " + std::to_string(is.cseq) + " REGISTER\r\n" + is.headers +
      "User-Agent: Phone/1.0\r\n"
      "Content-Length: 0\r\n\r\n";
  base::Flow flow;
  flow.peer = *base::Address::parse("192.0.2.4", 5062);
  flow.socket = 1;
  const auto parsed = parser::Message::parse(bytes, flow, {.line = 65536});
  EXPECT_EQ(parsed.fault.code, 0) << parsed.fault.reason << "\n" << bytes;
  return parsed.message;
}

/// An outcome with all lines of its reply.
struct Answer : Registrar::Outcome {
  explicit Answer(Registrar::Outcome outcome) : Outcome(std::move(outcome)) {
    base::Arena arena(nullptr, 0);
    headers = lines(arena);
  }
  std::string headers;
};

/// A registrar with its table and a clock that stands at 1,000,000 ms until it is moved.
class Registrations : public ::testing::Test {
 protected:
  Answer send(const Register& request, const SaveOptions& save = {}) {
    const auto parsed = message(request);
    if (!parsed) return Answer({0, "does not parse", {}, {}, {}});
    return Answer(registrar.process(*parsed, kBob, save, now));
  }
  /// The Contact lines that a query gives.
  std::string registered() { return send({.cseq = 1, .call_id = "query"}).headers; }

  AorTable table;
  Registrar registrar{table, {.gives_gruus = true}};
  std::uint64_t now = 1'000'000;
};

}  // namespace opensips::location::testing
