#include "l1_parser/message.hh"

#include <gtest/gtest.h>

#include "unit/l1_parser/samples.hh"

namespace opensips::parser {
namespace {

using samples::good;
using samples::parse;
using samples::Request;

TEST(Message, OfARequestHasItsFields) {
  const auto message = good(samples::kInvite);
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->is_request());
  EXPECT_EQ(message->method(), Method::invite);
  EXPECT_EQ(message->method_text(), "INVITE");
  EXPECT_EQ(message->uri().user, "service");
  EXPECT_EQ(message->uri().port, 5060);
  EXPECT_EQ(message->code(), 0);
  EXPECT_EQ(message->via().branch, "z9hG4bK-28815-1-0");
  EXPECT_TRUE(message->via().has_rport);
  EXPECT_EQ(message->from().tag, "28815c1");
  EXPECT_EQ(message->from().display, "\"Caller\"");
  EXPECT_EQ(message->to().tag, "");
  EXPECT_EQ(message->call_id(), "1-28815@192.0.2.7");
  EXPECT_EQ(message->cseq().number, 1U);
  EXPECT_EQ(message->max_forwards(), 70U);
  EXPECT_EQ(message->body(), "v=0\r\ns=");
  EXPECT_EQ(message->raw(), samples::kInvite);
  EXPECT_EQ(message->headers().size(), 13U);
}

TEST(Message, OfAResponseHasItsFields) {
  const auto message = good(samples::kOk);
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->is_request());
  EXPECT_EQ(message->code(), 200);
  EXPECT_EQ(message->reason(), "OK");
  EXPECT_EQ(message->method(), Method::invite);
  EXPECT_EQ(message->method_text(), "INVITE");
  EXPECT_EQ(message->to().tag, "callee");
  EXPECT_EQ(message->max_forwards(), std::nullopt);
}

TEST(Message, HasTheUrisOfFromAndToOfARequest) {
  const auto request = good(samples::kInvite);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->from_uri().text, request->from().uri_text);
  EXPECT_EQ(request->from_uri().user, "caller");
  EXPECT_EQ(request->to_uri().text, request->to().uri_text);
  EXPECT_EQ(request->to_uri().user, "service");
  const auto response = good(samples::kOk);
  ASSERT_TRUE(response);
  EXPECT_TRUE(response->from_uri().text.empty());
  EXPECT_TRUE(response->to_uri().text.empty());
}

TEST(Message, HasTheUriOfToWhoeverElseHasTheSame) {
  const auto uris_of = [](const std::string& from, const std::string& to) {
    const auto request = good(Request{.from = from, .to = to}.text());
    return request
               ? std::string(request->from_uri().user) + " " + std::string(request->to_uri().user) +
                     " " + std::string(request->to_uri().params)
               : "none";
  };
  EXPECT_EQ(uris_of("From: sip:a@b;tag=1", "To: <sip:a@b>"), "a a ");
  EXPECT_EQ(uris_of("From: <sip:bob@example.com>;tag=1", "To: <sip:bob@example.com>"), "bob bob ");
  EXPECT_EQ(uris_of("From: <sip:a@b>;tag=1", "To: <sip:a@b;x=1>"), "a a x=1");
  EXPECT_EQ(uris_of("From: <sip:a@b>;tag=1", "To: <sip:@>"), "none");
}

TEST(Message, TellsWhetherItsViaNamesWhereItCameFrom) {
  base::Flow from;
  from.peer = *base::Address::parse("192.0.2.7", 5062);
  const auto sent_by = [&](const std::string& host) {
    const Request request{.via = "Via: SIP/2.0/UDP " + host + ";branch=z9hG4bKx"};
    const auto message = Message::parse(request.text(), from).message;
    static_cast<void>(message->sent_by());
    return message->sent_by();
  };
  EXPECT_EQ(sent_by("192.0.2.7"), Message::SentBy::source);
  EXPECT_EQ(sent_by("192.0.2.7:5099"), Message::SentBy::source);
  EXPECT_EQ(sent_by("192.0.2.8"), Message::SentBy::elsewhere);
  EXPECT_EQ(sent_by("[2001:db8::7]"), Message::SentBy::elsewhere);
  EXPECT_EQ(sent_by("phone.example.com"), Message::SentBy::name);
}

TEST(Message, HasItsFirstContact) {
  const auto contact = [](const std::string& lines) {
    const auto message = good(Request{.more = lines}.text());
    const auto* const first = message->contact();
    EXPECT_EQ(message->contact(), first);
    return first ? std::string(first->address.text) + " " + std::string(first->uri.host) : "none";
  };
  EXPECT_EQ(contact("Contact: \"A\" <sip:a@one>;q=1, <sip:a@two>\r\nm: <sip:a@three>\r\n"),
            "\"A\" <sip:a@one>;q=1 one");
  EXPECT_EQ(contact("m: sip:a@one;expires=5\r\n"), "sip:a@one;expires=5 one");
  EXPECT_EQ(contact(""), "none");
  EXPECT_EQ(contact("Contact:\r\n"), "none");
  EXPECT_EQ(contact("Contact: *\r\n"), "none");
  EXPECT_EQ(contact("Contact: <sip:>\r\n"), "none");
  EXPECT_EQ(contact("Contact: <sip:>, <sip:a@two>\r\n"), "none");
}

TEST(Message, KeepsItsOwnCopy) {
  std::string bytes = samples::kInvite;
  const auto message = good(bytes);
  bytes.assign(bytes.size(), 'x');
  EXPECT_EQ(message->raw(), samples::kInvite);
  EXPECT_EQ(message->uri().host, "192.0.2.1");
  EXPECT_EQ(message->call_id(), "1-28815@192.0.2.7");
  EXPECT_GE(message->footprint(), bytes.size() + sizeof(Message));
}

TEST(Message, FindsHeadersByName) {
  const auto message = good(samples::kInvite);
  const auto headers = message->headers();
  EXPECT_EQ(message->find(HeaderName::via), 0U);
  EXPECT_EQ(message->find(HeaderName::via, 1), 1U);
  EXPECT_EQ(message->find(HeaderName::via, 2), headers.size());
  EXPECT_EQ(message->find("v"), 0U);
  EXPECT_FALSE(message->has(HeaderName::route));
  const auto custom = message->find("x-custom");
  EXPECT_EQ(message->value(headers[custom]), "first");
  EXPECT_EQ(message->value(headers[message->find("x-custom", custom + 1)]), "second");
  EXPECT_EQ(message->find("x-nothing"), headers.size());
  EXPECT_EQ(message->name(headers[2]), "From");
  EXPECT_EQ(message->line(headers[5]), "CSeq: 1 INVITE\r\n");
}

TEST(Message, FindsUnknownHeadersByTheirCompactForm) {
  const auto message = good(Request{.more = "e: gzip\r\nAllow-Events: x\r\n"}.text());
  EXPECT_EQ(message->value(message->headers()[message->find("Content-Encoding")]), "gzip");
  EXPECT_EQ(message->value(message->headers()[message->find("u")]), "x");
}

TEST(Message, HasBlanksForTheFoldsOfKnownHeadersOnly) {
  const std::string text = Request{.to = "TO :\r\n sip:bob@example.com ;\r\n\ttag\n = 7",
                                   .more = "X-Unknown: a\r\n b\r\n"}
                               .text();
  const auto message = good(text);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->to().tag, "7");
  EXPECT_EQ(message->raw().size(), text.size());
  const auto headers = message->headers();
  EXPECT_EQ(message->line(headers[2]), "TO :   sip:bob@example.com ;  \ttag  = 7\r\n");
  EXPECT_EQ(message->line(headers[message->find("x-unknown")]), "X-Unknown: a\r\n b\r\n");
}

TEST(Message, TakesLfForCrlf) {
  const auto text = samples::replaced(Request{.body = "x"}.text(), "\r\n", "\n");
  const auto message = good(text);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->raw(), text);
  EXPECT_EQ(message->body(), "x");
}

TEST(Message, SkipsLineEndsBeforeTheStartLine) {
  const auto message = good("\r\n\r\n\n" + samples::kInvite);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->raw(), samples::kInvite);
}

TEST(Message, EndsWhereContentLengthSays) {
  const auto cut = good(Request{.more = "Content-Length : 3 \r\n", .body = "abcINVITE x"}.text());
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->body(), "abc");
  EXPECT_TRUE(cut->raw().ends_with("\r\n\r\nabc"));
  EXPECT_EQ(good(Request{.more = "l:0\r\n", .body = "abc"}.text())->body(), "");
  EXPECT_EQ(good(Request{.body = "abc"}.text())->body(), "abc");
}

struct Case {
  Request request;
  std::uint16_t code;
  const char* reason;
  bool answerable = true;
};

TEST(Message, RefusesWhatIsWrongWithTheStartLine) {
  const Case cases[] = {
      {{.start = "INVITE sip:bob@example.com SIP/7.0"}, 505, "Version Not Supported"},
      {{.start = "INVITE sip:bob@example.com SIP/2.00"}, 505, "Version Not Supported"},
      {{.start = "INVITE <sip:bob@example.com> SIP/2.0"}, 400, "Malformed Request-URI"},
      {{.start = "INVITE  sip:bob@example.com SIP/2.0"}, 400, "Malformed Request-URI"},
      {{.start = "INVITE sip:bob@example.com; lr SIP/2.0"}, 400, "Malformed Request-URI"},
      {{.start = "INVITE sip:bob@exam\rple.com SIP/2.0"}, 400, "Malformed Request-URI"},
      {{.start = "INVITE sip:bob@example.com SIP/2.0 "}, 400, "Malformed Start Line"},
      {{.start = "INVITE sip:" + std::string(4100, 'u') + "@h SIP/2.0"},
       414,
       "Request-URI Too Long"},
      {{.start = "INVITE sip:" + std::string(9000, 'u') + "@h SIP/2.0"},
       414,
       "Request-URI Too Long"},
  };
  for (const auto& one : cases) {
    const auto parsed = parse(one.request.text());
    ASSERT_TRUE(parsed.message);
    EXPECT_EQ(parsed.fault.code, one.code) << one.request.start;
    EXPECT_STREQ(parsed.fault.reason, one.reason);
    EXPECT_TRUE(parsed.answerable);
    const bool bad_uri = std::string_view(one.reason).find("Request-URI") != std::string_view::npos;
    EXPECT_EQ(parsed.message->uri().text.empty(), bad_uri);
  }
  EXPECT_TRUE(good(Request{.start = "INVITE http://example.com sip/2.0"}.text()));
}

TEST(Message, IsNoneWithoutAStartLine) {
  for (const char* line : {"", "INVITE", "INVITE sip:a@b", "INVITE SIP/2.0", "GET / HTTP/1.1",
                           "IN VITE", "INV\"ITE sip:a@b SIP/2.0", "INVITE sip:a@b SIP/2",
                           "INVITE sip:a@b SIP/x.y", " INVITE sip:a@b SIP/2.0", "SIP/2.0",
                           "SIP/2.0 20 OK", "SIP/2.0 99 x", "SIP/2.0 700 x", "SIP/2.0 4294967301 x",
                           "SIP/2.0 2xx x", "SIP/2.0 200OK", "SIP/2.0  200 OK", "SIP/x 200 OK"}) {
    const auto parsed = parse(Request{.start = line}.text());
    EXPECT_FALSE(parsed.message) << line;
    EXPECT_EQ(parsed.fault.code, 400);
    EXPECT_FALSE(parsed.answerable);
  }
  EXPECT_FALSE(parse("").message);
  EXPECT_FALSE(parse("\r\n\r\n").message);
  EXPECT_FALSE(parse("INVITE sip:a@b SIP/2.0").message);
}

TEST(Message, RefusesWhatIsWrongWithAHeaderThatItChecks) {
  const Case cases[] = {
      {{.via = ""}, 400, "Missing Via", false},
      {{.via = "Via: SIP/2.0/UDP"}, 400, "Malformed Via", false},
      {{.via = "Via:"}, 400, "Malformed Via", false},
      {{.via = "Via: SIP/2.0/UDP 192.0.2.15;;,;,,"}, 400, "Malformed Via"},
      {{.from = ""}, 400, "Missing From"},
      {{.from = "From: \"x"}, 400, "Malformed From"},
      {{.from = "From: <sip:a b@c>"}, 400, "Malformed From"},
      {{.to = ""}, 400, "Missing To"},
      {{.to = "To: <sip:bob@example.com>;tag="}, 400, "Malformed To"},
      {{.call_id = ""}, 400, "Missing Call-ID"},
      {{.call_id = "Call-ID:"}, 400, "Malformed Call-ID"},
      {{.call_id = "Call-ID: a b"}, 400, "Malformed Call-ID"},
      {{.cseq = ""}, 400, "Missing CSeq"},
      {{.cseq = "CSeq: x INVITE"}, 400, "Malformed CSeq"},
      {{.cseq = "CSeq: 1 OPTIONS"}, 400, "CSeq Method Mismatch"},
      {{.cseq = "CSeq: 1 invite"}, 400, "CSeq Method Mismatch"},
      {{.more = "Max-Forwards: 256\r\n"}, 400, "Malformed Max-Forwards"},
      {{.more = "Max-Forwards: -1\r\n"}, 400, "Malformed Max-Forwards"},
      {{.more = "Max-Forwards:\r\n"}, 400, "Malformed Max-Forwards"},
      {{.more = "no colon\r\n"}, 400, "Malformed Header Line"},
      {{.more = "X: a\rVia: b\r\n"}, 400, "Malformed Header Line"},
      {{.more = "X Y: a\r\n"}, 400, "Malformed Header Name"},
      {{.more = std::string("X: a\0b\r\n", 8)}, 400, "Control Character In Header"},
      {{.more = std::string("Subject: a\x01\r\n")}, 400, "Control Character In Header"},
  };
  for (const auto& one : cases) {
    const auto parsed = parse(one.request.text());
    ASSERT_TRUE(parsed.message);
    EXPECT_EQ(parsed.fault.code, one.code) << one.request.text();
    EXPECT_STREQ(parsed.fault.reason, one.reason) << one.request.text();
    EXPECT_EQ(parsed.answerable, one.answerable) << one.request.text();
  }
}

TEST(Message, RefusesASecondOneOfWhatThereIsOnce) {
  for (const std::string line :
       {"From: <sip:a@b>", "t: <sip:a@b>", "i: abc", "CSeq: 1 INVITE", "Content-Length: 0"}) {
    const auto parsed = parse(Request{.more = "Content-Length: 0\r\n" + line + "\r\n"}.text());
    EXPECT_EQ(parsed.fault.code, 400) << line;
    EXPECT_EQ(std::string_view(parsed.fault.reason).substr(0, 9), "Repeated ") << line;
    EXPECT_TRUE(parsed.answerable);
  }
  EXPECT_STREQ(parse(Request{.more = "Max-Forwards: 1\r\nMax-Forwards: 1\r\n"}.text()).fault.reason,
               "Repeated Max-Forwards");
}

TEST(Message, RefusesAContentLengthThatIsNone) {
  for (const char* size : {"", "-1", "-999", "five", "1.0", "5, 5", "0x1", "1 1", "2147483648",
                           "4294967301", "18446744073709551616", "9999", "4", "+1"}) {
    const auto parsed = parse(
        Request{.more = "Content-Length: " + std::string(size) + "\r\n", .body = "abc"}.text());
    EXPECT_EQ(parsed.fault.code, 400) << size;
    EXPECT_TRUE(parsed.answerable) << size;
  }
  EXPECT_TRUE(good(Request{.more = "Content-Length: 00003\r\n", .body = "abc"}.text()));
}

TEST(Message, WithoutItsEmptyLineIsCutShort) {
  auto text = Request{}.text();
  text.resize(text.size() - 2);
  const auto parsed = parse(text);
  EXPECT_STREQ(parsed.fault.reason, "Message Cut Short");
  EXPECT_TRUE(parsed.answerable);
  EXPECT_EQ(parsed.message->call_id(), "abc");
}

TEST(Message, OfAStreamHasAContentLength) {
  const base::Flow stream{*base::Address::parse("192.0.2.9", 5060), 0, base::Transport::tcp};
  const auto fault = [&](const std::string& more) {
    const auto parsed = Message::parse(Request{.more = more}.text(), stream);
    EXPECT_TRUE(parsed.fault.code == 0 || parsed.answerable) << more;
    return parsed.fault.code;
  };
  EXPECT_EQ(fault("l: 0\r\n"), 0);
  EXPECT_EQ(fault(""), 400);
  EXPECT_EQ(fault("l: five\r\n"), 400);
  EXPECT_EQ(fault("l: 2147483648\r\n"), 400);
  // L0 hands on the headers alone when the whole would be too much.
  EXPECT_EQ(fault("l: 70000\r\n"), 513);
  auto endless = Request{}.text();
  endless.resize(endless.size() - 2);
  EXPECT_EQ(Message::parse(endless, stream).fault.code, 513);
}

TEST(Message, IsNotAnswerableAsAckOrResponse) {
  const auto ack = parse(Request{.start = "ACK sip:a@b SIP/2.0", .cseq = "CSeq: x"}.text());
  EXPECT_EQ(ack.fault.code, 400);
  EXPECT_FALSE(ack.answerable);
  const auto response = parse(Request{.start = "SIP/2.0 200 OK", .cseq = "CSeq: x"}.text());
  EXPECT_EQ(response.fault.code, 400);
  EXPECT_FALSE(response.answerable);
  EXPECT_FALSE(response.message->is_request());
  EXPECT_FALSE(parse(samples::kInvite).answerable);
}

TEST(Message, WithAFaultStillHasItsTableAndItsGoodFields) {
  const auto parsed = parse(Request{.from = "From: \"x", .more = "Max-Forwards: x\r\n"}.text());
  EXPECT_STREQ(parsed.fault.reason, "Malformed From");
  EXPECT_EQ(parsed.message->headers().size(), 6U);
  EXPECT_EQ(parsed.message->from().text, "");
  EXPECT_EQ(parsed.message->to().uri_text, "sip:bob@example.com");
  EXPECT_EQ(parsed.message->call_id(), "abc");
}

TEST(Message, TakesTheLeniencesOfTheField) {
  for (const Request& request : std::initializer_list<Request>{
           {.via =
                "v :  SIP / 2.0 / UDP  h.example.com : 5060 ; branch = z9hG4bKx , SIP/2.0/TCP b"},
           {.from = "f: sip:alice@example.com"},
           {.to = "to:\"\"<tel:+1-201-555-0123>"},
           {.to = "To: \"W\" < sip:w@example.org >"},
           {.call_id = "I: word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"},
           {.cseq = "cSEQ:0001\r\n INVITE"},
           {.more = "MaX-fOrWaRdS: 0068\r\n"},
           {.more = "Z:\r\nextensionHeader-!.%*+_`'~:\xef\xbb\xbf\r\n"},
           {.more = std::string("Subject: \"\\\0\"\r\n", 15)}}) {
    EXPECT_TRUE(good(request.text())) << request.text();
  }
  for (const char* line : {"SIP/2.0 100 ", "SIP/2.0 100", "SIP/2.0 200 = 2**3 \xd0\xbd\t x"}) {
    EXPECT_TRUE(good(Request{.start = line}.text())) << line;
  }
}

}  // namespace
}  // namespace opensips::parser
