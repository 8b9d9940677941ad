#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/address.hh"
#include "base/counter_table.hh"
#include "base/prefix.hh"

namespace opensips::loop {

/// How many messages one source may send within a time; what is more is dropped where it is read,
/// before anything is looked at. A source is an IPv4 address, or the /64 of an IPv6 one: who has an
/// IPv6 address has all of those. It keeps what it may have: only the excess is dropped. The time
/// is a fixed one, so that around its end up to twice as many may pass. Any thread.
class SourceLimit {
 public:
  struct Options {
    std::uint32_t messages = 0;  ///< 0: no limit; the object is then not to be asked
    std::uint32_t window_ms = 1000;
    std::vector<base::Prefix> exempt;
  };

  explicit SourceLimit(Options options);

  /// Counts a message; false: drop it. Says so in the log, once per source and kReportMs: then
  /// `reported` gets the name of the source.
  bool admits(const base::Address& source, std::uint64_t now_ms, std::string* reported = nullptr);

  /// A source that exceeds the limit at present, and how much was dropped since it was reported.
  struct Limited {
    std::string source;  ///< "192.0.2.1", "2001:db8::/64"
    std::uint64_t dropped;
  };
  std::vector<Limited> limited(std::uint64_t now_ms) const;

  static constexpr std::uint64_t kReportMs = 10'000;

 private:
  bool is_exempt(const base::Address& source) const;
  bool report(const base::Address& source, std::string_view key, std::uint64_t now_ms);

  const Options options_;
  base::CounterTable messages_;
  base::CounterTable dropped_;
};

}  // namespace opensips::loop
