#include "l2_transaction/branch.hh"

#include <cstring>

#include "base/hex.hh"
#include "l1_parser/name_addr.hh"

namespace opensips::transaction {

namespace {

using parser::HeaderName;

constexpr std::string_view kCookie = "z9hG4bK";
constexpr std::size_t kEpochDigits = 8;
constexpr std::size_t kWordDigits = 16;
constexpr std::size_t kMacAt = kCookie.size() + kEpochDigits + 2 * kWordDigits;
constexpr std::size_t kSize = kMacAt + kWordDigits;
static_assert(kEpochDigits == 2 * sizeof Branch::epoch &&
              kWordDigits == 2 * sizeof Branch::loop_hash);

std::uint64_t mac(const base::SipKey& key, std::string_view front, std::string_view call_id) {
  return base::SipHasher(key).update(front).update(call_id).finish();
}

}  // namespace

std::string_view write_branch(base::Arena& arena, const base::SipKey& key, const Branch& branch,
                              std::string_view call_id) {
  char* const text = arena.text(kSize);
  std::memcpy(text, kCookie.data(), kCookie.size());
  char* at = base::write_hex(text + kCookie.size(), branch.epoch);
  at = base::write_hex(at, branch.client.bits);
  at = base::write_hex(at, branch.loop_hash);
  base::write_hex(at, mac(key, {text, kMacAt}, call_id));
  return {text, kSize};
}

std::optional<Branch> read_branch(const base::SipKey& key, std::string_view text,
                                  std::string_view call_id) {
  if (text.size() != kSize || !text.starts_with(kCookie)) return std::nullopt;
  char expected[kWordDigits];
  base::write_hex(expected, mac(key, text.substr(0, kMacAt), call_id));
  if (text.substr(kMacAt) != std::string_view(expected, kWordDigits)) return std::nullopt;
  const char* const epoch = text.data() + kCookie.size();
  const char* const client = epoch + kEpochDigits;
  return Branch{base::read_hex<std::uint32_t>(epoch),
                loop::ClientId(base::read_hex<std::uint64_t>(client)),
                base::read_hex<std::uint64_t>(client + kWordDigits)};
}

std::uint64_t loop_hash(const base::SipKey& key, const parser::Message& request) {
  base::SipHasher hash(key);
  hash.update(request.uri().text).update(request.to().tag).update(request.from().tag);
  hash.update(request.call_id())
      .update(request.value(request.headers()[request.find(HeaderName::cseq)]));
  for (const auto name : {HeaderName::route, HeaderName::proxy_require}) {
    const auto headers = request.headers();
    for (auto i = request.find(name); i < headers.size(); i = request.find(name, i + 1)) {
      hash.update(request.value(headers[i]));
    }
  }
  return hash.finish();
}

bool has_looped(const base::SipKey& key, const parser::Message& request) {
  std::optional<std::uint64_t> mine;  // costs something: not before a Via of ours is seen
  const auto headers = request.headers();
  for (auto i = request.find(HeaderName::via); i < headers.size();
       i = request.find(HeaderName::via, i + 1)) {
    parser::ValueList values(request.value(headers[i]));
    while (const auto value = values.next()) {
      if (value->size() < kSize) continue;  // too short for a branch of ours
      const auto via = parser::Via::parse(*value);
      if (!via) continue;
      const auto branch = read_branch(key, via->branch, request.call_id());
      if (!branch) continue;
      if (!mine) mine = loop_hash(key, request);
      if (branch->loop_hash == *mine) return true;
    }
  }
  return false;
}

}  // namespace opensips::transaction
