#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "l1_parser/message.hh"
#include "l1_parser/scanner.hh"
#include "l1_parser/start_line.hh"

namespace opensips::parser {

/// Makes one Message out of bytes: a block of memory, the copy, the table, then the fields that
/// Message::parse promises. The first thing that is wrong is the fault; reading goes on behind it,
/// so that a reply finds what it has to copy.
class MessageParser {
 public:
  MessageParser(std::string_view bytes, const base::Flow& from, const Limits& limits);
  Message::Parsed parse();

 private:
  /// Places in the table of the headers that are read here; kNone: not there.
  struct Places {
    static constexpr std::uint32_t kNone = 0xffffffff;
    std::uint32_t via = kNone, from = kNone, to = kNone, call_id = kNone, cseq = kNone,
                  max_forwards = kNone, content_length = kNone;
  };

  void allocate();
  bool scan();
  bool take(const HeaderLine& line);
  void note(HeaderName name, std::string_view value);
  void note_once(std::uint32_t& place, const char* repeated);
  void unfold(const HeaderLine& line);
  bool has_stray_control(const HeaderLine& line) const;
  void make_message();

  void read_start_line();
  void read_via();
  void read_address(NameAddr& address, const Uri*& uri, std::uint32_t place, const char* missing,
                    const char* malformed);
  const Uri* known_uri(std::string_view text) const;
  void read_call_id();
  void read_cseq();
  void read_max_forwards();
  void read_body();
  void fail_short();

  void fail_scan(std::uint16_t code, const char* reason);
  void fail(std::uint16_t code, const char* reason);
  std::string_view value(std::uint32_t place) const { return message_->value(table_[place]); }
  std::string_view copied(std::string_view part) const {
    return part.empty() ? std::string_view{}
                        : text_.substr(part.data() - bytes_.data(), part.size());
  }

  struct Free {
    void operator()(char* block) const;
  };

  std::string_view bytes_;
  const base::Flow& from_;
  Limits limits_;
  StartLine start_;
  std::uint32_t start_size_ = 0;  ///< of the start line with its line end

  std::unique_ptr<char, Free> block_;
  std::size_t block_size_ = 0;
  char* copy_ = nullptr;
  std::string_view text_;
  Header* table_ = nullptr;
  std::uint32_t capacity_ = 0;

  std::uint32_t count_ = 0;
  std::uint64_t names_ = 0;
  std::uint32_t vias_ = 0;
  std::uint32_t body_at_ = 0;
  bool complete_ = false;
  bool via_good_ = false;
  Places places_;
  Message::Fault fault_;
  Message::Fault scan_fault_;
  Message* message_ = nullptr;
};

}  // namespace opensips::parser
