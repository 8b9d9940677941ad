#include "l2_transaction/key.hh"

#include <array>
#include <string_view>

namespace opensips::transaction {

namespace {

using parser::Method;

// Between parts, so that moving a byte from one to the next changes the hash.
constexpr std::string_view kSeparator{"\0", 1};

// RFC 3261 8.1.1.7. The cookie with nothing behind it tells no transaction from another
// (RFC 4475 3.2.1).
bool is_unique(std::string_view branch) {
  constexpr std::string_view kCookie = "z9hG4bK";
  return branch.size() > kCookie.size() && branch.starts_with(kCookie);
}

std::string_view bytes_of(const std::uint32_t& number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

}  // namespace

std::uint64_t server_key(const base::SipKey& key, const parser::Message& request, Method method) {
  const auto& via = request.via();
  base::SipHasher hash(key);
  const std::uint32_t port_and_method =
      std::uint32_t{via.port_or_default()} << 8 | static_cast<std::uint32_t>(method);
  hash.update(bytes_of(port_and_method)).update(via.host).update(kSeparator);
  if (method == Method::other) hash.update(request.method_text()).update(kSeparator);
  if (is_unique(via.branch)) {
    hash.update(via.branch);
  } else {
    hash.update(via.text).update(kSeparator).update(request.uri().text).update(kSeparator);
    hash.update(request.from().tag).update(kSeparator).update(request.call_id());
    hash.update(bytes_of(request.cseq().number));
  }
  return hash.finish();
}

std::uint64_t merge_key(const base::SipKey& key, const parser::Message& request) {
  base::SipHasher hash(key);
  const auto& cseq = request.cseq();
  hash.update(bytes_of(cseq.number)).update(cseq.method_text).update(kSeparator);
  hash.update(request.from().tag).update(kSeparator).update(request.call_id()).update(kSeparator);
  return hash.update(request.uri().text).finish();
}

std::uint64_t ack_key(const base::SipKey& key, const parser::Message& request,
                      std::string_view to_tag) {
  base::SipHasher hash(key);
  hash.update(bytes_of(request.cseq().number)).update(to_tag).update(kSeparator);
  hash.update(request.from().tag).update(kSeparator);
  return hash.update(request.call_id()).finish();
}

}  // namespace opensips::transaction
