#pragma once

#include <string>
#include <vector>

#include "base/siphash.hh"
#include "l0_transport/sockets.hh"
#include "l1_parser/draft.hh"
#include "l1_parser/message.hh"
#include "l1_parser/writer.hh"

namespace opensips::dialog {

inline constexpr base::SipKey kKey{1, 2};
inline constexpr std::uint32_t kEpoch = 1;

/// Two sockets: 192.0.2.1:5060 and [2001:db8::1]:5070.
struct TwoSockets : transport::Sockets {
  TwoSockets() {
    add(base::Transport::udp, *base::Address::parse("192.0.2.1", 5060), "", 0);
    add(base::Transport::udp, *base::Address::parse("2001:db8::1", 5070), "", 0);
  }
};

/// `headers`: whole lines.
inline base::Ref<parser::Message> request(const std::string& headers = {},
                                          const std::string& uri = "sip:b@198.51.100.2",
                                          const std::string& to_tag = "b",
                                          const std::string& from_tag = "a") {
  return parser::Message::parse(
             "BYE " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.1;branch=z9hG4bKx\r\n" +
                 headers + "From: <sip:a@198.51.100.1>;tag=" + from_tag +
                 "\r\nTo: <sip:b@198.51.100.2>" + (to_tag.empty() ? "" : ";tag=" + to_tag) +
                 "\r\nCall-ID: call\r\nCSeq: 2 BYE\r\n\r\n",
             {})
      .message;
}

inline std::string written(const parser::Message& message, const parser::Draft& draft = {}) {
  return std::string(parser::write(message, draft)->view());
}

/// The values of the lines of that header, in order.
inline std::vector<std::string> lines(const std::string& message, const std::string& name) {
  std::vector<std::string> found;
  const auto wanted = "\r\n" + name + ": ";
  for (auto at = message.find(wanted); at != std::string::npos; at = message.find(wanted, at + 1)) {
    const auto begin = at + wanted.size();
    found.push_back(message.substr(begin, message.find("\r\n", begin) - begin));
  }
  return found;
}

}  // namespace opensips::dialog
