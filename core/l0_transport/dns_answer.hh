#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hh"

namespace opensips::transport {

/// The records that are asked for, and those that come with them (RFC 1035, 3596, 2782, 3403).
enum class DnsType : std::uint16_t { a = 1, cname = 5, soa = 6, aaaa = 28, srv = 33, naptr = 35 };

/// "A", "SRV", …
std::string_view to_string(DnsType type);

struct DnsQuestion {
  std::string name;  ///< lower case, without a dot at its end
  DnsType type = DnsType::a;
  friend bool operator==(const DnsQuestion&, const DnsQuestion&) = default;
};

/// RFC 2782. An empty target: the service is decidedly not there.
struct SrvRecord {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint16_t port = 0;
  std::string target;
};

/// RFC 3403, of those with an SRV record behind them (flag "s").
struct NaptrRecord {
  std::uint16_t order = 0;
  std::uint16_t preference = 0;
  std::string service;  ///< lower case: "sip+d2u"
  std::string replacement;
};

/// What a name server said, or why it said nothing.
struct DnsAnswer {
  enum class Status : std::uint8_t {
    found,
    alias,          ///< only that another name has to be asked for
    no_data,        ///< the name has no such records
    no_name,        ///< the name does not exist
    server_failed,  ///< the name server says that it cannot say
    timed_out,
    unreachable,  ///< no name server listens, or none has an answer for us
    malformed,    ///< what it said is no answer
    busy,         ///< as many questions as may be are on their way
  };

  Status status = Status::no_data;
  std::uint32_t ttl = 0;  ///< seconds; of what is not there: for how long to believe it (RFC 2308)
  std::string alias;
  std::vector<base::Address> addresses;  ///< with port 0
  std::vector<SrvRecord> services;
  std::vector<NaptrRecord> pointers;

  /// An answer, be it that there is nothing: good for as long as it says.
  bool is_sure() const { return status <= Status::no_name; }
};

/// "no such name (NXDOMAIN)", …: the end of "cannot find example.com: ".
std::string_view to_string(DnsAnswer::Status status);

/// Reads the bytes of an answer to that question. Whatever they are it returns, in time that grows
/// with their number only. Records of other names are not believed: only those that the question's
/// name, or a chain of aliases from it, leads to.
DnsAnswer read_dns_answer(std::string_view bytes, const DnsQuestion& question);

/// May be asked for, and may be what a record leads to: letters, digits, '-' and '_' between dots.
bool is_host_name(std::string_view name);

}  // namespace opensips::transport
