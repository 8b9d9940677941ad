#include "l2_transaction/key.hh"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace opensips::transaction {

namespace {

using parser::Method;

// RFC 3261 8.1.1.7. The cookie with nothing behind it tells no transaction from another
// (RFC 4475 3.2.1).
bool is_unique(std::string_view branch) {
  constexpr std::string_view kCookie = "z9hG4bK";
  return branch.size() > kCookie.size() && branch.starts_with(kCookie);
}

/// A keyed hash of numbers and texts. The sizes of the texts go in front of them, so that a byte
/// that moves from one to the next makes another hash.
template <std::size_t kNumbers, std::size_t kTexts>
std::uint64_t hash_of(const base::SipKey& key, const std::uint32_t (&numbers)[kNumbers],
                      const std::string_view (&texts)[kTexts]) {
  std::array<std::uint32_t, kNumbers + kTexts> front;
  std::ranges::copy(numbers, front.begin());
  std::ranges::transform(texts, front.begin() + kNumbers, &std::string_view::size);
  base::TableHasher hash(key);
  hash.update({reinterpret_cast<const char*>(front.data()), sizeof front});
  for (const auto text : texts) hash.update(text);
  return hash.finish();
}

std::uint32_t number_of(Method method) {
  return static_cast<std::uint32_t>(method);
}

}  // namespace

std::uint64_t server_key(const base::SipKey& key, const parser::Message& request, Method method) {
  const auto& via = request.via();
  const std::uint32_t port = via.port_or_default();
  const auto name = method == Method::other ? request.method_text() : std::string_view();
  if (is_unique(via.branch)) {
    return hash_of(key, {port, number_of(method)}, {via.host, via.branch, name});
  }
  return hash_of(key, {port, number_of(method), request.cseq().number},
                 {via.text, name, request.uri().text, request.from().tag, request.call_id()});
}

std::uint64_t merge_key(const base::SipKey& key, const parser::Message& request) {
  const auto method = request.method();
  const auto name = method == Method::other ? request.method_text() : std::string_view();
  return hash_of(key, {request.cseq().number, number_of(method)},
                 {request.from().tag, request.call_id(), request.uri().text, name});
}

std::uint64_t ack_key(const base::SipKey& key, const parser::Message& request,
                      std::string_view to_tag) {
  return hash_of(key, {request.cseq().number}, {to_tag, request.from().tag, request.call_id()});
}

}  // namespace opensips::transaction
