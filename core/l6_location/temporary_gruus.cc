#include "l6_location/temporary_gruus.hh"

#include <cstring>

#include "base/base64.hh"
#include "l6_location/aor.hh"

namespace opensips::location {
namespace {

// The user part: "tgruu." and, in base64url, a nonce, a MAC, and under the stream cipher that the
// MAC starts (as RFC 5297 does it) the session, the AoR and the instance.
constexpr std::string_view kBegin = "tgruu.";
constexpr std::size_t kNumber = sizeof(std::uint64_t);
constexpr std::size_t kSession = sizeof(std::uint32_t);
constexpr std::size_t kMaxUser = 4 * kMaxAor;
constexpr char kBetween = '\0';  // neither an AoR nor an instance has one

template <class Number>
std::string bytes_of(Number number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

/// A key for one purpose.
base::SipKey derived(const base::SipKey& key, std::string_view purpose) {
  return {base::SipHasher(key).update("gruu ").update(purpose).update(" 0").finish(),
          base::SipHasher(key).update("gruu ").update(purpose).update(" 1").finish()};
}

}  // namespace

TemporaryGruus::TemporaryGruus(const base::SipKey& key)
    : mac_key_(derived(key, "mac")),
      stream_key_(derived(key, "stream")),
      session_key_(derived(key, "session")) {}

std::string TemporaryGruus::make(std::string_view aor, std::string_view instance,
                                 std::string_view call_id, bool secure) const {
  std::string text = bytes_of(session_of(call_id));
  text.append(aor).append(1, kBetween).append(instance);
  auto start = bytes_of(base::SipKey::random().k0);
  start += bytes_of(mac_of(start, text));
  apply_stream(start, text);
  const auto user =
      std::string(kBegin).append(base::encode_base64(start + text, base::Base64::url));
  if (user.size() > kMaxUser) return {};
  const auto host = aor.substr(aor.rfind('@') + 1);  // all of one that has no user
  return std::string(secure ? "\"sips:" : "\"sip:")
      .append(user)
      .append("@")
      .append(host)
      .append(";gr\"");
}

std::optional<TemporaryGruus::Device> TemporaryGruus::read(const parser::Uri& uri) const {
  if (!uri.is_sip() || !uri.user.starts_with(kBegin) || uri.user.size() > kMaxUser) {
    return std::nullopt;
  }
  auto text = base::decode_base64(uri.user.substr(kBegin.size()), base::Base64::url);
  if (!text || text->size() <= 2 * kNumber + kSession) return std::nullopt;
  const auto start = text->substr(0, 2 * kNumber);
  text->erase(0, start.size());
  apply_stream(start, *text);
  if (bytes_of(mac_of(start.substr(0, kNumber), *text)) != start.substr(kNumber)) {
    return std::nullopt;
  }
  const auto between = text->find(kBetween, kSession);
  if (between == std::string::npos) return std::nullopt;
  Device device{text->substr(kSession, between - kSession), text->substr(between + 1), 0};
  std::memcpy(&device.session, text->data(), kSession);
  return device;
}

std::uint32_t TemporaryGruus::session_of(std::string_view call_id) const {
  return static_cast<std::uint32_t>(base::siphash(session_key_, call_id));
}

std::uint64_t TemporaryGruus::mac_of(std::string_view nonce, std::string_view plain) const {
  return base::SipHasher(mac_key_).update(nonce).update(plain).finish();
}

/// Encrypts, or decrypts.
void TemporaryGruus::apply_stream(std::string_view start, std::string& text) const {
  for (std::size_t at = 0; at < text.size(); at += kNumber) {
    const auto block = bytes_of(
        base::SipHasher(stream_key_).update(start).update(bytes_of(std::uint64_t{at})).finish());
    for (std::size_t i = 0; i < kNumber && at + i < text.size(); ++i) text[at + i] ^= block[i];
  }
}

}  // namespace opensips::location
