#include "unit/lp_routing/script_test.hh"

namespace opensips::routing {
namespace {

/// The functions that only compute.
class Helpers : public ScriptTest {};

TEST_F(Helpers, Hash) {
  EXPECT_EQ(value("return sip.hash.md5('abc')"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(value("return sip.hash.sha1('abc')"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(value("return sip.hash.sha256('')"),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(value("return #sip.hash.sha384('x') .. ' ' .. #sip.hash.sha512('x')"), "96 128");
  EXPECT_EQ(value("return sip.hash.crc32('123456789')"), "3421780262");
  // RFC 4231 4.3
  EXPECT_EQ(value("return sip.hash.hmac('sha256', 'Jefe', 'what do ya want for nothing?')"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_NE(value("return sip.hash.hmac('sha3', 'a', 'b')").find("expected \"md5\""),
            std::string::npos);
  EXPECT_EQ(value("return require('sip.hash').md5 == sip.hash.md5"), "true");
  EXPECT_EQ(value("return sip.hash.md6('a')"),
            "route.lua:4: sip.hash has no field 'md6': did you mean 'md5'?");
}

TEST_F(Helpers, EncodeAndDecode) {
  EXPECT_EQ(value("return sip.encode.base64('a\\0b')"), "YQBi");
  EXPECT_EQ(value("return sip.decode.base64('YQBi') == 'a\\0b'"), "true");
  EXPECT_EQ(value("return select(2, sip.decode.base64('Y'))"), "not base64");
  EXPECT_EQ(value("return sip.encode.base64url('\\255\\254')"), "__4");
  EXPECT_EQ(value("return sip.encode.hex('AB')"), "4142");
  EXPECT_EQ(value("return sip.decode.hex('4142')"), "AB");
  EXPECT_EQ(value("return sip.encode.uri('a b@c;d')"), "a%20b%40c%3Bd");
  EXPECT_EQ(value("return sip.decode.uri('a%20b%40c')"), "a b@c");
  EXPECT_EQ(value("return select(2, sip.decode.uri('a%2'))"),
            "a '%' without two hexadecimal digits");
  EXPECT_NE(value("return sip.encode.hex(('x'):rep(2^20 + 1))").find("1048576 are allowed"),
            std::string::npos);
}

TEST_F(Helpers, RegularExpressions) {
  EXPECT_EQ(value("return sip.regex.test('+4930123', [[^\\+49]])"), "true");
  EXPECT_EQ(value("return sip.regex.test('abc', 'B')"), "false");
  EXPECT_EQ(value("return sip.regex.test('abc', 'B', 'i')"), "true");
  EXPECT_EQ(value("local m = sip.regex.match('0049301', [[^(00|\\+)(\\d\\d)(x)?]]) "
                  "return m[1] .. ' ' .. m[2] .. ' ' .. m[3] .. ' ' .. tostring(m[4])"),
            "0049 00 49 false");
  EXPECT_EQ(value("return select(2, sip.regex.match('a', 'b'))"), "no match");
  EXPECT_EQ(value("return sip.regex.replace('0049301', [[^00(\\d)]], [[+\\1]])"), "+49301");
  EXPECT_EQ(value("return sip.regex.replace('aXbX', 'x', '-', 'i')"), "a-b-");
  EXPECT_EQ(value("return sip.regex.replace('aXbX', 'x', '-', 'i1')"), "a-bX");
  EXPECT_EQ(value("return sip.regex.replace('abc', '', '.')"), ".a.b.c.");
  EXPECT_EQ(value("return sip.regex.replace('abc', 'b*', [[<\\0>\\\\]])"), "<>\\a<b>\\<>\\c<>\\");
  EXPECT_EQ(value("return sip.regex.test('a', '(')"),
            "route.lua:3: sip.regex.test: missing closing parenthesis, at byte 2");
  EXPECT_EQ(value("return select(2, sip.regex.test(('a'):rep(40) .. '!', '^(a|aa)+$'))"),
            "the expression takes too many steps on this text");
  EXPECT_EQ(value("return select(2, sip.regex.replace(('a'):rep(2000), 'a', 'b'))"),
            "it matches too often");
}

TEST_F(Helpers, ManyRegularExpressionsAreForgottenAgain) {
  EXPECT_EQ(value("for round = 1, 2 do for i = 1, 400 do "
                  "assert(sip.regex.test('n' .. i, '^n' .. i .. '$')) end end return 'good'"),
            "good");
}

TEST_F(Helpers, Json) {
  EXPECT_EQ(value("local j = sip.parse.json('{\"a\": [1, 2.5, \"x\", true, null, {\"b\": {}}], "
                  "\"n\": null}') return j.a[1] .. ' ' .. j.a[2] .. ' ' .. j.a[3] .. ' ' .. "
                  "tostring(j.a[4]) .. ' ' .. tostring(j.a[5]) .. ' ' .. type(j.a[6].b) .. ' ' .. "
                  "tostring(j.n)"),
            "1 2.5 x true false table nil");
  EXPECT_EQ(value("return sip.parse.json('\"text\"')"), "text");
  EXPECT_EQ(value("return sip.parse.json('null')"), "nil");
  for (const char* const bad : {"", "{", "{\"a\" 1}", "[1,]", "nope", "1 2", "\"\\xff\""}) {
    EXPECT_NE(value("return select(2, sip.parse.json('" + std::string(bad) + "'))")
                  .find("not JSON, at byte"),
              std::string::npos)
        << bad;
  }
  EXPECT_EQ(value("return select(2, sip.parse.json(('['):rep(40)))"), "more than 32 levels deep");
  EXPECT_EQ(value("return select(2, sip.parse.json('[' .. ('1,'):rep(100001) .. '1]'))"),
            "more than 100000 values");
  EXPECT_EQ(value("return sip.write.json({a = {1, 'x', false}, b = {}, c = 1.5})"),
            "{\"a\":[1,\"x\",false],\"b\":{},\"c\":1.5}");
  EXPECT_EQ(value("return sip.write.json('a\"b\\n')"), "\"a\\\"b\\n\"");
  EXPECT_NE(value("return sip.write.json('\\255')").find("text in UTF-8"), std::string::npos);
  EXPECT_NE(value("return sip.write.json(print)").find("text in UTF-8"), std::string::npos);
}

TEST_F(Helpers, Random) {
  EXPECT_EQ(value("for i = 1, 1000 do local n = sip.random(-1, 1) assert(n >= -1 and n <= 1) end "
                  "return sip.random(5, 5)"),
            "5");
  EXPECT_NE(value("return sip.random(2, 1)").find("the least is 2, the most 1"), std::string::npos);
  EXPECT_EQ(value("return #sip.random_id() .. ' ' .. #sip.random_id(256)"), "22 256");
  EXPECT_NE(value("return sip.random_id(0)").find("expected 1 to 256"), std::string::npos);
  EXPECT_EQ(value("return sip.random_id() == sip.random_id()"), "false");
  EXPECT_EQ(value("return sip.regex.test(sip.uuid(), "
                  "'^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$')"),
            "true");
}

TEST_F(Helpers, Addresses) {
  EXPECT_EQ(value("return sip.is_ip('192.0.2.1')"), "true");
  EXPECT_EQ(value("return sip.is_ip('[2001:db8::1]')"), "true");
  EXPECT_EQ(value("return sip.is_ip('example.com')"), "false");
  EXPECT_EQ(value("return sip.ip_in('192.0.2.7', '192.0.2.0/24')"), "true");
  EXPECT_EQ(value("return sip.ip_in('192.0.3.7', {'192.0.2.0/24', '2001:db8::/32'})"), "false");
  EXPECT_EQ(value("return sip.ip_in('2001:db8::7', {'192.0.2.0/24', '2001:db8::/32'})"), "true");
  EXPECT_NE(value("return sip.ip_in('192.0.2.7', '192.0.2.0/33')").find("is no range"),
            std::string::npos);
  EXPECT_EQ(value("return sip.is_private('10.1.2.3')"), "true");
  EXPECT_EQ(value("return sip.is_private('100.64.0.1')"), "true");
  EXPECT_EQ(value("return sip.is_private('fe80::1')"), "true");
  EXPECT_EQ(value("return sip.is_private('198.51.100.1')"), "false");
}

TEST_F(Helpers, ParseTexts) {
  EXPECT_EQ(value("local u = sip.parse.uri('sips:bob:pw@[::1]:5061;lr;transport=tcp?a=b') return "
                  "u.scheme .. u.user .. u.password .. u.host .. u.port .. tostring(u.params.lr) "
                  ".. u.params.transport .. u.headers"),
            "sipsbobpw[::1]5061truetcpa=b");
  EXPECT_EQ(value("return select(2, sip.parse.uri('no uri'))"), "not a URI");
  EXPECT_EQ(value("local a = sip.parse.address('\"A \\\\\"B\\\\\"\" <sip:a@b>;tag=x;y') return "
                  "a.display .. '|' .. a.uri .. '|' .. a.tag .. '|' .. tostring(a.params.y)"),
            "A \"B\"|sip:a@b|x|true");
  EXPECT_EQ(value("return select(2, sip.parse.address('<sip:a@b'))"), "not an address");
  EXPECT_EQ(
      value("local v = sip.parse.via('SIP/2.0/TCP h:5062;branch=z9hG4bK1;received=192.0.2.1') "
            "return v.transport .. v.host .. v.port .. v.branch .. v.received"),
      "TCPh5062z9hG4bK1192.0.2.1");
  EXPECT_EQ(value("return select(2, sip.parse.via('nope'))"), "not a Via");
  EXPECT_EQ(value("local l = sip.parse.list('<sip:a,b@c>, \"x,y\" <sip:d@e>') return #l .. l[2]"),
            "2\"x,y\" <sip:d@e>");
  EXPECT_EQ(value("return sip.parse.params('a=1;lr').a"), "1");
}

TEST_F(Helpers, WriteTexts) {
  EXPECT_EQ(value("return sip.write.uri({user = 'bob', host = '192.0.2.1', port = 5070, "
                  "params = {lr = true, transport = 'tcp'}})"),
            "sip:bob@192.0.2.1:5070;lr;transport=tcp");
  EXPECT_EQ(value("return sip.write.uri({scheme = 'tel', user = '+4930'})"), "tel:+4930");
  for (const char* const bad :
       {"{}", "{host = 'a b'}", "{host = 'a', user = 'b@c'}", "{host = 'a;b'}",
        "{host = 'a', headers = 'x y'}", "{host = 'a', params = {['b;c'] = 'd'}}"}) {
    EXPECT_NE(value("return sip.write.uri(" + std::string(bad) + ")").find("sip.write.uri: "),
              std::string::npos)
        << bad;
  }
  EXPECT_EQ(value("return sip.write.address({display = 'A \"B\"', uri = 'sip:a@b', "
                  "params = {tag = 'x'}})"),
            "\"A \\\"B\\\"\" <sip:a@b>;tag=x");
  EXPECT_NE(value("return sip.write.address({uri = 'sip:a@b>;x=<'})").find("not be an address"),
            std::string::npos);
  EXPECT_EQ(value("return sip.write.params({b = 2, a = true})"), "a;b=2");
  EXPECT_EQ(
      value("local text = '\"A\" <sip:a@b;lr>;tag=x;q=0.5' "
            "local a = sip.parse.address(text) "
            "return sip.write.address({display = a.display, uri = a.uri, params = a.params})"),
      "\"A\" <sip:a@b;lr>;q=0.5;tag=x");
}

}  // namespace
}  // namespace opensips::routing
