#include "l0_transport/framer.hh"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace opensips::transport {

namespace {

constexpr std::string_view kPing = "\r\n\r\n";
constexpr std::string_view kBlanks = " \t\r\n";

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_empty_line(std::string_view line) {
  return line == "\r\n" || line == "\n";
}

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

/// A status line, or one that ends in a version (RFC 3261 7.1, 7.2). L1 looks closer.
bool is_start_line(std::string_view line) {
  constexpr std::string_view kVersion = "SIP/";
  line = trim(line);
  if (same_text(line.substr(0, kVersion.size()), kVersion)) return true;
  const auto blank = line.rfind(' ');
  return blank != std::string_view::npos &&
         same_text(line.substr(blank + 1, kVersion.size()), kVersion);
}

}  // namespace

bool begins_like_sip(std::string_view message) {
  message.remove_prefix(std::min(message.find_first_not_of("\r\n"), message.size()));
  return is_start_line(message.substr(0, message.find('\n')));
}

Framer::Frame Framer::next(std::string_view stream) {
  std::size_t used = 0;
  if (!inside()) {
    const auto kind = skip_line_ends(stream, used);
    if (kind != Kind::message) return {kind, {}, used};
    stream.remove_prefix(used);
  }
  if (body_at_ == 0) {
    const auto kind = find_headers_end(stream);
    if (kind == Kind::garbage) return {kind, {}, used};
    if (kind == Kind::more && stream.size() <= max_message_) return {kind, {}, used};
    if (kind != Kind::message) return {Kind::broken, stream, used};
    if (!length_ || bad_length_ || body_at_ + *length_ > max_message_) {
      return {Kind::broken, stream.substr(0, body_at_), used};
    }
  }
  const std::size_t size = body_at_ + *length_;
  if (stream.size() < size) return {Kind::more, {}, used};
  start_over();
  return {Kind::message, stream.substr(0, size), used + size};
}

/// Kind::message: one begins at `used`.
Framer::Kind Framer::skip_line_ends(std::string_view stream, std::size_t& used) {
  for (; used < stream.size(); ++used) {
    const char c = stream[used];
    if (c != '\r' && c != '\n') {
      matched_ = 0;
      const auto byte = static_cast<unsigned char>(c);
      return byte > 0x20 && byte < 0x7f ? Kind::message : Kind::garbage;
    }
    if (c != kPing[matched_]) matched_ = 0;
    if (c == kPing[matched_] && ++matched_ == kPing.size()) {
      matched_ = 0;
      ++used;
      return Kind::ping;
    }
  }
  return Kind::more;
}

Framer::Kind Framer::find_headers_end(std::string_view message) {
  for (;;) {
    const void* const found = std::memchr(message.data() + search_, '\n', message.size() - search_);
    if (!found) {
      search_ = message.size();
      return Kind::more;
    }
    const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - message.data()) + 1;
    const auto line = message.substr(line_, end - line_);
    if (is_empty_line(line)) {
      body_at_ = end;
      return Kind::message;
    }
    if (line_ > 0) {  // the next byte says whether the header goes on (RFC 3261 7.3.1)
      if (end == message.size()) {
        search_ = end - 1;
        return Kind::more;
      }
      if (is_blank(message[end])) {
        search_ = end;
        continue;
      }
    }
    if (!take_line(line)) return Kind::garbage;
    line_ = search_ = end;
  }
}

bool Framer::take_line(std::string_view line) {
  if (line_ == 0) return is_start_line(line);
  const char first = static_cast<char>(line.front() | 0x20);
  if (first == 'c' || first == 'l') take_content_length(line);
  return true;
}

void Framer::take_content_length(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const auto name = trim(line.substr(0, colon));
  if (!same_text(name, "Content-Length") && !same_text(name, "l")) return;
  const auto value = trim(line.substr(colon + 1));
  const char* const end = value.data() + value.size();
  std::uint32_t length = 0;
  const auto [stop, error] = std::from_chars(value.data(), end, length);
  if (length_ || error != std::errc() || stop != end) bad_length_ = true;
  length_ = length;
}

}  // namespace opensips::transport
