#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.hh"
#include "base/flow.hh"
#include "base/ref.hh"
#include "l1_parser/cseq.hh"
#include "l1_parser/edits.hh"
#include "l1_parser/header_name.hh"
#include "l1_parser/method.hh"
#include "l1_parser/name_addr.hh"
#include "l1_parser/uri.hh"
#include "l1_parser/via.hh"

namespace opensips::parser {

/// What parse() refuses beyond the grammar. Counts are of one request; a response may have a little
/// more, which its request got from us.
struct Limits {
  std::uint32_t headers = 256;
  std::uint32_t vias = 70;
  std::uint32_t line = 8192;
  std::uint32_t uri = 4096;
};

/// One header as it stood in the bytes: offsets into Message::raw(). The line ends behind its CRLF.
struct Header {
  std::uint32_t line_begin;
  std::uint32_t value_begin;
  std::uint32_t value_end;
  std::uint32_t line_end;
  std::uint16_t name_size;
  HeaderName name;
};

/// A received message: its bytes, the table of its headers, what every layer needs of them parsed,
/// and the edits that were made to it since. One allocation holds the message, a copy of the bytes
/// and the table; the rest of its arena is for what layers and scripts make for it. Belongs to one
/// worker; several hold it.
class Message : public base::RefCounted {
 public:
  /// What was wrong: an answer that RFC 3261 asks for.
  struct Fault {
    std::uint16_t code = 0;   ///< 400, 413, 414, 416, 505, 513; 0 if the message is fine
    const char* reason = "";  ///< the answer's reason phrase; says what is wrong
  };
  struct Parsed {
    base::Ref<Message> message;  ///< none if there is no start line: nothing to answer
    Fault fault;
    bool answerable = false;  ///< with a fault: a request whose Via tells where the answer goes
  };

  /// Start line, header table, top Via, From, To, Call-ID, CSeq, Max-Forwards, Content-Length and
  /// the Request-URI are checked here; every other header when it is read. Never fails to return
  /// for any bytes.
  static Parsed parse(std::string_view bytes, const base::Flow& from, const Limits& limits = {});

  bool is_request() const { return code_ == 0; }
  Method method() const { return method_; }  ///< of a response: that of its CSeq
  std::string_view method_text() const { return method_text_; }
  const Uri& uri() const { return uri_; }  ///< the Request-URI as received
  std::uint16_t code() const { return code_; }
  std::string_view reason() const { return reason_; }

  const Via& via() const { return via_; }  ///< the topmost
  const NameAddr& from() const { return from_; }
  const NameAddr& to() const { return to_; }
  /// Of a request, as they came; of a response they are empty.
  const Uri& from_uri() const { return *from_uri_; }
  const Uri& to_uri() const { return *to_uri_; }
  /// The first value of Contact as it came, which is read when somebody asks for it; null if there
  /// is none, or none that can be read.
  const NamedUri* contact() const { return contact_ ? *contact_ : read_contact(); }
  /// What the host in the topmost Via is to the one that the message came from.
  enum class SentBy : std::uint8_t { source, elsewhere, name };
  SentBy sent_by() const { return sent_by_ ? *sent_by_ : compare_sent_by(); }
  std::string_view call_id() const { return call_id_; }
  const CSeq& cseq() const { return cseq_; }
  std::optional<std::uint32_t> max_forwards() const { return max_forwards_; }
  std::string_view body() const { return body_; }

  std::string_view raw() const { return raw_; }
  std::span<const Header> headers() const { return headers_; }
  std::string_view name(const Header& h) const { return raw_.substr(h.line_begin, h.name_size); }
  /// Without the white space around it; a folded value of a known header has blanks where the folds
  /// were, one of an unknown header has the folds.
  std::string_view value(const Header& h) const {
    return raw_.substr(h.value_begin, h.value_end - h.value_begin);
  }
  std::string_view line(const Header& h) const {
    return raw_.substr(h.line_begin, h.line_end - h.line_begin);
  }
  /// The first header of that name at or behind place `from`; headers().size() if there is none.
  /// Costs nothing if the message has none at all.
  std::size_t find(HeaderName name, std::size_t from = 0) const {
    return has(name) ? search(name, from) : headers_.size();
  }
  std::size_t find(std::string_view name, std::size_t from = 0) const;
  bool has(HeaderName name) const { return names_ & bit(name); }

  const base::Flow& source() const { return source_; }
  /// Answers by UDP go to the port that the request came from: its Via asks for that (RFC 3581), or
  /// it is taken as if it did.
  bool has_rport() const { return via_.has_rport || rport_forced_; }
  void force_rport() { rport_forced_ = true; }
  /// Memory that lives as long as this message.
  base::Arena& arena() { return arena_; }
  /// What has been changed for everybody: by L1 (received, rport), by the script before it
  /// forwards. What is changed for one branch is in that branch's Draft.
  Edits& edits() { return edits_; }
  const Edits& edits() const { return edits_; }

  /// Bytes this message holds, arena blocks beyond the first not counted.
  std::size_t footprint() const { return footprint_; }

  friend void retain(Message* message);
  friend void release(Message* message);

 private:
  friend class MessageParser;
  static std::uint64_t bit(HeaderName name) {
    return std::uint64_t{1} << static_cast<unsigned>(name);
  }
  std::size_t search(HeaderName name, std::size_t from) const;
  const NamedUri* read_contact() const;
  SentBy compare_sent_by() const;

  Message(void* rest, std::size_t rest_size, const base::Flow& from);
  ~Message() = default;

  mutable base::Arena arena_;
  base::Flow source_;
  std::string_view raw_;
  std::span<const Header> headers_;
  std::uint64_t names_ = 0;  ///< of the headers that are there: a bit each
  std::string_view method_text_;
  std::string_view reason_;
  std::string_view call_id_;
  std::string_view body_;
  Uri uri_;
  Via via_;
  NameAddr from_;
  NameAddr to_;
  const Uri* from_uri_;  ///< in the arena, if there is one
  const Uri* to_uri_;
  mutable std::optional<const NamedUri*> contact_;  ///< unset until somebody asks
  CSeq cseq_;
  std::optional<std::uint32_t> max_forwards_;
  Edits edits_;
  std::size_t footprint_ = 0;
  std::uint16_t code_ = 0;
  Method method_ = Method::other;
  bool rport_forced_ = false;
  mutable std::optional<SentBy> sent_by_;  ///< likewise
};

void retain(Message* message);
void release(Message* message);

}  // namespace opensips::parser
