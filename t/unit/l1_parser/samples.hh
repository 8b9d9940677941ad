#pragma once

#include <string>
#include <string_view>

#include "l1_parser/message.hh"
#include "l1_parser/writer.hh"

namespace opensips::parser::samples {

inline const std::string kInvite =
    "INVITE sip:service@192.0.2.1:5060 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.7:5062;branch=z9hG4bK-28815-1-0;rport\r\n"
    "Via: SIP/2.0/TCP 192.0.2.8;branch=z9hG4bKsecond\r\n"
    "From: \"Caller\" <sip:caller@192.0.2.7:5062>;tag=28815c1\r\n"
    "To: <sip:service@192.0.2.1:5060>\r\n"
    "Call-ID: 1-28815@192.0.2.7\r\n"
    "CSeq: 1 INVITE\r\n"
    "Contact: <sip:caller@192.0.2.7:5062>\r\n"
    "Max-Forwards: 70\r\n"
    "Record-Route: <sip:192.0.2.8;lr>\r\n"
    "X-Custom: first\r\n"
    "X-Custom: second\r\n"
    "Content-Type: application/sdp\r\n"
    "Content-Length: 7\r\n"
    "\r\n"
    "v=0\r\ns=";

inline const std::string kOk =
    "SIP/2.0 200 OK\r\n"
    "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKours\r\n"
    "From: \"Caller\" <sip:caller@192.0.2.7:5062>;tag=28815c1\r\n"
    "To: <sip:service@192.0.2.1:5060>;tag=callee\r\n"
    "Call-ID: 1-28815@192.0.2.7\r\n"
    "CSeq: 1 INVITE\r\n"
    "Contact: <sip:192.0.2.9:5070;transport=UDP>\r\n"
    "Content-Length: 0\r\n"
    "\r\n";

/// A request that parses, with one line changed or more lines put in.
struct Request {
  std::string start = "INVITE sip:bob@example.com SIP/2.0";
  std::string via = "Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKx";
  std::string from = "From: <sip:alice@example.com>;tag=1";
  std::string to = "To: <sip:bob@example.com>";
  std::string call_id = "Call-ID: abc";
  std::string cseq = "CSeq: 1 INVITE";
  std::string more = {};  ///< whole lines
  std::string body = {};

  std::string text() const {
    std::string all = start + "\r\n";
    for (const auto* line : {&via, &from, &to, &call_id, &cseq}) {
      if (!line->empty()) all += *line + "\r\n";
    }
    return all + more + "\r\n" + body;
  }
};

inline Message::Parsed parse(std::string_view bytes, const Limits& limits = {}) {
  return Message::parse(bytes, base::Flow{}, limits);
}

/// The message of bytes that have to be good; null if they are not.
inline base::Ref<Message> good(std::string_view bytes) {
  auto parsed = parse(bytes);
  return parsed.fault.code == 0 ? parsed.message : nullptr;
}

inline std::string forwarded(const Message& message, const Draft& draft = {}) {
  return std::string(write(message, draft)->view());
}

inline std::string replied(const Message& message, unsigned code, std::string_view to_tag = {}) {
  Draft draft;
  draft.kind = Draft::Kind::reply;
  draft.code = static_cast<std::uint16_t>(code);
  draft.to_tag = to_tag;
  return std::string(write(message, draft)->view());
}

/// `text` with every `from` replaced.
inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace opensips::parser::samples
