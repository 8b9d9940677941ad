#include "l0_transport/stun.hh"

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

namespace opensips::transport {

namespace {

constexpr std::size_t kHeader = 20;
constexpr std::size_t kAttributeHeader = 4;
constexpr std::uint32_t kCookie = 0x2112a442;
constexpr std::uint32_t kFingerprintXor = 0x5354554e;
constexpr std::size_t kFingerprintSize = 4;
constexpr std::size_t kUnknownMost = 8;  // are told; who sends more knows already

enum Type : std::uint16_t {
  binding_request = 0x0001,
  binding_success = 0x0101,
  binding_error = 0x0111,
};

enum Attribute : std::uint16_t {
  username = 0x0006,
  message_integrity = 0x0008,
  error_code = 0x0009,
  unknown_attributes = 0x000a,
  realm = 0x0014,
  nonce = 0x0015,
  message_integrity_sha256 = 0x001c,
  password_algorithm = 0x001d,
  userhash = 0x001e,
  xor_mapped_address = 0x0020,
  fingerprint = 0x8028,
};

std::uint16_t read16(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(bytes[at]) << 8 |
                                    static_cast<unsigned char>(bytes[at + 1]));
}

std::uint32_t read32(std::string_view bytes, std::size_t at) {
  return std::uint32_t{read16(bytes, at)} << 16 | read16(bytes, at + 2);
}

constexpr std::size_t padded(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

/// Attributes above 0x7fff may be ignored (14); credentials are for servers that want some (9).
bool may_be_ignored(std::uint16_t attribute) {
  switch (attribute) {
    case username:
    case message_integrity:
    case realm:
    case nonce:
    case message_integrity_sha256:
    case password_algorithm:
    case userhash: return true;
    default: return attribute >= 0x8000;
  }
}

/// What matters of a Binding request.
struct Request {
  bool has_fingerprint = false;
  std::vector<std::uint16_t> unknown;
};

bool is_binding_request(std::string_view bytes) {
  return bytes.size() >= kHeader && read16(bytes, 0) == binding_request &&
         read16(bytes, 2) == bytes.size() - kHeader && bytes.size() % 4 == 0 &&
         read32(bytes, 4) == kCookie;
}

std::optional<Request> parse(std::string_view bytes) {
  if (!is_binding_request(bytes)) return std::nullopt;
  Request request;
  std::size_t at = kHeader;
  while (at < bytes.size()) {  // whole words, so that the four bytes of a header are there
    const auto type = read16(bytes, at);
    const std::size_t size = read16(bytes, at + 2);
    const std::size_t value = at + kAttributeHeader;
    if (padded(size) > bytes.size() - value) return std::nullopt;
    if (type == fingerprint) {  // it is the last one (14.7), and right
      if (size != kFingerprintSize || value + size != bytes.size()) return std::nullopt;
      const auto crc = stun_crc32(bytes.substr(0, at)) ^ kFingerprintXor;
      if (read32(bytes, value) != crc) return std::nullopt;
      request.has_fingerprint = true;
    } else if (!may_be_ignored(type) && request.unknown.size() < kUnknownMost) {
      request.unknown.push_back(type);
    }
    at = value + padded(size);
  }
  return request;
}

/// Puts a message together in a Wire with room for all that an answer may have.
class Writer {
 public:
  Writer(Type type, std::string_view request) : wire_(base::Wire::make(kMost)) {
    put16(type);
    put16(0);
    put(request.substr(4, kHeader - 4));  // the cookie and the transaction id
  }

  void put(std::string_view bytes) {
    std::memcpy(wire_->data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void put16(std::uint32_t value) {
    const char bytes[] = {static_cast<char>(value >> 8), static_cast<char>(value)};
    put({bytes, sizeof bytes});
  }
  void put32(std::uint32_t value) {
    put16(value >> 16);
    put16(value & 0xffff);
  }
  void begin(Attribute attribute, std::size_t size) {
    put16(attribute);
    put16(static_cast<std::uint32_t>(size));
  }
  void pad() {
    while (size_ % 4 != 0) put({"\0", 1});
  }
  base::WireRef finish(bool with_fingerprint) {
    constexpr std::size_t kAttribute = kAttributeHeader + kFingerprintSize;
    set_length(size_ + (with_fingerprint ? kAttribute : 0));
    if (with_fingerprint) {
      const auto crc = stun_crc32({wire_->data(), size_}) ^ kFingerprintXor;
      begin(fingerprint, kFingerprintSize);
      put32(crc);
    }
    wire_->resize(size_);
    return wire_;
  }

 private:
  static constexpr std::size_t kMost = 128;

  void set_length(std::size_t whole) {
    const std::size_t length = whole - kHeader;
    wire_->data()[2] = static_cast<char>(length >> 8);
    wire_->data()[3] = static_cast<char>(length);
  }

  base::WireRef wire_;
  std::size_t size_ = 0;
};

/// RFC 8489 14.2: the port and the address, each under the cookie, an IPv6 address under the
/// transaction id as well.
void put_mapped_address(Writer& writer, std::string_view request, const base::Address& from) {
  constexpr std::uint32_t kV4 = 1, kV6 = 2;
  const auto host = from.host_bytes();
  writer.begin(xor_mapped_address, 4 + host.size());
  writer.put16(from.is_v6() ? kV6 : kV4);
  writer.put16(from.port() ^ (kCookie >> 16));
  for (std::size_t i = 0; i < host.size(); ++i) {
    const char masked = static_cast<char>(host[i] ^ request[4 + i]);
    writer.put({&masked, 1});
  }
}

void put_unknown(Writer& writer, const std::vector<std::uint16_t>& unknown) {
  constexpr std::string_view kReason = "Unknown Attribute";
  constexpr std::uint32_t kCode = 420;
  writer.begin(error_code, 4 + kReason.size());
  writer.put32(kCode / 100 << 8 | kCode % 100);
  writer.put(kReason);
  writer.pad();
  writer.begin(unknown_attributes, 2 * unknown.size());
  for (const auto attribute : unknown) writer.put16(attribute);
  writer.pad();
}

}  // namespace

std::uint32_t stun_crc32(std::string_view bytes) {
  constexpr std::uint32_t kPolynomial = 0xedb88320;
  static constexpr auto kTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? kPolynomial : 0);
      table[i] = value;
    }
    return table;
  }();
  std::uint32_t crc = ~std::uint32_t{0};
  for (const char c : bytes) crc = crc >> 8 ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xff];
  return ~crc;
}

base::WireRef stun_answer(std::string_view bytes, const base::Address& from) {
  const auto request = parse(bytes);
  if (!request || !from) return {};
  Writer writer(request->unknown.empty() ? binding_success : binding_error, bytes);
  if (request->unknown.empty()) {
    put_mapped_address(writer, bytes, from);
  } else {
    put_unknown(writer, request->unknown);
  }
  return writer.finish(request->has_fingerprint);
}

}  // namespace opensips::transport
