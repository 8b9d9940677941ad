#include <string>
#include <utility>

#include <fmt/format.h>

#include "l0_transport/dns_answer.hh"
#include "l1_parser/chars.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/services.hh"

namespace opensips::routing {
namespace {

using transport::DnsAnswer;
using transport::DnsQuestion;
using transport::DnsType;

Value records(const DnsAnswer& answer) {
  Value::List list;
  for (const auto& address : answer.addresses) list.push_back(address.bare_host());
  for (const auto& one : answer.services) {
    list.push_back(Value::Map{{"priority", one.priority},
                              {"weight", one.weight},
                              {"port", one.port},
                              {"target", std::string_view(one.target)}});
  }
  for (const auto& one : answer.pointers) {
    list.push_back(Value::Map{{"order", one.order},
                              {"preference", one.preference},
                              {"service", std::string_view(one.service)},
                              {"replacement", std::string_view(one.replacement)}});
  }
  return list;
}

Value read(const DnsAnswer& answer) {
  if (answer.status == DnsAnswer::Status::found) return records(answer);
  if (answer.status == DnsAnswer::Status::alias) {
    return Problem{fmt::format("an alias of {} only", answer.alias)};
  }
  return Problem{std::string(to_string(answer.status))};
}

std::optional<DnsType> type_of(std::string_view name) {
  for (const auto type : {DnsType::a, DnsType::aaaa, DnsType::srv, DnsType::naptr}) {
    if (name == to_string(type)) return type;
  }
  return std::nullopt;
}

/// As the cache has them: small letters, no dot at the end.
std::string plain_name(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  std::string name;
  for (const char c : text) name += parser::chars::lower(c);
  return name;
}

Value resolve(Call& call, Line name, std::optional<std::string_view> type) {
  const auto wanted = type_of(type.value_or("A"));
  if (!wanted) {
    return Misuse{call.function.full_name() +
                  ": argument 2 (type): expected \"A\", \"AAAA\", \"SRV\" or \"NAPTR\""};
  }
  const DnsQuestion question{plain_name(name.text), *wanted};
  if (!transport::is_host_name(question.name)) return Problem{"not a host name"};
  if (const auto known = call.services->dns_answer(question)) return owned(read(*known));
  call.services->ask_dns(*call.run, question, read);
  return Value::Wait{};
}

constexpr Function kRows[] = {
    waiting(function<resolve>(
        ObjectKind::dns, "resolve", "name, type", "any[], err", kInHandlers,
        "What name servers say of a name, from the server's cache or by asking them. Type \"A\", "
        "which is meant if nothing is said, or \"AAAA\": a list of addresses; \"SRV\": of tables "
        "with priority, weight, port and target; \"NAPTR\": with order, preference, service and "
        "replacement, of those that lead to SRV.")),
};

}  // namespace

std::span<const Function> dns_functions() {
  return kRows;
}

}  // namespace opensips::routing
