#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace opensips::transport {

/// The first line, behind empty ones, is one of SIP (RFC 3261 7.1, 7.2) as far as can be told
/// without parsing it.
bool begins_like_sip(std::string_view message);

/// Cuts the bytes of a stream into SIP messages by their Content-Length (RFC 3261 7.5, 18.3). It
/// copies nothing and keeps only how far it has looked: each byte is looked at once, however few
/// come at a time. What it takes for a header is what L1 takes for one.
class Framer {
 public:
  struct Frame {
    enum class Kind : std::uint8_t {
      more,     ///< nothing whole yet
      message,  ///< a whole message
      ping,     ///< CRLF CRLF between messages, to be answered by CRLF (RFC 5626 3.5.1)
      broken,   ///< headers that do not say where their message ends, or one that is too long:
                ///< enough for an answer; what follows cannot be read
      garbage,  ///< not SIP: what follows cannot be read
    };
    Kind kind = Kind::more;
    std::string_view bytes;  ///< message, broken
    std::size_t used = 0;    ///< bytes at the beginning of the stream that are done with
  };

  /// `max_message`: bytes of a message; a longer one is broken.
  explicit Framer(std::size_t max_message) : max_message_(max_message) {}

  /// The next frame of `stream`: what has come and was not used by an earlier call. What was there
  /// before must still be there, at its beginning.
  Frame next(std::string_view stream);

  /// A message has begun and is not whole.
  bool inside() const { return search_ > 0; }

 private:
  using Kind = Frame::Kind;

  Kind skip_line_ends(std::string_view stream, std::size_t& used);
  Kind find_headers_end(std::string_view message);
  bool take_line(std::string_view line);
  void take_content_length(std::string_view line);
  void start_over() { *this = Framer(max_message_); }

  std::size_t max_message_;
  std::size_t line_ = 0;     // where the header being looked at begins
  std::size_t search_ = 0;   // where to look for its end
  std::size_t body_at_ = 0;  // 0: not known yet
  std::optional<std::uint32_t> length_;
  bool bad_length_ = false;   // not a number, or given twice
  std::uint8_t matched_ = 0;  // bytes of a ping that have come
};

}  // namespace opensips::transport
