#include <algorithm>

#include "l1_parser/chars.hh"
#include "l1_parser/fields.hh"
#include "l1_parser/message_parser.hh"
#include "l1_parser/scan_bytes.hh"

// The second half of MessageParser: the fields that every message is checked for.
namespace opensips::parser {

void MessageParser::read_start_line() {
  Message& message = *message_;
  message.code_ = start_.code;
  message.reason_ = copied(start_.reason);
  if (!start_.version_2) fail(505, "Version Not Supported");
  if (message.is_request()) {
    message.method_text_ = copied(start_.method);
    message.method_ = method_of(message.method_text_);
    if (start_.uri.size() > limits_.uri) {
      fail(414, "Request-URI Too Long");
    } else if (!read_field(copied(start_.uri), message.uri_)) {
      message.uri_ = {};
      fail(400, "Malformed Request-URI");
    } else if (!message.uri_.headers.empty()) {
      fail(400, "Headers In Request-URI");  // RFC 3261 19.1.1
    }
  }
  if (!start_.clean) fail(400, "Malformed Start Line");
  if (start_size_ > limits_.line) fail(513, "Start Line Too Long");
}

void MessageParser::read_via() {
  if (places_.via == Places::kNone) return fail(400, "Missing Via");
  const auto top = ValueList(value(places_.via)).next().value_or(std::string_view{});
  via_good_ = read_field(top, message_->via_);
  if (via_good_) return;
  fail(400, "Malformed Via");
  const auto sent_by = Via::parse_sent_by(top);
  via_good_ = sent_by.has_value();
  message_->via_ = sent_by.value_or(Via{});
}

// One that has been read before: as a rule who is called is named twice, and who registers himself.
const Uri* MessageParser::known_uri(std::string_view text) const {
  if (message_->uri_.text == text) return &message_->uri_;
  return message_->from_uri_->text == text ? message_->from_uri_ : nullptr;
}

void MessageParser::read_address(NameAddr& address, const Uri*& uri, std::uint32_t place,
                                 const char* missing, const char* malformed) {
  if (place == Places::kNone) return fail(400, missing);
  if (read_field(value(place), address)) {
    // What a response says here it copied from a request, which was checked.
    if (!message_->is_request()) return;
    if (const auto* const known = known_uri(address.uri_text)) {
      uri = known;
      return;
    }
    auto* const parsed = message_->arena_.make<Uri>();
    if (read_field(address.uri_text, *parsed)) {
      uri = parsed;
      return;
    }
  }
  address = {};
  fail(400, malformed);
}

void MessageParser::read_call_id() {
  if (places_.call_id == Places::kNone) return fail(400, "Missing Call-ID");
  const auto text = value(places_.call_id);
  const bool good = !text.empty() && all_visible(text.data(), text.data() + text.size());
  if (!good) return fail(400, "Malformed Call-ID");
  message_->call_id_ = text;
}

void MessageParser::read_cseq() {
  if (places_.cseq == Places::kNone) return fail(400, "Missing CSeq");
  CSeq& cseq = message_->cseq_;
  if (!read_field(value(places_.cseq), cseq)) {
    cseq = {};
    return fail(400, "Malformed CSeq");
  }
  if (!message_->is_request()) {
    message_->method_ = cseq.method;
    message_->method_text_ = cseq.method_text;
  } else if (cseq.method_text != message_->method_text_) {
    fail(400, "CSeq Method Mismatch");
  }
}

void MessageParser::read_max_forwards() {
  if (places_.max_forwards == Places::kNone) return;
  message_->max_forwards_ = chars::number(value(places_.max_forwards), 255);
  if (!message_->max_forwards_) fail(400, "Malformed Max-Forwards");
}

// L0 hands on less of a stream's message than its whole only if the whole is too much.
void MessageParser::fail_short() {
  if (base::is_stream(from_.transport)) return fail(513, "Message Too Large");
  fail(400, "Message Cut Short");
}

// Without a Content-Length the body is the rest, but not in a stream (RFC 3261 18.3); what is
// behind the body is no part of us.
void MessageParser::read_body() {
  if (!complete_) return;
  const bool stream = base::is_stream(from_.transport);
  const auto rest = text_.substr(body_at_);
  message_->body_ = rest;
  if (places_.content_length == Places::kNone) {
    if (stream) fail(400, "Missing Content-Length");
    return;
  }
  constexpr std::uint32_t kConceivable = 0x7fffffff;  // beyond it a mistake, not a large message
  const auto size = chars::number(value(places_.content_length), 0xffffffff);
  if (!size) return fail(400, "Malformed Content-Length");
  if (*size > rest.size()) {
    if (stream && *size <= kConceivable) return fail_short();
    return fail(400, "Content-Length Beyond Message");
  }
  message_->body_ = rest.substr(0, *size);
  message_->raw_ = text_.substr(0, body_at_ + *size);
}

}  // namespace opensips::parser
