#include "loop/source_limit.hh"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/log.hh"

namespace opensips::loop {

namespace {

// Sources that are counted at a time, in about 100 bytes each. Those beyond are not limited: a
// flood from so many is not one that counting by source could tell from good traffic.
constexpr std::size_t kSources = 262'144;
constexpr std::size_t kReported = 16'384;
constexpr std::size_t kNetworkBytes = 8;  // of an IPv6 address

std::string_view key_of(const base::Address& source) {
  return source.host_bytes().substr(0, kNetworkBytes);
}

std::string name_of(std::string_view key) {
  if (key.size() < kNetworkBytes) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    std::memcpy(&v4.sin_addr, key.data(), key.size());
    return base::Address(reinterpret_cast<const sockaddr*>(&v4)).bare_host();
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  std::memcpy(&v6.sin6_addr, key.data(), key.size());
  return base::Address(reinterpret_cast<const sockaddr*>(&v6)).bare_host() + "/64";
}

}  // namespace

SourceLimit::SourceLimit(Options options)
    : options_(std::move(options)),
      messages_(kSources, options_.window_ms),
      dropped_(kReported, kReportMs) {}

bool SourceLimit::admits(const base::Address& source, std::uint64_t now_ms, std::string* reported) {
  if (is_exempt(source)) return true;
  const auto key = key_of(source);
  const auto counted = messages_.add(key, options_.messages, now_ms);
  if (counted.outcome != base::CounterTable::Outcome::limited) return true;
  if (report(source, key, now_ms) && reported) *reported = name_of(key);
  return false;
}

bool SourceLimit::is_exempt(const base::Address& source) const {
  return std::ranges::any_of(options_.exempt,
                             [&](const auto& prefix) { return prefix.contains(source); });
}

/// True if it was said.
bool SourceLimit::report(const base::Address& source, std::string_view key, std::uint64_t now_ms) {
  const auto dropped = dropped_.add(key, base::CounterTable::kNoLimit, now_ms);
  if (dropped.count != 1) return false;
  base::log_warn("flood from {}: more than {} messages in {} ms, the rest is dropped",
                 source.to_string(), options_.messages, options_.window_ms);
  return true;
}

std::vector<SourceLimit::Limited> SourceLimit::limited(std::uint64_t now_ms) const {
  std::vector<Limited> all;
  dropped_.for_each(now_ms, [&](std::string_view key, std::uint64_t count) {
    all.push_back({name_of(key), count});
  });
  return all;
}

}  // namespace opensips::loop
