#include "l1_parser/draft.hh"
#include "l1_parser/writer.hh"
#include "unit/lp_routing/script_test.hh"

namespace opensips::routing {
namespace {

constexpr std::string_view kOffer =
    "v=0\r\no=alice 1 2 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\n"
    "a=ice-lite\r\nm=audio 4000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n"
    "m=video 0 RTP/AVP 31\r\nb=AS:64\r\n";

std::string invite_with(std::string_view type, std::string_view body) {
  std::string text =
      "INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7;branch=z9hG4bKa\r\n"
      "From: \"Alice\" <sip:alice@example.com>;tag=a1\r\nTo: <sip:bob@example.com>\r\n"
      "Call-ID: c\r\nCSeq: 1 INVITE\r\nContact: <sip:a@198.51.100.7>\r\n";
  if (!type.empty()) text.append("Content-Type: ").append(type).append("\r\n");
  return text + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

/// Messages changed by scripts.
class Editing : public ScriptTest {
 protected:
  std::string written() {
    parser::Draft draft;
    return std::string(parser::write(*run().request, draft)->view());
  }
  bool writes(std::string_view text) { return written().find(text) != std::string::npos; }
  /// What the body returns for an INVITE with that body.
  std::string with(std::string_view type, std::string_view body, std::string_view script) {
    return value(script, invite_with(type, body));
  }
};

TEST_F(Editing, OneOfSeveralHeaders) {
  EXPECT_EQ(value("req:set_header('X-List', 'second', 2) return req:header('X-List', 2)"),
            "second");
  EXPECT_TRUE(writes("X-List: one\r\nX-List: second\r\n"));
  EXPECT_EQ(value("return req:remove_header('X-List', 1)"), "1");
  EXPECT_TRUE(writes("X-List: two\r\n"));
  EXPECT_FALSE(writes("X-List: one\r\n"));
  EXPECT_EQ(value("return req:remove_header('X-List', 3)"), "0");
  EXPECT_NE(value("req:set_header('X-List', 'third', 3)").find("X-List"), std::string::npos);
  EXPECT_NE(value("req:set_header('X-List', 'x', 0)").find("the first is 1"), std::string::npos);
  value("req:prepend_header('X-List', 'zero') req:prepend_header('Route', '<sip:p;lr>')");
  EXPECT_TRUE(writes("X-List: zero\r\nX-List: one\r\n"));
  EXPECT_TRUE(writes("SIP/2.0\r\nRoute: <sip:p;lr>\r\n"));
}

TEST_F(Editing, ListsOfValues) {
  EXPECT_EQ(value("local c = req:values('Contact') return #c .. c[2]"),
            "2\"B\" <sip:b@198.51.100.8>");
  EXPECT_EQ(value("return #req:values('Nothing')"), "0");
  EXPECT_EQ(value("return table.concat(req:header_names(), ' ')"),
            "Via Max-Forwards From To Call-ID CSeq Contact X-List X-List User-Agent Content-Type "
            "Content-Length");
}

TEST_F(Editing, PartsOfFromAndTo) {
  EXPECT_EQ(value("req.from.user = 'anonymous' req.from.host = 'anonymous.invalid' "
                  "req.from.display = 'Anonymous' return req.from"),
            "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=a1");
  EXPECT_TRUE(writes("From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=a1\r\n"));
  EXPECT_EQ(value("req.from.display = nil return req.from"), "<sip:alice@example.com>;tag=a1");
  EXPECT_EQ(value("req.to.uri = 'tel:+49301' return req.to"), "<tel:+49301>");
  for (const char* const bad :
       {"req.from.user = 'a@b'", "req.from.uri = 'sip:a@b>;tag=x;y=<'", "req.from.host = 'a;b'",
        "req.contact.user = 'x'", "req.from.display = 'a\\r\\nX: y'"}) {
    EXPECT_NE(value(bad).find(": name_addr."), std::string::npos) << bad;
    EXPECT_FALSE(writes("X: y"));
  }
  EXPECT_EQ(value("return req.from.scheme .. tostring(req.from.port) .. req.contact.port"),
            "sipnil5062");
}

TEST_F(Editing, PasswordAndHeadersOfTheRequestUri) {
  EXPECT_EQ(value("req.ruri.password = 'x' req.ruri.headers = 'a=b' return req.ruri"),
            "sip:bob:x@example.com:5070;transport=udp;lr?a=b");
  EXPECT_EQ(value("req.ruri.password = 'x' return req.ruri.password"), "x");
  EXPECT_NE(value("req.ruri.password = 'x@y'").find("not be a URI"), std::string::npos);
}

TEST_F(Editing, Checks) {
  EXPECT_EQ(value("return req:is_method('ACK', 'INVITE')"), "true");
  EXPECT_EQ(value("return req:is_method('BYE')"), "false");
  EXPECT_NE(value("return req:is_method()").find("expected the name"), std::string::npos);
  EXPECT_EQ(value("return req.is_first_hop"), "true");
  EXPECT_EQ(value("return select(2, req:check())"), "needs exactly one Contact");
  EXPECT_EQ(with("application/sdp", kOffer, "return req:check()"), "true");
  EXPECT_EQ(with("", "body", "return select(2, req:check())"), "a body without a Content-Type");
  EXPECT_EQ(with("", "", "req:add_header('Route', '<sip:a') return select(2, req:check())"),
            "a malformed Route");
  EXPECT_EQ(with("", "", "req:add_header('Expires', '1x') return select(2, req:check())"),
            "a malformed Expires");
  EXPECT_EQ(with("", "", "req:add_header('Supported', '') return req:check()"), "true");
  EXPECT_EQ(value("return sip.is_myself('sip:example.com')"), "true");
  EXPECT_EQ(value("return sip.is_myself('sip:x@example.com:5060')"), "true");
  EXPECT_EQ(value("return sip.is_myself('sip:x@example.com:5999')"), "false");
  EXPECT_EQ(value("return sip.is_myself('sip:example.org')"), "false");
  EXPECT_EQ(value("return sip.is_myself('nothing')"), "false");
}

TEST_F(Editing, SdpIsReadAsATable) {
  const auto sdp = [&](const char* what) {
    return with("application/sdp", kOffer, "local s = req:sdp() return " + std::string(what));
  };
  EXPECT_EQ(sdp("s.origin.username .. s.origin.session_version .. s.connection.address"),
            "alice2198.51.100.7");
  EXPECT_EQ(sdp("s.times[1] .. s.attributes[1] .. #s.media"), "0 0ice-lite2");
  EXPECT_EQ(sdp("s.media[1].type .. s.media[1].port .. s.media[1].formats[2]"), "audio40008");
  EXPECT_EQ(sdp("s.media[1].attributes[2] .. s.media[2].bandwidths[1]"), "sendrecvAS:64");
  EXPECT_EQ(with("", "", "return select(2, req:sdp())"), "no SDP");
  EXPECT_EQ(with("application/sdp", "v=0\r\nnonsense\r\n", "return select(2, req:sdp())"),
            "not SDP, in line 2");
  EXPECT_EQ(with("application/sdp", "s=-\r\n", "return select(2, req:sdp())"),
            "not SDP, in line 1");
  EXPECT_EQ(with("application/sdp", "v=0\r\ns=-\r\n", "return select(2, req:sdp())"),
            "not SDP, there is no o=");
}

TEST_F(Editing, SdpIsWrittenAsItWasRead) {
  EXPECT_EQ(with("application/sdp", kOffer, "return sip.write.sdp(req:sdp())"), kOffer);
  EXPECT_EQ(with("application/sdp", kOffer,
                 "local s = req:sdp() s.connection.address = '192.0.2.9' "
                 "table.remove(s.media, 2) s.media[1].formats = {8} req:set_sdp(s)"),
            "route.lua:4: request:set_sdp: option 'media': option 'formats': expected string, got "
            "the number 8: use tostring()");
  EXPECT_EQ(with("application/sdp", kOffer,
                 "local s = req:sdp() s.connection.address = '192.0.2.9' "
                 "table.remove(s.media, 2) s.media[1].formats = {'8'} req:set_sdp(s) "
                 "return req.body"),
            "v=0\r\no=alice 1 2 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
            "a=ice-lite\r\nm=audio 4000 RTP/AVP 8\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n");
  for (const char* const bad :
       {"{origin = {address = 'a b'}}", "{origin = {address = 'a'}, media = {{type = 'audio'}}}",
        "{origin = {address = 'a'}, connection = {address = ''}}",
        "{origin = {address = 'a'}, other = {'a=x'}}",
        "{origin = {address = 'a'}, attributes = {'x\\r\\nm=evil'}}",
        "{origin = {address = 'a'}, media = {{type='audio', formats = {'0 8\\r\\na=x'}}}}",
        "{origin = {address = 'a'}, wrong = 1}"}) {
    EXPECT_NE(with("", "", "req:set_sdp(" + std::string(bad) + ")").find("request:set_sdp: "),
              std::string::npos)
        << bad;
    EXPECT_TRUE(writes("Content-Length: 0\r\n")) << bad;
  }
}

TEST_F(Editing, APartOfABodyIsReadAndReplaced) {
  const std::string body =
      "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
      "hello\r\n--b--\r\n";
  const std::string type = "multipart/mixed;boundary=b";
  EXPECT_EQ(with(type, body, "return req:body_part('Text/Plain')"), "hello");
  EXPECT_EQ(with(type, body, "return req:body_part('text/html')"), "nil");
  EXPECT_EQ(with(type, body, "local p = req:body_parts() return #p .. p[1].content_type"),
            "2application/sdp");
  EXPECT_EQ(with(type, body, "return req:has_body('application/sdp')"), "true");
  EXPECT_EQ(with(type, body, "req:set_body_part('text/plain', 'bye') return req.body"),
            "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b\r\nContent-Type: "
            "text/plain\r\n\r\nbye\r\n--b--\r\n");
  EXPECT_EQ(with(type, body, "req:set_body_part('text/plain', nil) return req.body"),
            "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--\r\n");
  EXPECT_EQ(with(type, body,
                 "req:set_sdp(nil) req:set_body_part('text/plain', nil) return req:has_body()"),
            "false");
  EXPECT_FALSE(writes("Content-Type"));
}

TEST_F(Editing, ASecondBodyMakesAMessageMultipart) {
  EXPECT_EQ(with("application/sdp", kOffer,
                 "req:set_body_part('text/plain', 'hello') "
                 "return #req:body_parts() .. req:body_part('text/plain') .. #req:sdp().media"),
            "2hello2");
  EXPECT_TRUE(writes("Content-Type: multipart/mixed;boundary=part-"));
  EXPECT_EQ(with("", "", "req:set_body_part('text/plain', 'x') return req.content_type"),
            "text/plain");
  EXPECT_NE(with("", "", "req:set_body_part('text', 'x')").find("expected a type like"),
            std::string::npos);
}

TEST_F(Editing, AResponseBeforeItIsForwarded) {
  handle(
      "local res = req:fork('sip:a@192.0.2.1') res:set_header('X-Why', 'no reason') "
      "res:add_header('X-More', 'y') res.body = 'b' res.content_type = 'text/plain' "
      "res:forward()");
  ASSERT_EQ(start(), Progress::waiting);
  const auto response = message_of(response_bytes(486));
  EXPECT_EQ(engine->resume(run(), response), Progress::finished);
  parser::Draft draft;
  const std::string text(parser::write(*response, draft)->view());
  for (const char* const line :
       {"X-Why: no reason\r\n", "X-More: y\r\n", "Content-Length: 1\r\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace opensips::routing
