#include <gtest/gtest.h>

#include "l1_parser/contact.hh"
#include "l1_parser/params.hh"
#include "l1_parser/peek.hh"
#include "unit/l1_parser/fence.hh"
#include "unit/l1_parser/samples.hh"

namespace opensips::parser {
namespace {

using samples::read_all_prefixes;

const std::string kFolded =
    "\r\nINVITE sip:u:p@[2001:db8::1]:5070;lr SIP/2.0\r\n"
    "v  : SIP  / 2.0 / UDP\r\n [2001:db8::2]:5060;branch=z9hG4bKx;received=::1;rport,\r\n "
    "SIP/2.0/TCP h\r\n"
    "f: \"A \\\" B\"\r\n <sip:%61@b;x=%41?a=b>\r\n ;tag=1\r\nt:sip:c@d\r\ni:\r\n x\r\nCSeq:\t1\r\n "
    "INVITE\r\n"
    "m: *\r\nm: <sip:a@b>;q=0.5;expires=\"9\", sip:c@d\r\nZ: a\r\n b\r\nl : 4\r\n\r\nbody";

TEST(Bounds, AreKeptByPeekAndParse) {
  for (const std::string& text :
       {samples::kInvite, samples::kOk, kFolded, samples::replaced(samples::kInvite, "\r\n", "\n"),
        std::string("\r\n\r\n"), std::string("\0\1\0\0\x21\x12\xa4\x42 0123456789ab", 21)}) {
    read_all_prefixes(text, [](std::string_view bytes) {
      peek(bytes);
      call_id_of(bytes);
      const auto parsed = samples::parse(bytes);
      if (parsed.message) samples::replied(*parsed.message, 400, "tag");
      write_cancel(bytes);
    });
  }
  EXPECT_TRUE(samples::good(kFolded));
}

TEST(Bounds, AreKeptByTheReadersOfValues) {
  for (const std::string_view text :
       {"sip:us%41er:pass%41@example.com:5060;transport=tcp;x=%41;lr?subject=a%20b&c=d",
        "sips:[2001:db8::1]:5061;lr", "tel:+1-201-555;phone-context=x", "urn:service:sos",
        "SIP/2.0/UDP host.example.com:5060;branch=z9hG4bKx;received=192.0.2.1;rport=1;q=\"a\\\"b\"",
        "SIP / 2.0 / UDP [2001:db8::9] : 5060 ; branch = x ; rport",
        "\"Display \\\" name\" <sip:user@example.com;lr>;tag=abc;x=\"y\\\"z\";q=0.5;expires=60",
        "Display name<sip:user@example.com>;tag=1", "sip:user@example.com;tag=1 ; y",
        "0000000123  INVITE", "<sip:a@b>, \"x,y\" <sip:c,d@e>;q=1, f"}) {
    read_all_prefixes(text, [](std::string_view value) {
      if (const auto uri = Uri::parse(value)) {
        uri->param("lr");
        EXPECT_TRUE(equivalent(*uri, *uri));
      }
      if (const auto addr = NameAddr::parse(value)) {
        if (const auto uri = addr->uri()) equivalent(*uri, *Uri::parse("sip:a@b;x=1"));
      }
      static_cast<void>(Via::parse(value));
      static_cast<void>(Via::parse_sent_by(value));
      static_cast<void>(CSeq::parse(value));
      static_cast<void>(Contact::parse(value));
      find_param(value, "nothing");
      for (ValueList list(value); list.next();) {
      }
      header_name_of(value);
      method_of(value);
      parse_q(value);
    });
  }
}

}  // namespace
}  // namespace opensips::parser
