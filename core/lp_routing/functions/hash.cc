#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "base/base64.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"

namespace opensips::routing {
namespace {

using Digest = const EVP_MD*();

Value digest(Digest* method, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), hash.data(), &size, method(), nullptr) != 1) {
    return Problem{"this machine's OpenSSL does not allow it"};
  }
  return base::encode_hex({reinterpret_cast<const char*>(hash.data()), size});
}

template <Digest* kMethod>
Value hashed(Call&, Bytes bytes) {
  return digest(kMethod, bytes.text);
}

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t rest = i;
    for (int bit = 0; bit < 8; ++bit) rest = rest & 1 ? rest >> 1 ^ 0xedb88320U : rest >> 1;
    table[i] = rest;
  }
  return table;
}

Value crc32(Call&, Bytes bytes) {
  static constexpr auto kTable = make_crc_table();
  std::uint32_t rest = 0xffffffffU;
  for (const char c : bytes.text) {
    rest = kTable[(rest ^ static_cast<unsigned char>(c)) & 0xff] ^ rest >> 8;
  }
  return rest ^ 0xffffffffU;
}

struct NamedDigest {
  std::string_view name;
  Digest* method;
};
constexpr NamedDigest kDigests[] = {{"md5", EVP_md5},
                                    {"sha1", EVP_sha1},
                                    {"sha256", EVP_sha256},
                                    {"sha384", EVP_sha384},
                                    {"sha512", EVP_sha512}};

Value hmac(Call& call, std::string_view algorithm, Bytes key, Bytes bytes) {
  for (const auto& known : kDigests) {
    if (known.name != algorithm) continue;
    std::array<unsigned char, EVP_MAX_MD_SIZE> code;
    unsigned size = 0;
    const auto* const made =
        HMAC(known.method(), key.text.data(), static_cast<int>(key.text.size()),
             reinterpret_cast<const unsigned char*>(bytes.text.data()), bytes.text.size(),
             code.data(), &size);
    if (!made) return Problem{"this machine's OpenSSL does not allow it"};
    return base::encode_hex({reinterpret_cast<const char*>(code.data()), size});
  }
  return Misuse{fmt::format(
      "{}: argument 1 (algorithm): expected \"md5\", \"sha1\", \"sha256\", \"sha384\" or "
      "\"sha512\"",
      call.function.full_name())};
}

constexpr ObjectKind kHash = ObjectKind::hash;

constexpr Function kRows[] = {
    function<hashed<EVP_md5>>(kHash, "md5", "bytes", "string, err", kAnywhere,
                              "MD5, in hexadecimal."),
    function<hashed<EVP_sha1>>(kHash, "sha1", "bytes", "string, err", kAnywhere,
                               "SHA-1, in hexadecimal."),
    function<hashed<EVP_sha256>>(kHash, "sha256", "bytes", "string, err", kAnywhere,
                                 "SHA-256, in hexadecimal."),
    function<hashed<EVP_sha384>>(kHash, "sha384", "bytes", "string, err", kAnywhere,
                                 "SHA-384, in hexadecimal."),
    function<hashed<EVP_sha512>>(kHash, "sha512", "bytes", "string, err", kAnywhere,
                                 "SHA-512, in hexadecimal."),
    function<crc32>(kHash, "crc32", "bytes", "integer", kAnywhere,
                    "CRC-32, as zlib and Ethernet have it: for sharing out, not for secrets."),
    function<hmac>(kHash, "hmac", "algorithm, key, bytes", "string, err", kAnywhere,
                   "A code that proves the key is known (RFC 2104), in hexadecimal; by \"md5\", "
                   "\"sha1\", \"sha256\", \"sha384\" or \"sha512\"."),
};

}  // namespace

std::span<const Function> hash_functions() {
  return kRows;
}

}  // namespace opensips::routing
