#include "l1_parser/digest_hash.hh"

#include <openssl/evp.h>

#include <cstring>
#include <memory>
#include <utility>

#include "l1_parser/chars.hh"

namespace opensips::parser {
namespace {

struct Kind {
  std::string_view name;
  DigestAlgorithm plain;
  const char* hash;  // what OpenSSL calls it
  std::uint8_t digits;
};

constexpr Kind kKinds[] = {
    {"MD5", DigestAlgorithm::md5, "MD5", 32},
    {"MD5-sess", DigestAlgorithm::md5, "MD5", 32},
    {"SHA-256", DigestAlgorithm::sha256, "SHA256", 64},
    {"SHA-256-sess", DigestAlgorithm::sha256, "SHA256", 64},
    {"SHA-512-256", DigestAlgorithm::sha512_256, "SHA512-256", 64},
    {"SHA-512-256-sess", DigestAlgorithm::sha512_256, "SHA512-256", 64},
    {"", DigestAlgorithm::other, nullptr, 0},
};

const Kind& kind_of(DigestAlgorithm algorithm) {
  return kKinds[static_cast<unsigned>(algorithm)];
}

bool is_session(DigestAlgorithm algorithm) {
  return kind_of(algorithm).plain != algorithm;
}

/// Looked up once: that takes OpenSSL longer than the hash itself.
const EVP_MD* hash_of(DigestAlgorithm algorithm) {
  static const EVP_MD* const md5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static const EVP_MD* const sha512_256 = EVP_MD_fetch(nullptr, "SHA512-256", nullptr);
  switch (without_session(algorithm)) {
    case DigestAlgorithm::md5: return md5;
    case DigestAlgorithm::sha256: return sha256;
    case DigestAlgorithm::sha512_256: return sha512_256;
    default: return nullptr;
  }
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// Of a thread, since making one takes longer than a short hash.
EVP_MD_CTX* context() {
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> made(EVP_MD_CTX_new());
  return made.get();
}

/// Pieces of text on their way into a hash, put together first: a call of OpenSSL takes longer than
/// the few bytes that most of them have.
class Gathered {
 public:
  explicit Gathered(EVP_MD_CTX* into) : into_(into) {}

  void add(std::string_view piece) {
    if (piece.size() > sizeof text_ - size_) hash({text_, std::exchange(size_, 0)});
    if (piece.size() > sizeof text_) return hash(piece);
    if (!piece.empty()) std::memcpy(text_ + size_, piece.data(), piece.size());
    size_ += piece.size();
  }
  /// False if OpenSSL has failed.
  bool finish() {
    hash({text_, size_});
    return good_;
  }

 private:
  void hash(std::string_view text) {
    good_ = good_ && EVP_DigestUpdate(into_, text.data(), text.size()) == 1;
  }

  EVP_MD_CTX* into_;
  bool good_ = true;
  std::size_t size_ = 0;
  char text_[256];
};

std::optional<std::string_view> percent_decoded(std::string_view text, std::string& room) {
  room.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      room += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = chars::hex(text[i + 1]);
    const int low = chars::hex(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    room += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return room;
}

}  // namespace

std::string_view to_string(DigestAlgorithm algorithm) {
  return kind_of(algorithm).name;
}

DigestAlgorithm without_session(DigestAlgorithm algorithm) {
  return kind_of(algorithm).plain;
}

std::size_t digest_size(DigestAlgorithm algorithm) {
  return kind_of(algorithm).digits;
}

bool is_available(DigestAlgorithm algorithm) {
  return hash_of(algorithm) != nullptr;
}

DigestHash DigestHash::of_digits(std::string_view digits) {
  DigestHash hash;
  if (digits.size() != 32 && digits.size() != 64) return hash;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (chars::hex(digits[i]) < 0) return {};
    hash.digits_[i] = chars::lower(digits[i]);
  }
  hash.size_ = static_cast<std::uint8_t>(digits.size());
  return hash;
}

DigestHash DigestHash::of(DigestAlgorithm algorithm,
                          std::initializer_list<std::string_view> parts) {
  const EVP_MD* const hash = hash_of(algorithm);
  EVP_MD_CTX* const making = context();
  if (!hash || !making || EVP_DigestInit_ex2(making, hash, nullptr) != 1) return {};
  Gathered text(making);
  for (const auto* part = parts.begin(); part != parts.end(); ++part) {
    if (part != parts.begin()) text.add(":");
    text.add(*part);
  }
  const bool good = text.finish();
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (!good || EVP_DigestFinal_ex(making, bytes, &size) != 1) return {};

  DigestHash made;
  if (2 * size != digest_size(algorithm)) return made;
  for (unsigned i = 0; i < size; ++i) {
    made.digits_[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
    made.digits_[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
  }
  made.size_ = static_cast<std::uint8_t>(2 * size);
  return made;
}

bool DigestHash::equals(std::string_view digits) const {
  if (empty() || digits.size() != size_) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < size_; ++i) {
    difference |= static_cast<unsigned char>(digits_[i]) ^
                  static_cast<unsigned char>(chars::lower(digits[i]));
  }
  return difference == 0;
}

std::string_view unquoted(std::string_view value, std::string& room) {
  if (value.find('\\') == std::string_view::npos) return value;
  room.clear();
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) ++i;
    room += value[i];
  }
  return room;
}

std::optional<std::string_view> username_of(const DigestCredentials& credentials,
                                            std::string& room) {
  if (!credentials.extended_username) return unquoted(credentials.username, room);
  // charset'language'text
  std::string_view text = credentials.username;
  const auto charset_end = text.find('\'');
  const auto language_end = text.find('\'', charset_end + 1);
  if (charset_end == text.npos || language_end == text.npos) return std::nullopt;
  if (!chars::equal_fold(text.substr(0, charset_end), "UTF-8")) return std::nullopt;
  return percent_decoded(text.substr(language_end + 1), room);
}

DigestHash digest_ha1(DigestAlgorithm algorithm, std::string_view username, std::string_view realm,
                      std::string_view password) {
  return DigestHash::of(algorithm, {username, realm, password});
}

DigestHash digest_response(const DigestInput& input, const DigestHash& ha1) {
  const auto algorithm = input.algorithm;
  if (ha1.text().size() != digest_size(algorithm)) return {};
  DigestHash a1 = ha1;
  if (is_session(algorithm)) {
    a1 = DigestHash::of(algorithm, {ha1.text(), input.nonce, input.cnonce});
  }
  DigestHash a2;
  if (chars::equal_fold(input.qop, "auth-int")) {
    const auto body = DigestHash::of(algorithm, {input.body});
    a2 = DigestHash::of(algorithm, {input.method, input.uri, body.text()});
  } else {
    a2 = DigestHash::of(algorithm, {input.method, input.uri});
  }
  if (input.qop.empty()) return DigestHash::of(algorithm, {a1.text(), input.nonce, a2.text()});
  return DigestHash::of(algorithm,
                        {a1.text(), input.nonce, input.nc, input.cnonce, input.qop, a2.text()});
}

}  // namespace opensips::parser
