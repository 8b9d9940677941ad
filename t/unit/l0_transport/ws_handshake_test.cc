#include "l0_transport/ws_handshake.hh"

#include <gtest/gtest.h>

namespace opensips::transport {
namespace {

struct Header {
  std::string name, value;
};

/// A browser's request, with one header changed: an empty value takes it away.
std::string request(const Header& other = {}, std::string_view path = "/") {
  std::vector<Header> headers{{"Host", "sip.example.com"},
                              {"Upgrade", "websocket"},
                              {"Connection", "keep-alive, Upgrade"},
                              {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                              {"Origin", "https://phone.example.com"},
                              {"Sec-WebSocket-Protocol", "sip"},
                              {"Sec-WebSocket-Version", "13"}};
  bool known = false;
  for (auto& header : headers) {
    if (header.name != other.name) continue;
    header.value = other.value;
    known = true;
  }
  if (!known && !other.name.empty()) headers.push_back(other);
  std::string text = "GET " + std::string(path) + " HTTP/1.1\r\n";
  for (const auto& header : headers) {
    if (!header.value.empty()) text += header.name + ": " + header.value + "\r\n";
  }
  return text + "\r\n";
}

std::optional<WsRefusal> refusal_of(const std::string& text, const WsOptions& options = {}) {
  const auto handshake = answer_ws_handshake(text, options);
  EXPECT_TRUE(handshake) << text;
  if (!handshake) return std::nullopt;
  EXPECT_EQ(handshake->used, text.size());
  EXPECT_EQ(handshake->answer.starts_with("HTTP/1.1 101 "), !handshake->refusal.has_value());
  return handshake->refusal;
}

TEST(WsHandshake, AnswersAsRfc6455Does) {
  const auto handshake = answer_ws_handshake(request() + "frames", {});
  ASSERT_TRUE(handshake);
  EXPECT_EQ(handshake->used, request().size());
  EXPECT_FALSE(handshake->refusal);
  EXPECT_EQ(handshake->answer,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            "Sec-WebSocket-Protocol: sip\r\n\r\n");
}

TEST(WsHandshake, WaitsForTheWholeRequest) {
  const auto text = request();
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(answer_ws_handshake(std::string(text, 0, size), {})) << size;
  }
}

TEST(WsHandshake, TakesWhatBrowsersWriteDifferently) {
  for (const auto& header :
       {Header{"Upgrade", "WebSocket"}, Header{"Connection", "upgrade"},
        Header{"Sec-WebSocket-Protocol", "xmpp , SIP"}, Header{"Cookie", "a=\"b\"; c"},
        Header{"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"}}) {
    EXPECT_FALSE(refusal_of(request(header))) << header.name << ": " << header.value;
  }
  auto twice = request({"Sec-WebSocket-Protocol", "xmpp"});
  twice.insert(twice.size() - 2, "SEC-WEBSOCKET-PROTOCOL:sip\r\n");
  EXPECT_FALSE(refusal_of(twice));
}

TEST(WsHandshake, RefusesWhatIsNoGoodRequest) {
  const auto lines = [](std::string_view first) {
    return std::string(first) + request().substr(request().find("\r\n"));
  };
  for (const auto& text : {lines("POST / HTTP/1.1"),
                           lines("GET / HTTP/1.0"),
                           lines("GET http://x/ HTTP/1.1"),
                           lines("GET  / HTTP/1.1"),
                           lines("GET / HTTP/1.1 "),
                           lines("GET /"),
                           lines(""),
                           lines("REGISTER sip:example.com SIP/2.0"),
                           lines("GET /\x01 HTTP/1.1"),
                           request({"Host", ""}),
                           request({"Sec-WebSocket-Key", ""}),
                           request({"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ="}),
                           request({"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j!Q=="}),
                           request({"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZTEyMw=="}),
                           request({"Sec-WebSocket-Version", ""}),
                           request({"A b", "c"}),
                           request({"A", "\x02"}),
                           lines("GET / HTTP/1.1\r\nno colon"),
                           lines("GET / HTTP/1.1\r\nHost: another"),
                           lines("GET / HTTP/1.1\r\n folded: line"),
                           std::string("\r\n\r\n")}) {
    EXPECT_EQ(refusal_of(text), WsRefusal::bad_request) << text;
  }
}

TEST(WsHandshake, WhoAsksForNoWebSocketOrAnotherVersionLearnsWhatIsSpoken) {
  for (const auto& header :
       {Header{"Upgrade", ""}, Header{"Upgrade", "h2c"}, Header{"Connection", "keep-alive"},
        Header{"Connection", ""}, Header{"Sec-WebSocket-Version", "8"}}) {
    const auto handshake = answer_ws_handshake(request(header), {});
    ASSERT_TRUE(handshake);
    EXPECT_EQ(handshake->refusal, WsRefusal::upgrade);
    EXPECT_TRUE(handshake->answer.starts_with("HTTP/1.1 426 "));
    EXPECT_NE(handshake->answer.find("\r\nSec-WebSocket-Version: 13\r\n"), std::string::npos);
  }
}

TEST(WsHandshake, WhoDoesNotSpeakSipIsRefused) {
  EXPECT_EQ(refusal_of(request({"Sec-WebSocket-Protocol", ""})), WsRefusal::protocol);
  EXPECT_EQ(refusal_of(request({"Sec-WebSocket-Protocol", "sips, mqtt"})), WsRefusal::protocol);
}

TEST(WsHandshake, OnlyPagesOfTheOriginsThatAreNamedMayConnect) {
  const WsOptions options{
      .origins = {"https://phone.example.com", "https://other.example.com:8443"}};
  EXPECT_FALSE(refusal_of(request(), options));
  EXPECT_FALSE(refusal_of(request({"Origin", "HTTPS://Other.example.com:8443"}), options));
  for (const char* origin :
       {"http://phone.example.com", "https://phone.example.com:8443", "https://example.com", "null",
        "https://phone.example.com.evil.example", "https://phone.example.co"}) {
    EXPECT_EQ(refusal_of(request({"Origin", origin}), options), WsRefusal::origin) << origin;
  }
}

TEST(WsHandshake, AClientWithoutOriginIsRefusedUnlessThatIsAllowed) {
  EXPECT_EQ(refusal_of(request({"Origin", ""})), WsRefusal::origin);
  EXPECT_FALSE(refusal_of(request({"Origin", ""}), {.require_origin = false}));
  EXPECT_EQ(refusal_of(request(), {.require_origin = false, .origins = {"https://a.example"}}),
            WsRefusal::origin);
}

TEST(WsHandshake, OnlyTheResourceThatIsNamedIsThere) {
  const WsOptions options{.resource = "/sip"};
  EXPECT_FALSE(refusal_of(request({}, "/sip"), options));
  EXPECT_FALSE(refusal_of(request({}, "/sip?token=1"), options));
  EXPECT_EQ(refusal_of(request({}, "/"), options), WsRefusal::resource);
  EXPECT_EQ(refusal_of(request({}, "/sip/"), options), WsRefusal::resource);
}

TEST(WsHandshake, RefusalsSayHowLongTheyAre) {
  for (unsigned i = 0; i < kWsRefusals; ++i) {
    const auto text = refuse_ws(static_cast<WsRefusal>(i));
    const auto body = text.substr(text.find("\r\n\r\n") + 4);
    EXPECT_NE(text.find("\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"),
              std::string::npos);
    EXPECT_NE(text.find("\r\nConnection: close\r\n"), std::string::npos);
  }
}

}  // namespace
}  // namespace opensips::transport
