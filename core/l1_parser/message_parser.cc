#include "l1_parser/message_parser.hh"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/blocks.hh"
#include "l1_parser/chars.hh"

namespace opensips::parser {
namespace {

// Headers that there is room for at first. What a message does not use of it goes to its arena,
// with what its block has beyond what was asked for: an INVITE that is relayed should need no
// other.
constexpr std::uint32_t kUsualHeaders = 40;
constexpr std::size_t kSpare = 656;
// Offsets are 32 bits wide, and no transport of ours takes this much.
constexpr std::size_t kMaxBytes = 0x7fffffff;

// A response has what we added to the request that it answers: a Via, two Record-Routes, and in the
// Via of who sent it received and rport. What was let through has to come back.
Limits for_response(Limits limits) {
  limits.headers += 3;
  limits.vias += 1;
  limits.line += 128;
  return limits;
}

std::uint32_t commas_in(std::string_view text) {
  std::uint32_t count = 0;
  for (auto at = text.find(','); at != text.npos; at = text.find(',', at + 1)) ++count;
  return count;
}

}  // namespace

void MessageParser::Free::operator()(char* block) const {
  base::give_block(block);
}

MessageParser::MessageParser(std::string_view bytes, const base::Flow& from, const Limits& limits)
    : bytes_(skip_line_ends(bytes)), from_(from), limits_(limits) {}

void MessageParser::fail(std::uint16_t code, const char* reason) {
  if (fault_.code == 0) fault_ = {code, reason};
}

void MessageParser::fail_scan(std::uint16_t code, const char* reason) {
  if (scan_fault_.code == 0) scan_fault_ = {code, reason};
}

Message::Parsed MessageParser::parse() {
  Message::Parsed result;
  result.fault = {400, "Malformed Start Line"};
  if (bytes_.size() > kMaxBytes) return result;
  HeaderScanner scanner(bytes_);
  const auto line = scanner.start_line();
  if (!line) return result;
  start_ = StartLine::parse(*line);
  if (start_.kind == StartLine::Kind::none) return result;
  start_size_ = scanner.offset();
  if (start_.kind == StartLine::Kind::response) limits_ = for_response(limits_);

  capacity_ = std::min(kUsualHeaders, limits_.headers);
  allocate();
  if (!scan()) {
    capacity_ = limits_.headers;
    allocate();
    scan();
  }
  make_message();
  read_start_line();
  if (scan_fault_.code != 0) fail(scan_fault_.code, scan_fault_.reason);
  if (!complete_) fail_short();
  read_via();
  read_address(message_->from_, message_->from_uri_, places_.from, "Missing From",
               "Malformed From");
  read_address(message_->to_, message_->to_uri_, places_.to, "Missing To", "Malformed To");
  read_call_id();
  read_cseq();
  if (message_->is_request()) read_max_forwards();
  read_body();

  result.message = base::Ref<Message>(message_);
  result.fault = fault_;
  result.answerable =
      fault_.code != 0 && via_good_ && message_->is_request() && message_->method_ != Method::ack;
  return result;
}

void MessageParser::allocate() {
  const std::size_t table =
      (sizeof(Message) + bytes_.size() + alignof(Header) - 1) & ~(alignof(Header) - 1);
  block_size_ = base::block_room(table + capacity_ * sizeof(Header) + kSpare);
  block_.reset(static_cast<char*>(base::take_block(block_size_)));
  copy_ = block_.get() + sizeof(Message);
  std::memcpy(copy_, bytes_.data(), bytes_.size());
  text_ = {copy_, bytes_.size()};
  table_ = reinterpret_cast<Header*>(block_.get() + table);
}

void MessageParser::note_once(std::uint32_t& place, const char* repeated) {
  if (place == Places::kNone) {
    place = count_;
  } else {
    fail_scan(400, repeated);
  }
}

// Inline for all that the compiler thinks of its size, as take(): for every line of every message.
[[gnu::always_inline]] inline void MessageParser::note(HeaderName name, std::string_view value) {
  switch (name) {
    case HeaderName::via:
      if (places_.via == Places::kNone) places_.via = count_;
      vias_ += 1 + commas_in(value);
      break;
    case HeaderName::from: note_once(places_.from, "Repeated From"); break;
    case HeaderName::to: note_once(places_.to, "Repeated To"); break;
    case HeaderName::call_id: note_once(places_.call_id, "Repeated Call-ID"); break;
    case HeaderName::cseq: note_once(places_.cseq, "Repeated CSeq"); break;
    case HeaderName::max_forwards: note_once(places_.max_forwards, "Repeated Max-Forwards"); break;
    case HeaderName::content_length:
      note_once(places_.content_length, "Repeated Content-Length");
      break;
    default: break;
  }
}

// False if reading on is of no use.
[[gnu::always_inline]] inline bool MessageParser::take(const HeaderLine& line) {
  const auto name_text = line.name();
  if (line.line().size() > limits_.line) fail_scan(513, "Header Line Too Long");
  if (name_text.size() > 0xffff) return false;  // the table has no room for such a size
  const auto name = header_name_of(name_text);
  if (name == HeaderName::other) {
    if (!chars::is_token(name_text)) {
      fail_scan(400, "Malformed Header Name");
      return true;
    }
  } else if (line.folded) {
    unfold(line);
  }
  if (line.control && has_stray_control(line)) fail_scan(400, "Control Character In Header");
  const auto offset = [this](const char* at) { return static_cast<std::uint32_t>(at - copy_); };
  Header& header = table_[count_];
  header.line_begin = offset(line.begin);
  header.value_begin = offset(line.value_begin);
  header.value_end = offset(line.value_end);
  header.line_end = offset(line.end);
  header.name_size = static_cast<std::uint16_t>(name_text.size());
  header.name = name;
  note(name, line.value());
  names_ |= Message::bit(name);
  ++count_;
  if (vias_ <= limits_.vias) return true;
  fail_scan(513, "Too Many Vias");
  return false;
}

// Blanks for the line ends inside, so that values of known headers have none; sizes stay.
void MessageParser::unfold(const HeaderLine& line) {
  const char* const last = line.end[-2] == '\r' ? line.end - 2 : line.end - 1;
  std::replace_if(
      copy_ + (line.name_end - copy_), copy_ + (last - copy_),
      [](char c) { return c == '\r' || c == '\n'; }, ' ');
}

// A control byte stands in a header only as the second half of a quoted-pair (RFC 3261 25.1).
bool MessageParser::has_stray_control(const HeaderLine& line) const {
  for (const char* at = line.begin; at != line.value_end; ++at) {
    const auto byte = static_cast<unsigned char>(*at);
    if (byte >= 0x20 || byte == '\t' || byte == '\r' || byte == '\n') continue;
    if (at == line.begin || at[-1] != '\\') return true;
  }
  return false;
}

// Fills the table; false if it is too small for what the limits allow.
bool MessageParser::scan() {
  count_ = vias_ = 0;
  names_ = 0;
  places_ = {};
  scan_fault_ = {};
  HeaderScanner scanner(text_, start_size_);
  HeaderLine line;
  while (scanner.next(line)) {
    if (line.bad) {
      fail_scan(400, "Malformed Header Line");
    } else if (count_ < capacity_) {
      if (!take(line)) return true;
    } else if (capacity_ < limits_.headers) {
      return false;
    } else {
      fail_scan(513, "Too Many Header Fields");
      return true;
    }
  }
  complete_ = scanner.complete();
  body_at_ = scanner.offset();
  return true;
}

// What the table has left over becomes the beginning of the arena.
void MessageParser::make_message() {
  char* const rest = reinterpret_cast<char*>(table_ + count_);
  char* const block = block_.release();
  message_ = new (block) Message(rest, static_cast<std::size_t>(block + block_size_ - rest), from_);
  message_->footprint_ = block_size_;
  message_->raw_ = text_;
  message_->headers_ = {table_, count_};
  message_->names_ = names_;
}

}  // namespace opensips::parser
