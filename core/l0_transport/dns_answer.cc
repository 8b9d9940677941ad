#include "l0_transport/dns_answer.hh"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace opensips::transport {

namespace {

using Status = DnsAnswer::Status;

constexpr std::size_t kHeaderSize = 12;
constexpr std::size_t kLongestName = 253;  // in text (RFC 1035 2.3.4)
constexpr std::size_t kMostRecords = 256;  // of an answer; those behind are not looked at
constexpr unsigned kMostAliases = 8;       // from one to the next
constexpr std::uint16_t kInternet = 1;     // the class
constexpr std::uint16_t kResponse = 0x8000, kTruncated = 0x0200, kOpcode = 0x7800, kRcode = 0x000f;

bool is_name_byte(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

char lower(unsigned char c) {
  return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/// Takes fields out of a message one by one. Behind the first that is not there nothing is.
class Reader {
 public:
  Reader(std::string_view message, std::size_t at) : message_(message), at_(at) {}

  std::size_t at() const { return at_; }
  bool good() const { return good_; }

  unsigned u8() {
    if (!has(1)) return 0;
    return byte(at_++);
  }
  std::uint16_t u16() {
    const unsigned high = u8();
    return static_cast<std::uint16_t>(high << 8 | u8());
  }
  std::uint32_t u32() {
    const std::uint32_t high = u16();
    return high << 16 | u16();
  }
  std::string_view bytes(std::size_t size) {
    if (!has(size)) return {};
    at_ += size;
    return message_.substr(at_ - size, size);
  }
  /// A text with its length in front.
  std::string_view text() { return bytes(u8()); }
  std::string name();

 private:
  bool has(std::size_t size) {
    good_ = good_ && at_ + size <= message_.size();
    return good_;
  }
  unsigned char byte(std::size_t at) const { return static_cast<unsigned char>(message_[at]); }
  std::string bad_name() {
    good_ = false;
    return {};
  }

  std::string_view message_;
  std::size_t at_;
  bool good_ = true;
};

/// In lower case, without a dot at the end; a byte that no host name has becomes '?', which is in
/// none. A pointer has to lead before the labels that led to it (RFC 1035 4.1.4): so every way
/// ends.
std::string Reader::name() {
  std::string text;
  std::size_t at = at_;
  std::size_t begin = at_;
  bool jumped = false;
  for (;;) {
    if (!good_ || at >= message_.size()) return bad_name();
    const unsigned size = byte(at++);
    if (size >= 0xc0) {
      if (at >= message_.size()) return bad_name();
      const std::size_t target = (size & 0x3fU) << 8 | byte(at++);
      if (!jumped) at_ = at;
      jumped = true;
      if (target >= begin) return bad_name();
      begin = at = target;
      continue;
    }
    if (size == 0) break;
    const bool fits = at + size <= message_.size() && text.size() + 1 + size <= kLongestName + 1;
    if (size >= 0x40 || !fits) return bad_name();
    if (!text.empty()) text += '.';
    for (const char c : message_.substr(at, size)) {
      const char folded = lower(static_cast<unsigned char>(c));
      text += is_name_byte(static_cast<unsigned char>(folded)) ? folded : '?';
    }
    at += size;
  }
  if (!jumped) at_ = at;
  if (text.size() > kLongestName) return bad_name();
  return text;
}

struct Record {
  std::string owner;
  DnsType type;
  std::uint32_t ttl;
  std::size_t at;  // of its data
  std::size_t size;
};

std::optional<Record> read_record(Reader& reader) {
  Record record;
  record.owner = reader.name();
  record.type = static_cast<DnsType>(reader.u16());
  const auto class_ = reader.u16();
  record.ttl = reader.u32();
  if (record.ttl > INT32_MAX) record.ttl = 0;  // RFC 2181 8
  record.size = reader.u16();
  record.at = reader.at();
  reader.bytes(record.size);
  if (!reader.good() || class_ != kInternet) return std::nullopt;
  return record;
}

class AnswerReader {
 public:
  AnswerReader(std::string_view message, const DnsQuestion& question)
      : message_(message), question_(question) {}

  DnsAnswer read();

 private:
  bool read_question(Reader& reader) const;
  bool read_records(Reader& reader, std::size_t count, std::vector<Record>& to) const;
  bool follow_aliases(DnsAnswer& answer);
  bool take(const Record& record, DnsAnswer& answer) const;
  bool take_address(Reader reader, const Record& record, DnsAnswer& answer) const;
  bool take_service(Reader reader, const Record& record, DnsAnswer& answer) const;
  bool take_pointer(Reader reader, const Record& record, DnsAnswer& answer) const;
  std::uint32_t negative_ttl() const;

  std::string_view message_;
  const DnsQuestion& question_;
  std::string name_;  // what the records have to be of
  std::vector<Record> answers_;
  std::vector<Record> authority_;
};

DnsAnswer malformed() {
  DnsAnswer answer;
  answer.status = Status::malformed;
  return answer;
}

DnsAnswer AnswerReader::read() {
  if (message_.size() < kHeaderSize) return malformed();
  Reader reader(message_, 2);
  const auto flags = reader.u16();
  const auto questions = reader.u16();
  const std::size_t answers = reader.u16();
  const std::size_t authority = reader.u16();
  reader.u16();
  // Cut off where even TCP was asked: what is missing may be what matters.
  if (!(flags & kResponse) || flags & (kOpcode | kTruncated) || questions != 1) return malformed();

  DnsAnswer answer;
  switch (flags & kRcode) {
    case 0: answer.status = Status::no_data; break;
    case 3: answer.status = Status::no_name; break;
    default: answer.status = Status::server_failed; return answer;
  }
  const bool whole = read_question(reader) && read_records(reader, answers, answers_) &&
                     read_records(reader, authority, authority_);
  answer.ttl = INT32_MAX;
  if (!whole || !follow_aliases(answer)) return malformed();

  bool found = false;
  for (const auto& record : answers_) {
    if (record.type != question_.type || record.owner != name_) continue;
    if (!take(record, answer)) return malformed();
    answer.ttl = std::min(answer.ttl, record.ttl);
    found = true;
  }
  if (found) {
    answer.status = Status::found;
  } else if (answer.status == Status::no_data && name_ != question_.name) {
    answer.status = Status::alias;
    answer.alias = name_;
  } else {
    answer.ttl = std::min(answer.ttl, negative_ttl());
  }
  return answer;
}

bool AnswerReader::read_question(Reader& reader) const {
  const auto name = reader.name();
  const auto type = reader.u16();
  const auto class_ = reader.u16();
  return reader.good() && name == question_.name && type == static_cast<unsigned>(question_.type) &&
         class_ == kInternet;
}

bool AnswerReader::read_records(Reader& reader, std::size_t count, std::vector<Record>& to) const {
  for (std::size_t i = 0; i < count; ++i) {
    auto record = read_record(reader);
    if (!reader.good()) return false;
    if (record && to.size() < kMostRecords) to.push_back(std::move(*record));
  }
  return true;
}

/// From the question's name to the one that the records are of. False if there is no end.
bool AnswerReader::follow_aliases(DnsAnswer& answer) {
  name_ = question_.name;
  for (unsigned i = 0; i <= kMostAliases; ++i) {
    const auto alias = std::ranges::find_if(answers_, [&](const Record& record) {
      return record.type == DnsType::cname && record.owner == name_;
    });
    if (alias == answers_.end()) return true;
    Reader reader(message_, alias->at);
    name_ = reader.name();
    if (!reader.good() || reader.at() != alias->at + alias->size) return false;
    if (!is_host_name(name_)) return false;
    answer.ttl = std::min(answer.ttl, alias->ttl);
  }
  return false;
}

bool AnswerReader::take(const Record& record, DnsAnswer& answer) const {
  const Reader reader(message_, record.at);
  switch (record.type) {
    case DnsType::a:
    case DnsType::aaaa: return take_address(reader, record, answer);
    case DnsType::srv: return take_service(reader, record, answer);
    case DnsType::naptr: return take_pointer(reader, record, answer);
    default: return false;
  }
}

bool AnswerReader::take_address(Reader reader, const Record& record, DnsAnswer& answer) const {
  const auto bytes = reader.bytes(record.size);
  if (record.type == DnsType::a) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    if (bytes.size() != sizeof v4.sin_addr) return false;
    std::memcpy(&v4.sin_addr, bytes.data(), bytes.size());
    answer.addresses.emplace_back(reinterpret_cast<const sockaddr*>(&v4));
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    if (bytes.size() != sizeof v6.sin6_addr) return false;
    std::memcpy(&v6.sin6_addr, bytes.data(), bytes.size());
    answer.addresses.emplace_back(reinterpret_cast<const sockaddr*>(&v6));
  }
  return true;
}

bool AnswerReader::take_service(Reader reader, const Record& record, DnsAnswer& answer) const {
  SrvRecord service;
  service.priority = reader.u16();
  service.weight = reader.u16();
  service.port = reader.u16();
  service.target = reader.name();
  if (!reader.good() || reader.at() != record.at + record.size) return false;
  const bool usable = service.target.empty() || (is_host_name(service.target) && service.port);
  if (usable) answer.services.push_back(std::move(service));
  return true;
}

bool AnswerReader::take_pointer(Reader reader, const Record& record, DnsAnswer& answer) const {
  NaptrRecord pointer;
  pointer.order = reader.u16();
  pointer.preference = reader.u16();
  const auto flags = reader.text();
  for (const char c : reader.text()) pointer.service += lower(static_cast<unsigned char>(c));
  const auto expression = reader.text();
  pointer.replacement = reader.name();
  if (!reader.good() || reader.at() != record.at + record.size) return false;
  // Others are of applications other than SIP's (RFC 3263 4.1).
  const bool to_srv = flags == "s" || flags == "S";
  if (to_srv && expression.empty() && is_host_name(pointer.replacement)) {
    answer.pointers.push_back(std::move(pointer));
  }
  return true;
}

/// RFC 2308 5: the SOA record says it.
std::uint32_t AnswerReader::negative_ttl() const {
  for (const auto& record : authority_) {
    if (record.type != DnsType::soa) continue;
    Reader reader(message_, record.at);
    reader.name();
    reader.name();
    reader.bytes(16);  // serial, refresh, retry, expire
    const auto minimum = reader.u32();
    return reader.good() ? std::min(record.ttl, minimum) : 0;
  }
  return 0;
}

}  // namespace

std::string_view to_string(DnsType type) {
  switch (type) {
    case DnsType::a: return "A";
    case DnsType::cname: return "CNAME";
    case DnsType::soa: return "SOA";
    case DnsType::aaaa: return "AAAA";
    case DnsType::srv: return "SRV";
    case DnsType::naptr: return "NAPTR";
  }
  return "?";
}

std::string_view to_string(Status status) {
  switch (status) {
    case Status::found: return "found";
    case Status::alias: return "another name";
    case Status::no_data: return "the name has no address";
    case Status::no_name: return "no such name (NXDOMAIN)";
    case Status::server_failed: return "the name server cannot say";
    case Status::timed_out: return "no name server answers (timeout)";
    case Status::unreachable:
      return "no name server has an answer (connection refused, SERVFAIL or REFUSED)";
    case Status::malformed: return "the name server's answer makes no sense";
    case Status::busy: return "too many names are being looked up";
  }
  return "?";
}

DnsAnswer read_dns_answer(std::string_view bytes, const DnsQuestion& question) {
  return AnswerReader(bytes, question).read();
}

bool is_host_name(std::string_view name) {
  if (name.empty() || name.size() > kLongestName) return false;
  std::size_t label = 0;
  for (const char c : name) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
    } else if (!is_name_byte(static_cast<unsigned char>(lower(static_cast<unsigned char>(c)))) ||
               ++label > 63) {
      return false;
    }
  }
  return label > 0;
}

}  // namespace opensips::transport
