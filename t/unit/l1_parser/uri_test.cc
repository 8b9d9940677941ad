#include "l1_parser/uri.hh"

#include <gtest/gtest.h>

#include <string>

namespace opensips::parser {
namespace {

TEST(Uri, IsCutIntoItsParts) {
  const auto uri = Uri::parse("sip:alice:secret@example.com:5070;transport=tcp;lr?Subject=x&To=y");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->scheme, Uri::Scheme::sip);
  EXPECT_EQ(uri->user, "alice");
  EXPECT_EQ(uri->password, "secret");
  EXPECT_EQ(uri->host, "example.com");
  EXPECT_EQ(uri->port, 5070);
  EXPECT_EQ(uri->params, "transport=tcp;lr");
  EXPECT_EQ(uri->headers, "Subject=x&To=y");
  EXPECT_EQ(uri->param("TRANSPORT"), "tcp");
  EXPECT_EQ(uri->param("lr"), "");
  EXPECT_EQ(uri->param("maddr"), std::nullopt);
  const auto others = Uri::parse("sip:h;l%72;x=a=b;lrx;xlr=;y");
  ASSERT_TRUE(others);
  EXPECT_EQ(others->param("lr"), "");
  EXPECT_EQ(others->param("x"), "a=b");
  EXPECT_EQ(others->param("xlr"), "");
  EXPECT_EQ(others->param("y"), "");
  EXPECT_EQ(others->param("l"), std::nullopt);
}

TEST(Uri, LeavesWhatIsNotThereEmpty) {
  const auto uri = Uri::parse("SIPS:example.com");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->scheme, Uri::Scheme::sips);
  EXPECT_TRUE(uri->is_sip());
  EXPECT_EQ(uri->scheme_text, "SIPS");
  EXPECT_EQ(uri->host, "example.com");
  EXPECT_EQ(uri->port, 0);
  EXPECT_TRUE(uri->user.empty() && uri->password.empty() && uri->params.empty() &&
              uri->headers.empty());
}

TEST(Uri, MayHaveStrangeUsers) {
  const std::pair<const char*, const char*> users[] = {
      {"sip:sips%3Auser%40example.com@example.net", "sips%3Auser%40example.com"},
      {"sip:user;par=u%40example.net@example.com", "user;par=u%40example.net"},
      {"sip:null-%00-null@example.com", "null-%00-null"},
      {"sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com",
       "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"},
      {"sip:*21*123#@example.com", "*21*123#"},
      {"sip:j\xc3\xb6rg@example.com", "j\xc3\xb6rg"},
      {"sip:+15551234567;phone-context=x@gw.example.com", "+15551234567;phone-context=x"},
  };
  for (const auto& [text, user] : users) {
    const auto uri = Uri::parse(text);
    ASSERT_TRUE(uri) << text;
    EXPECT_EQ(uri->user, user);
  }
}

TEST(Uri, MayHaveIpv6References) {
  const auto plain = Uri::parse("sip:user@[2001:db8::10]");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "[2001:db8::10]");
  EXPECT_EQ(plain->port, 0);
  const auto port = Uri::parse("sip:[2001:db8::10]:5070;lr");
  ASSERT_TRUE(port);
  EXPECT_EQ(port->port, 5070);
  EXPECT_EQ(port->params, "lr");
  EXPECT_TRUE(Uri::parse("sip:[::ffff:192.0.2.1]"));
  EXPECT_EQ(Uri::parse("sip:[2001:db8::10:5070]")->port, 0);
}

TEST(Uri, OfTelHasItsNumberAsUser) {
  const auto uri = Uri::parse("tel:+1-201-555-0123;phone-context=example.com");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->scheme, Uri::Scheme::tel);
  EXPECT_EQ(uri->user, "+1-201-555-0123");
  EXPECT_EQ(uri->host, "");
  EXPECT_EQ(uri->param("phone-context"), "example.com");
  EXPECT_FALSE(uri->is_sip());
  EXPECT_FALSE(Uri::parse("tel:"));
  EXPECT_FALSE(Uri::parse("tel:+"));
  EXPECT_FALSE(Uri::parse("tel:hello"));
}

TEST(Uri, OfAnotherSchemeIsOpaque) {
  const auto uri = Uri::parse("soap.beep://192.0.2.103:3002");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->scheme, Uri::Scheme::other);
  EXPECT_EQ(uri->scheme_text, "soap.beep");
  EXPECT_EQ(uri->host, "//192.0.2.103:3002");
  EXPECT_TRUE(Uri::parse("nobodyKnowsThisScheme:totallyopaquecontent"));
  EXPECT_TRUE(Uri::parse("urn:service:sos"));
}

TEST(Uri, TakesWhatIsUsual) {
  for (const char* text :
       {"sip:a@b", "sip:host.", "sip:my_host:5060", "sip:a@b;lr=on", "sip:a@b;x=", "sip:a@b?h=v",
        "sip:a@b:05060", "sip:a@b;x=%41%42", "sip:b;p=[::1]:5060",
        "sip:a@b?Replaces=id@host;to-tag=1;from-tag=2", "sip:a@b;x=a=b"}) {
    EXPECT_TRUE(Uri::parse(text)) << text;
  }
}

TEST(Uri, RefusesWhatIsBroken) {
  for (const char* text : {"",
                           "sip",
                           "sip:",
                           "sips:",
                           ":a@b",
                           "<sip:a@b>",
                           "sip:@b",
                           "sip:a@",
                           "sip:a@b@c",
                           "sip:a b@c",
                           "sip:a@b c",
                           "sip:a@b; lr",
                           "sip:a@b;",
                           "sip:a@b;;lr",
                           "sip:a@b;=x",
                           "sip:a@b?",
                           "sip:a@b:",
                           "sip:a@b:x",
                           "sip:a@b:65536",
                           "sip:a@b:99999999999999999999",
                           "sip:a%4@b",
                           "sip:a%zz@b",
                           "sip:a@b;x=%",
                           "sip:2001:db8::10",
                           "sip:a@[2001:db8::1",
                           "sip:a@[]",
                           "sip:a@[1]",
                           "sip:a@[::g]",
                           "sip:a@.b",
                           "sip:a@b..c",
                           "sip:a@b,c",
                           "sip:a@b\"",
                           "sip:a:b:c@d",
                           " sip:a@b",
                           "sip:a@b ",
                           "sip:a@b\r\n",
                           "sip:a@b;x\r\ny",
                           "1sip:a@b",
                           "sip :a@b",
                           "sip:a@b\x7f",
                           "http:",
                           "http: x",
                           "sip:a@b?<x>",
                           "sip:a@b;x=a,b"}) {
    EXPECT_FALSE(Uri::parse(text)) << text;
  }
  EXPECT_FALSE(Uri::parse(std::string_view("sip:a\0@b", 8)));
  EXPECT_FALSE(Uri::parse(std::string_view("sip:a@b\0", 8)));
}

bool same(const char* a, const char* b) {
  const auto left = Uri::parse(a), right = Uri::parse(b);
  EXPECT_TRUE(left) << a;
  EXPECT_TRUE(right) << b;
  EXPECT_EQ(equivalent(*left, *right), equivalent(*right, *left)) << a << ' ' << b;
  return equivalent(*left, *right);
}

// The examples of RFC 3261 19.1.4, and a few of each rule.
TEST(Uri, IsEquivalentAsTheRfcSays) {
  EXPECT_TRUE(same("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"));
  EXPECT_TRUE(same("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"));
  EXPECT_TRUE(same("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"));
  EXPECT_TRUE(same("sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
                   "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"));
  EXPECT_TRUE(same("sip:alice@atlanta.com?subject=project%20x&priority=urgent",
                   "sip:alice@atlanta.com?priority=urgent&subject=project%20x"));
  EXPECT_TRUE(same("sip:a@b;%6C%72", "sip:a@b;lr"));
}

TEST(Uri, IsNotEquivalentAsTheRfcSays) {
  EXPECT_FALSE(same("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"));
  EXPECT_FALSE(same("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"));
  EXPECT_FALSE(same("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"));
  EXPECT_FALSE(same("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"));
  EXPECT_FALSE(same("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"));
  EXPECT_FALSE(same("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"));
  EXPECT_FALSE(same("sip:carol@chicago.com;security=off", "sip:carol@chicago.com;security=on"));
  EXPECT_FALSE(same("sip:a@b", "sips:a@b"));
  EXPECT_FALSE(same("sip:a@b", "sip:a:p@b"));
  EXPECT_FALSE(same("sip:a%00@b", "sip:a@b"));
}

TEST(Uri, OfTelIsComparedWithoutSeparators) {
  EXPECT_TRUE(same("tel:+1-201-555-0123", "tel:+12015550123"));
  EXPECT_TRUE(same("tel:7042;phone-context=Example.com", "tel:7042;phone-context=example.com"));
  EXPECT_FALSE(same("tel:7042;phone-context=example.com", "tel:7042"));
  EXPECT_FALSE(same("tel:+12015550123", "tel:12015550123"));
  EXPECT_FALSE(same("urn:a", "urn:b"));
  EXPECT_TRUE(same("URN:a", "urn:a"));
}

TEST(Uri, IsComparedInBoundedTime) {
  std::string a = "sip:a@b", b = "sip:a@b";
  for (int i = 0; i < 2000; ++i) {
    a += ";a" + std::to_string(i);
    b += ";b" + std::to_string(i);
  }
  EXPECT_FALSE(same(a.c_str(), b.c_str()));
  EXPECT_TRUE(same(a.c_str(), a.c_str()));
}

}  // namespace
}  // namespace opensips::parser
