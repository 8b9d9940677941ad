// The promises of the readers of values, asked for on mutations; the fuzzers ask for them at
// length.

#include "unit/l1_parser/promises.hh"

#include <gtest/gtest.h>

#include "unit/l1_parser/digest_promises.hh"
#include "unit/l1_parser/mutations.hh"

namespace opensips::parser {
namespace {

/// The first promise that any of the readers breaks.
const char* broken(std::string_view text) {
  for (const auto promise :
       {samples::uri_promise, samples::name_addr_promise, samples::list_promise,
        samples::via_promise, samples::challenge_promise, samples::credentials_promise}) {
    if (const auto* what = promise(text)) return what;
  }
  return nullptr;
}

TEST(Promises, AreKeptForMutatedValues) {
  std::mt19937 random(4475);
  for (const std::string text :
       {"sip:us%41er:pass%41@example.com:5060;transport=tcp;x=%41;lr?subject=a%20b&c=d",
        "sips:[2001:db8::1]:5061;lr", "tel:+1-201-555;phone-context=x",
        "SIP / 2.0 / UDP [2001:db8::9] : 5060 ; branch = x ; rport;received=192.0.2.1, a/b/c d",
        "\"Display \\\" name\" <sip:user@example.com;lr>;tag=abc;x=\"y\\\"z\", a<b:c>, d:e;f",
        "Digest realm=\"a \\\"b\\\"\", nonce=\"n\", qop=\"auth,auth-int\", stale=true",
        "Digest username=\"u\",realm=r,nonce=n,uri=\"sip:x\",nc=00000001,cnonce=c,qop=auth,"
        "response=\"0123456789abcdef0123456789abcdef\""}) {
    ASSERT_STREQ(broken(text), nullptr) << text;
    for (int round = 0; round < 10000; ++round) {
      const auto mutant = samples::mutated(text, random);
      ASSERT_STREQ(broken(mutant), nullptr) << mutant;
    }
  }
}

TEST(Promises, OfEquivalenceIsKeptBetweenMutants) {
  std::mt19937 random(5118);
  const std::string text = "sip:us%41er@example.com;transport=tcp;x=%41?subject=a%20b&c=d";
  for (int round = 0; round < 20000; ++round) {
    const auto left = samples::mutated(text, random);
    const auto right = samples::mutated(text, random);
    ASSERT_STREQ(samples::equivalence_promise(left, right), nullptr) << left << '\n' << right;
  }
}

}  // namespace
}  // namespace opensips::parser
