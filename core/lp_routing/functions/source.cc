#include <string>

#include <fmt/format.h>

#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/flow_text.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/services.hh"

namespace opensips::routing {
namespace {

const base::Flow& flow_of(const Call& call) {
  return call.on_request() ? call.run->source : call.message().source();
}

Value ip(Call& call) {
  char room[INET6_ADDRSTRLEN];
  return std::string(flow_of(call).peer.print_bare_host(room));
}

Value port(Call& call) {
  return flow_of(call).peer.port();
}

Value transport(Call& call) {
  return base::name_of(flow_of(call).transport);
}

Value socket(Call& call) {
  return call.services->socket_name(flow_of(call).socket);
}

Value to_text(Call& call) {
  const base::Flow& flow = flow_of(call);
  return fmt::format("{}:{}", base::name_of(flow.transport), flow.peer.to_string());
}

constexpr ObjectKind kSource = ObjectKind::source;

constexpr Function kRows[] = {
    getter<ip>(kSource, "ip", "string",
               "The address that the message came from, IPv6 without brackets."),
    getter<port>(kSource, "port", "integer", "The port that it came from."),
    getter<transport>(kSource, "transport", "string",
                      "\"udp\", \"tcp\", \"tls\", \"sctp\", \"ws\" or \"wss\"."),
    getter<socket>(kSource, "socket", "string",
                   "The socket of this server that it came to: \"udp:192.0.2.1:5060\"."),
    text<to_text>(kSource, "Where it came from: \"udp:198.51.100.7:5060\"."),
};

}  // namespace

std::span<const Function> source_functions() {
  return kRows;
}

}  // namespace opensips::routing
