// The answer of a name server. The first byte says what was asked for.

#include <array>

#include "fuzz/target.hh"
#include "l0_transport/dns_answer.hh"

namespace opensips::transport {
namespace {

using Status = DnsAnswer::Status;

/// What is taken from an answer may be asked for, sent to and printed.
const char* promise(const DnsAnswer& answer, DnsType type) {
  for (const auto& one : answer.services) {
    if (!one.target.empty() && !is_host_name(one.target)) return "a service is on a host";
  }
  for (const auto& one : answer.pointers) {
    if (!is_host_name(one.replacement)) return "a pointer leads to a name";
  }
  for (const auto& one : answer.addresses) {
    if (!one || one.port() != 0) return "an address is one";
    if (one.is_v6() && type != DnsType::aaaa) return "an address is of the family asked for";
  }
  const bool has_any =
      !answer.services.empty() || !answer.pointers.empty() || !answer.addresses.empty();
  if (has_any && answer.status != Status::found && answer.status != Status::malformed) {
    return "what is found says so";
  }
  if ((answer.status == Status::alias) != is_host_name(answer.alias)) return "an alias has a name";
  if (answer.is_sure() && answer.ttl > 0x7fffffff) return "a TTL is not negative";
  return nullptr;
}

}  // namespace
}  // namespace opensips::transport

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace transport = opensips::transport;
  using transport::DnsType;
  constexpr std::array kTypes{DnsType::a, DnsType::aaaa, DnsType::srv, DnsType::naptr};
  if (size == 0) return 0;
  const auto type = kTypes[data[0] % kTypes.size()];
  const auto bytes = opensips::fuzz::text_of(data + 1, size - 1);
  const auto answer = transport::read_dns_answer(bytes, {"host.example", type});
  opensips::fuzz::require(transport::promise(answer, type));
  return 0;
}
