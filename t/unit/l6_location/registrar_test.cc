#include "l6_location/registrar.hh"

#include "registrations.hh"

namespace opensips::location::testing {
namespace {

// RFC 3261 10.3, step 6: no Contact, `*`.

TEST_F(Registrations, QueryWithoutContactListsTheBindingsAndChangesNothing) {
  const auto none = send({});
  EXPECT_EQ(none.code, 200);
  EXPECT_EQ(none.headers, "");
  EXPECT_FALSE(none.bindings);

  const auto saved = send({.headers = contact("<sip:bob@192.0.2.4>")}).bindings;
  now += 600'000;
  const auto query = send({.headers = "Expires: 0\r\n", .cseq = 2});
  EXPECT_EQ(query.code, 200);
  EXPECT_EQ(query.headers, "Contact: <sip:bob@192.0.2.4>;expires=3000\r\n");
  EXPECT_EQ(table.find(kBob), saved);
}

TEST_F(Registrations, WildcardWithExpiresZeroRemovesAll) {
  send({.headers = contact("<sip:bob@192.0.2.4>, <sip:bob@192.0.2.5>"), .call_id = "one"});
  send({.headers = contact("<sip:bob@192.0.2.6>"), .call_id = "two"});
  const auto outcome = send({.headers = contact("*") + "Expires: 0\r\n", .call_id = "three"});
  EXPECT_EQ(outcome.code, 200);
  EXPECT_EQ(outcome.headers, "");
  EXPECT_FALSE(table.find(kBob));
  EXPECT_EQ(table.users(), 0U);
}

TEST_F(Registrations, WildcardOnNothingIsFine) {
  EXPECT_EQ(send({.headers = contact("*") + "Expires: 0\r\n"}).code, 200);
}

TEST_F(Registrations, WildcardIsRefusedUnlessExpiresIsZero) {
  send({.headers = contact("<sip:bob@192.0.2.4>")});
  for (const auto* expires : {"", "Expires: 1\r\n", "Expires: 3600\r\n", "Expires: soon\r\n"}) {
    EXPECT_EQ(send({.headers = contact("*") + expires, .cseq = 2}).code, 400) << expires;
  }
  EXPECT_EQ(table.contacts(), 1U);
}

TEST_F(Registrations, WildcardIsRefusedBesideAnotherContact) {
  send({.headers = contact("<sip:bob@192.0.2.4>")});
  const std::string zero = "Expires: 0\r\n";
  const std::string one = contact("<sip:bob@192.0.2.4>");
  EXPECT_EQ(send({.headers = contact("*") + one + zero, .cseq = 2}).code, 400);
  EXPECT_EQ(send({.headers = one + contact("*") + zero, .cseq = 2}).code, 400);
  EXPECT_EQ(send({.headers = contact("*, *") + zero, .cseq = 2}).code, 400);
  EXPECT_EQ(send({.headers = contact("*;q=1") + zero, .cseq = 2}).code, 400);
  EXPECT_EQ(table.contacts(), 1U);
}

TEST_F(Registrations, WildcardOutOfOrderRemovesNothing) {
  send({.headers = contact("<sip:bob@192.0.2.4>"), .cseq = 5, .call_id = "other"});
  send({.headers = contact("<sip:bob@192.0.2.5>"), .cseq = 5});
  const auto outcome = send({.headers = contact("*") + "Expires: 0\r\n", .cseq = 5});
  EXPECT_EQ(outcome.code, 500);
  EXPECT_EQ(table.contacts(), 2U);
  EXPECT_EQ(send({.headers = contact("*") + "Expires: 0\r\n", .cseq = 6}).code, 200);
}

// How it is reached.

TEST_F(Registrations, ClientBehindNatIsKnownByItsViaWhateverItsContactSays) {
  const auto public_contact = contact("<sip:bob@192.0.2.4:5062>");
  const auto natted = send({.headers = public_contact, .via = "10.0.0.2:5060"}).bindings;
  ASSERT_TRUE(natted);
  EXPECT_EQ(natted->bindings()[0]->host(), "192.0.2.4");
  EXPECT_TRUE(natted->bindings()[0]->received().no_connect);
  EXPECT_TRUE(natted->bindings()[0]->behind_nat());
  const auto moved = send({.headers = public_contact, .cseq = 2, .via = "192.0.2.4:5062"}).bindings;
  ASSERT_TRUE(moved);
  EXPECT_FALSE(moved->bindings()[0]->received().no_connect);
  EXPECT_FALSE(moved->bindings()[0]->behind_nat());
}

TEST_F(Registrations, EachContactIsBehindANatThatNamesAnotherHostThanItCameFrom) {
  const auto all = contact("<sip:1@192.0.2.4>, <sip:2@192.0.2.9>, <sip:3@bobspc.biloxi.com>");
  const auto made = send({.headers = all}).bindings;
  ASSERT_TRUE(made);
  for (const auto& binding : made->bindings()) {
    EXPECT_EQ(binding->behind_nat(), binding->contact() == "sip:2@192.0.2.9") << binding->contact();
  }
  EXPECT_TRUE(made->behind_nat());
  const auto first = send({.headers = contact("<sip:4@192.0.2.9>"), .cseq = 2, .call_id = "b"});
  EXPECT_TRUE(first.bindings->bindings().back()->behind_nat());
}

// Step 7: order by Call-ID and CSeq, all or nothing.

TEST_F(Registrations, RefreshWithAHigherCseqKeepsOneBinding) {
  send({.headers = contact("<sip:bob@192.0.2.4>"), .cseq = 1});
  now += 1'800'000;
  const auto outcome = send({.headers = contact("<sip:bob@192.0.2.4>"), .cseq = 2});
  EXPECT_EQ(outcome.code, 200);
  EXPECT_EQ(outcome.headers, "Contact: <sip:bob@192.0.2.4>;expires=3600\r\n");
  EXPECT_EQ(table.contacts(), 1U);
  EXPECT_EQ(outcome.bindings->bindings()[0]->cseq(), 2U);
}

TEST_F(Registrations, SameCallIdAndCseqNotHigherFailsAndChangesNothing) {
  const auto saved = send({.headers = contact("<sip:bob@192.0.2.4>"), .cseq = 7}).bindings;
  for (std::uint32_t cseq : {7U, 6U, 1U}) {
    const auto outcome = send({.headers = contact("<sip:bob@192.0.2.4>;expires=60"), .cseq = cseq});
    EXPECT_EQ(outcome.code, 500) << cseq;
    EXPECT_EQ(outcome.headers, "");
  }
  EXPECT_EQ(table.find(kBob), saved);
}

TEST_F(Registrations, RemovalOutOfOrderFailsToo) {
  send({.headers = contact("<sip:bob@192.0.2.4>"), .cseq = 7});
  EXPECT_EQ(send({.headers = contact("<sip:bob@192.0.2.4>;expires=0"), .cseq = 7}).code, 500);
  EXPECT_EQ(table.contacts(), 1U);
}

TEST_F(Registrations, AnotherCallIdMayHaveAnyCseq) {
  send({.headers = contact("<sip:bob@192.0.2.4>"), .cseq = 700, .call_id = "before-reboot"});
  const auto outcome =
      send({.headers = contact("<sip:bob@192.0.2.4>"), .cseq = 1, .call_id = "after-reboot"});
  EXPECT_EQ(outcome.code, 200);
  EXPECT_EQ(table.contacts(), 1U);
  EXPECT_EQ(outcome.bindings->bindings()[0]->call_id(), "after-reboot");
}

TEST_F(Registrations, OrderIsThatOfEachBinding) {
  send({.headers = contact("<sip:bob@192.0.2.4>"), .cseq = 7});
  EXPECT_EQ(send({.headers = contact("<sip:bob@192.0.2.5>"), .cseq = 3}).code, 200);
  EXPECT_EQ(table.contacts(), 2U);
}

TEST_F(Registrations, OneContactOutOfOrderUndoesTheOthersOfTheRequest) {
  const auto saved =
      send({.headers = contact("<sip:a@x>, <sip:b@x>;expires=600"), .cseq = 7}).bindings;
  const auto outcome =
      send({.headers = contact("<sip:new@x>, <sip:a@x>;expires=0, <sip:b@x>"), .cseq = 7});
  EXPECT_EQ(outcome.code, 500);
  EXPECT_EQ(table.find(kBob), saved);
}

TEST_F(Registrations, AnExpiredBindingOrdersNothing) {
  send({.headers = contact("<sip:bob@192.0.2.4>;expires=60"), .cseq = 7});
  now += 60'000;
  EXPECT_EQ(send({.headers = contact("<sip:bob@192.0.2.4>"), .cseq = 1}).code, 200);
  EXPECT_EQ(table.contacts(), 1U);
  EXPECT_EQ(table.expires(), 1U);
}

// Step 7: bindings are found by URI comparison (19.1.4).

TEST_F(Registrations, EquivalentContactsAreOneBinding) {
  send({.headers = contact("<sip:%62ob@PC.biloxi.com;transport=TCP>"), .cseq = 1});
  send({.headers = contact("<sip:bob@pc.biloxi.com;Transport=tcp>"), .cseq = 2});
  EXPECT_EQ(registered(), "Contact: <sip:bob@pc.biloxi.com;Transport=tcp>;expires=3600\r\n");
}

TEST_F(Registrations, ContactsThatDifferAreSeveralBindings) {
  send({.headers = contact("<sip:bob@192.0.2.4>")});
  send({.headers = contact("<sip:bob@192.0.2.4:5060>")});
  send({.headers = contact("<sip:bob@192.0.2.4;transport=tcp>")});
  send({.headers = contact("<sip:BOB@192.0.2.4>")});
  send({.headers = contact("<sips:bob@192.0.2.4>")});
  EXPECT_EQ(table.contacts(), 5U);
}

TEST_F(Registrations, OfEqualContactsInOneRequestTheLastCounts) {
  const auto outcome = send(
      {.headers = contact("<sip:bob@x>;q=0.1, <sip:bob@X>;q=0.2") + contact("<sip:bob@x>;q=0.3")});
  EXPECT_EQ(outcome.code, 200);
  EXPECT_EQ(outcome.headers, "Contact: <sip:bob@x>;q=0.3;expires=3600\r\n");
  EXPECT_EQ(send({.headers = contact("<sip:bob@x>, <sip:bob@x>;expires=0"), .cseq = 2}).headers,
            "");
  EXPECT_EQ(send({.headers = contact("<sip:bob@x>;expires=0, <sip:bob@x>"), .cseq = 3}).headers,
            "Contact: <sip:bob@x>;expires=3600\r\n");
  EXPECT_EQ(table.contacts(), 1U);
}

TEST_F(Registrations, AnySchemeMayBeRegistered) {
  const auto outcome = send({.headers = contact("<tel:+12015550123>, <mailto:bob@biloxi.com>")});
  EXPECT_EQ(outcome.code, 200);
  EXPECT_EQ(outcome.headers,
            "Contact: <tel:+12015550123>;expires=3600\r\n"
            "Contact: <mailto:bob@biloxi.com>;expires=3600\r\n");
}

// Step 8: the answer lists what is there now.

TEST_F(Registrations, TheAnswerListsAllCurrentBindingsWithQAndWhatIsLeft) {
  send({.headers = contact("<sip:a@x>;q=0.5;expires=600"), .call_id = "a"});
  now += 100'000;
  send({.headers = contact("<sip:b@x>;q=0.75"), .call_id = "b"});
  now += 1;
  const auto outcome = send({.headers = contact("<sip:c@x>;q=0.075"), .call_id = "c"});
  EXPECT_EQ(outcome.headers,
            "Contact: <sip:b@x>;q=0.75;expires=3600\r\n"
            "Contact: <sip:a@x>;q=0.5;expires=500\r\n"
            "Contact: <sip:c@x>;q=0.075;expires=3600\r\n");
}

TEST_F(Registrations, ExpiredBindingsAreNotListed) {
  send({.headers = contact("<sip:a@x>;expires=60, <sip:b@x>;expires=120")});
  now += 60'000;
  EXPECT_EQ(registered(), "Contact: <sip:b@x>;expires=60\r\n");
}

TEST_F(Registrations, OtherParametersComeBack) {
  const std::string value =
      "<sip:bob@192.0.2.4;ob>;expires=60;+sip.instance=\"<urn:uuid:f81d;x>\";q=0.3;reg-id=1;flag";
  EXPECT_EQ(send({.headers = contact(value)}).headers,
            "Contact: <sip:bob@192.0.2.4;ob>;+sip.instance=\"<urn:uuid:f81d;x>\";reg-id=1;flag"
            ";q=0.3;expires=60\r\n");
}

TEST_F(Registrations, DisplayNamesMayHoldAnything) {
  const auto outcome =
      send({.headers = contact(R"("B, <sip:no@x>;q=0 \"the\" \\ *" <sip:a@x>, "Jos)"
                               "\xc3\xa9"
                               R"(" <sip:b@x>;q=0.5, Bob <sip:c@x>;q=0.1)")});
  EXPECT_EQ(outcome.code, 200);
  EXPECT_EQ(outcome.headers,
            "Contact: <sip:a@x>;expires=3600\r\n"
            "Contact: <sip:b@x>;q=0.5;expires=3600\r\n"
            "Contact: <sip:c@x>;q=0.1;expires=3600\r\n");
}

TEST_F(Registrations, ParametersWithoutAngleBracketsAreTheHeadersNotTheUris) {
  EXPECT_EQ(send({.headers = contact("sip:bob@192.0.2.4;q=0.2;expires=90")}).headers,
            "Contact: <sip:bob@192.0.2.4>;q=0.2;expires=90\r\n");
}

TEST_F(Registrations, ABindingKnowsHowItCame) {
  const auto set = send({.headers = contact("<sip:bob@10.0.0.1>"), .cseq = 4}).bindings;
  const Binding& binding = *set->bindings()[0];
  EXPECT_EQ(binding.received().peer.to_string(), "192.0.2.4:5062");
  EXPECT_EQ(binding.received().socket, 1);
  EXPECT_EQ(binding.user_agent(), "Phone/1.0");
  EXPECT_EQ(binding.call_id(), "843817637684230@998sdasdh09");
  EXPECT_EQ(binding.cseq(), 4U);
}

TEST_F(Registrations, MalformedContactsAreRefusedAndNothingIsSaved) {
  for (const auto* value :
       {"", "<sip:a@x>,, <sip:b@x>", "<sip:a@x", "<sip:a@x> trailing", "<>", "\"open <sip:a@x>",
        "<sip:@x>", "<sip:a@x>;q=x", "<sip:a@x>;q=1.1", "<sip:a@x>;q=2", "<sip:a@x>;q=-1",
        "<sip:a@x>;q=", "<sip:a@x>;q=0.5x", "<sip:a b@x>"}) {
    const auto outcome = send({.headers = contact("<sip:good@x>") + contact(value)});
    EXPECT_EQ(outcome.code, 400) << value;
  }
  EXPECT_EQ(table.contacts(), 0U);
  EXPECT_EQ(registrar.accepted_regs(), 0U);
  EXPECT_EQ(registrar.rejected_regs(), 14U);
}

TEST_F(Registrations, AContactWithoutQMayGetADefault) {
  Registrar other(table, {.default_q = 300});
  const auto request = message({.headers = contact("<sip:a@x>, <sip:b@x>;q=1")});
  EXPECT_EQ(Answer(other.process(*request, kBob, {}, now)).headers,
            "Contact: <sip:b@x>;expires=3600\r\n"
            "Contact: <sip:a@x>;q=0.3;expires=3600\r\n");
}

TEST_F(Registrations, QIsReadAsTheGrammarHasIt) {
  const std::pair<const char*, unsigned> values[] = {{"0", 0},       {"0.0", 0},  {"0.5", 500},
                                                     {"0.123", 123}, {"1", 1000}, {"1.000", 1000},
                                                     {"0.", 0},      {".7", 700}, {"0.9999", 999}};
  std::uint32_t cseq = 0;
  for (const auto& [text, q] : values) {
    const auto outcome =
        send({.headers = contact(std::string("<sip:a@x>;Q=") + text), .cseq = ++cseq});
    ASSERT_EQ(outcome.code, 200) << text;
    EXPECT_EQ(outcome.bindings->bindings()[0]->q(), q) << text;
  }
}

}  // namespace
}  // namespace opensips::location::testing
