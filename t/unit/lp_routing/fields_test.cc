#include "unit/lp_routing/script_test.hh"

#include "l1_parser/draft.hh"
#include "l1_parser/writer.hh"

namespace opensips::routing {
namespace {

class Fields : public ScriptTest {
 protected:
  std::string written() {
    parser::Draft draft;
    return std::string(parser::write(*run().request, draft)->view());
  }
};

TEST_F(Fields, OfARequestAreWhatTheMessageSays) {
  EXPECT_EQ(value("return req.method"), "INVITE");
  EXPECT_EQ(value("return req.ruri"), "sip:bob@example.com:5070;transport=udp;lr");
  EXPECT_EQ(value("return req.call_id"), "call-1");
  EXPECT_EQ(value("return req.cseq"), "42");
  EXPECT_EQ(value("return req.max_forwards"), "69");
  EXPECT_EQ(value("return req.user_agent"), "phone/1");
  EXPECT_EQ(value("return req.content_type"), "application/sdp");
  EXPECT_EQ(value("return req.body"), "v=0\r\n");
  EXPECT_EQ(value("return req.is_initial"), "true");
  EXPECT_EQ(value("return req.cancelled"), "false");
  EXPECT_EQ(value("return req.answered"), "false");
  EXPECT_EQ(value("return #req.id > 0"), "true");
  EXPECT_EQ(value("return req"), "INVITE sip:bob@example.com:5070;transport=udp;lr");
}

TEST_F(Fields, OfAUri) {
  EXPECT_EQ(value("return req.ruri.scheme"), "sip");
  EXPECT_EQ(value("return req.ruri.user"), "bob");
  EXPECT_EQ(value("return req.ruri.host"), "example.com");
  EXPECT_EQ(value("return req.ruri.port"), "5070");
  EXPECT_EQ(value("return req.ruri.params.transport"), "udp");
  EXPECT_EQ(value("return req.ruri.params.lr"), "true");
  EXPECT_EQ(value("return req.ruri.params.nothing"), "nil");
  EXPECT_EQ(value("return 'to ' .. req.ruri .. '!'"),
            "to sip:bob@example.com:5070;transport=udp;lr!");
}

TEST_F(Fields, OfAnAddress) {
  EXPECT_EQ(value("return req.from.uri"), "sip:alice@example.com");
  EXPECT_EQ(value("return req.from.user"), "alice");
  EXPECT_EQ(value("return req.from.host"), "example.com");
  EXPECT_EQ(value("return req.from.display"), "Alice \"A\" Smith");
  EXPECT_EQ(value("return req.from.tag"), "a1");
  EXPECT_EQ(value("return req.from.params.tag"), "a1");
  EXPECT_EQ(value("return req.to.tag"), "nil");
  EXPECT_EQ(value("return req.to"), "<sip:bob@example.com>");
  EXPECT_EQ(value("return req.contact.params.q"), "0.5");
  EXPECT_EQ(value("return #req.contacts .. req.contacts[2].display"), "2B");
}

TEST_F(Fields, OfTheSource) {
  EXPECT_EQ(value("return req.source.ip"), "198.51.100.7");
  EXPECT_EQ(value("return req.source.port"), "5062");
  EXPECT_EQ(value("return req.source.transport"), "udp");
  EXPECT_EQ(value("return req.source.socket"), "udp:192.0.2.1:5060");
  EXPECT_EQ(value("return req.source"), "udp:198.51.100.7:5062");
}

TEST_F(Fields, ARequestUriCanBeAssignedWholeAndInParts) {
  EXPECT_EQ(value("req.ruri = 'sip:carol@192.0.2.9' return req.ruri.user"), "carol");
  EXPECT_NE(written().find("INVITE sip:carol@192.0.2.9 SIP/2.0\r\n"), std::string::npos);
  EXPECT_EQ(
      value("req.ruri.user = 'carol' req.ruri.port = nil req.ruri.params = nil return req.ruri"),
      "sip:carol@example.com");
  EXPECT_EQ(
      value("req.ruri.scheme = 'sips' req.ruri.host = '[::1]' req.ruri.port = 1 return req.ruri"),
      "sips:bob@[::1]:1;transport=udp;lr");
  EXPECT_EQ(
      value("req.ruri.params = {transport='tcp', lr=true, maddr='192.0.2.1'} return req.ruri"),
      "sip:bob@example.com:5070;lr;maddr=192.0.2.1;transport=tcp");
}

TEST_F(Fields, AnAssignedPartStaysInItsPlace) {
  for (const char* const bad :
       {"req.ruri.user = 'bob@evil'", "req.ruri.host = 'a;lr'", "req.ruri.host = ''",
        "req.ruri.user = 'bob smith'", "req.ruri.port = 65536", "req.ruri.port = -1",
        "req.ruri.scheme = 'sip:x'", "req.ruri = 'bob'", "req.ruri = 12",
        "req.ruri.params = {['a;b'] = 'c'}", "req.ruri.params = {a = 'b;c'}",
        "req.ruri.params = {a = false}", "req.contact.user = 'x'"}) {
    EXPECT_EQ(value(std::string("local before = tostring(req.ruri) local ok = pcall(function() ") +
                    bad + " end) return ok or tostring(req.ruri) ~= before"),
              "false")
        << bad;
  }
}

TEST_F(Fields, FromAndToKeepTheirTags) {
  EXPECT_EQ(value("req.from = '\"X\" <sip:x@example.net>' return req.from.user .. req.from.tag"),
            "xa1");
  EXPECT_NE(written().find("From: \"X\" <sip:x@example.net>;tag=a1\r\n"), std::string::npos);
  EXPECT_EQ(value("req.from = 'sip:x@example.net' return req.from"), "<sip:x@example.net>;tag=a1");
  EXPECT_NE(value("req.from = '<sip:x@example.net>;tag=other'").find("the tag cannot be changed"),
            std::string::npos);
  EXPECT_NE(value("req.to = 'nobody'").find("is no address"), std::string::npos);
  EXPECT_EQ(value("req.to = '<sip:y@example.net>' return req.to.host"), "example.net");
}

TEST_F(Fields, HeadersCanBeReadAndChanged) {
  EXPECT_EQ(value("return req:header('x-list') .. req:header('X-List', 2)"), "onetwo");
  EXPECT_EQ(value("return req:header('X-List', 3)"), "nil");
  EXPECT_EQ(value("return #req:headers('X-List') + #req:headers('X-None')"), "2");
  EXPECT_EQ(value("return req:has_header('m') and not req:has_header('X-None')"), "true");
  EXPECT_EQ(
      value("req:set_header('X-List', 'only') return table.concat(req:headers('X-List'), ',')"),
      "only");
  EXPECT_EQ(
      value(
          "req:set_header('X-New', 'a') req:set_header('X-New', 'b') req:add_header('X-New', 'c') "
          "return table.concat(req:headers('X-New'), ',')"),
      "b,c");
  EXPECT_NE(written().find("X-New: b\r\nX-New: c\r\n"), std::string::npos);
  EXPECT_EQ(value("return req:remove_header('X-List') .. tostring(req:header('X-List'))"), "2nil");
  EXPECT_EQ(
      value(
          "req.body = 'hello' req.content_type = 'text/plain' return req.body .. req.content_type"),
      "hellotext/plain");
  EXPECT_NE(written().find("Content-Length: 5\r\n\r\nhello"), std::string::npos);
  EXPECT_EQ(value("req.body = nil return req.body .. tostring(req.content_type)"), "nil");
}

TEST_F(Fields, WhatTheServerWritesCannotBeChangedByName) {
  for (const char* const name :
       {"Via", "v", "Call-ID", "i", "CSeq", "Content-Length", "From", "To", "Max-Forwards"}) {
    EXPECT_NE(
        value(std::string("req:set_header('") + name + "', '1')").find("cannot be changed so"),
        std::string::npos)
        << name;
    EXPECT_NE(value(std::string("req:remove_header('") + name + "')").find("cannot be changed so"),
              std::string::npos)
        << name;
  }
}

TEST_F(Fields, UnknownOnesAreErrorsWithASuggestion) {
  EXPECT_EQ(value("return req.methd"),
            "route.lua:4: request has no field 'methd': did you mean 'method'?");
  EXPECT_EQ(value("return req.frobnicate"), "route.lua:4: request has no field 'frobnicate'");
  EXPECT_EQ(value("req.ruri.usr = 'x'"),
            "route.lua:4: uri has no field 'usr': did you mean 'user'?");
  EXPECT_EQ(value("req.method = 'BYE'"), "route.lua:4: request.method cannot be assigned");
  EXPECT_EQ(value("sip.lgo('x')"), "route.lua:4: sip has no field 'lgo': did you mean 'log'?");
  EXPECT_EQ(value("return req[1]"), "route.lua:4: request has no field '1'");
  EXPECT_NE(value("return req[{}]"), "nil");
}

TEST_F(Fields, ASocketCanBeForced) {
  EXPECT_EQ(value("req.socket = 'udp:192.0.2.1:5060' return req.socket"), "udp:192.0.2.1:5060");
  EXPECT_EQ(run().socket, 0);
  EXPECT_NE(value("req.socket = 'udp:192.0.2.7:5060'").find("has no socket"), std::string::npos);
  EXPECT_EQ(value("return req.socket"), "nil");
}

TEST_F(Fields, TheContextTableIsTheRunsOwn) {
  handle("assert(next(req.ctx) == nil) req.ctx.a = 1 assert(req.ctx.a == 1) req:drop()");
  EXPECT_EQ(start(), Progress::finished);
  EXPECT_EQ(start(), Progress::finished);
}

TEST_F(Fields, OfTheServer) {
  EXPECT_EQ(value("return sip.is_local('example.com') and not sip.is_local('example.net')"),
            "true");
  EXPECT_EQ(value("return type(sip.version)"), "string");
  EXPECT_EQ(value("local a = sip.now() return sip.now() >= a"), "true");
}

}  // namespace
}  // namespace opensips::routing
