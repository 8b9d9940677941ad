#include "l1_parser/scanner.hh"
#include "l1_parser/sink.hh"
#include "l1_parser/start_line.hh"
#include "l1_parser/writer.hh"

// ACK and CANCEL: the requests that a hop makes of the INVITE that it sent.
namespace opensips::parser {
namespace {

constexpr std::string_view kEnd = "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n";

/// Copies, of an INVITE of ours, what its ACK and its CANCEL repeat.
class HopRequest {
 public:
  /// `to`: the value to write in place of the INVITE's; empty: the INVITE's. `headers`: lines to
  /// add.
  HopRequest(std::string_view invite, std::string_view method, std::string_view to,
             std::string_view headers)
      : invite_(invite),
        method_(method),
        to_(to),
        sink_(base::Wire::make(invite.size() + to.size() + headers.size() + 64 + kEnd.size())) {}

  base::WireRef write(std::string_view headers) {
    HeaderScanner scanner(invite_);
    const auto line = scanner.start_line();
    if (!line) return {};
    const auto start = StartLine::parse(*line);
    if (start.kind != StartLine::Kind::request) return {};
    put(method_, " ", start.uri, " SIP/2.0\r\n");
    HeaderLine header;
    while (scanner.next(header)) {
      if (!header.bad && !take(header)) return {};
    }
    if (!via_ || !cseq_) return {};
    put(headers, kEnd);
    return sink_.take();
  }

 private:
  template <class... Parts>
  void put(Parts... parts) {
    (sink_.put(parts), ...);
  }

  bool take(const HeaderLine& header) {
    const auto value = header.value();
    switch (header_name_of(header.name())) {
      case HeaderName::via:
        if (via_) return true;
        via_ = true;
        put("Via: ", ValueList(value).next().value_or(std::string_view{}), "\r\n");
        return true;
      case HeaderName::to:
        if (to_seen_) return true;
        to_seen_ = true;
        if (to_.empty()) break;
        put("To: ", to_, "\r\n");
        return true;
      case HeaderName::cseq: {
        const auto cseq = CSeq::parse(value);
        if (!cseq || cseq_) return false;
        cseq_ = true;
        put("CSeq: ", Digits(cseq->number).view(), " ", method_, "\r\n");
        return true;
      }
      case HeaderName::call_id: sink_.set_call(value); break;
      case HeaderName::route:
      case HeaderName::from: break;
      default: return true;
    }
    put(header.line());
    return true;
  }

  std::string_view invite_;
  std::string_view method_;
  std::string_view to_;
  WireSink sink_;
  bool via_ = false;
  bool to_seen_ = false;
  bool cseq_ = false;
};

}  // namespace

base::WireRef write_ack(std::string_view invite, const Message& response) {
  const auto place = response.find(HeaderName::to);
  const auto to = place < response.headers().size() ? response.value(response.headers()[place])
                                                    : std::string_view{};
  return HopRequest(invite, "ACK", to, {}).write({});
}

base::WireRef write_cancel(std::string_view invite, std::string_view headers) {
  return HopRequest(invite, "CANCEL", {}, headers).write(headers);
}

}  // namespace opensips::parser
