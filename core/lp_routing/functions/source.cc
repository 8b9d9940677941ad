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

Value list_of(const std::vector<std::string>& texts) {
  Value::List list;
  for (const auto& one : texts) list.push_back(one);
  return list;
}

void add_certificate(Value::Map& table, const transport::TlsPeer& peer) {
  table.push_back({"verified", peer.verified});
  table.push_back({"subject", peer.subject});
  table.push_back({"issuer", peer.issuer});
  table.push_back({"common_name", peer.common_name});
  table.push_back({"serial", peer.serial});
  table.push_back({"not_before", peer.not_before});
  table.push_back({"not_after", peer.not_after});
  table.push_back({"san_uri", list_of(peer.san_uri)});
  table.push_back({"san_hostname", list_of(peer.san_dns)});
  table.push_back({"san_ip", list_of(peer.san_ip)});
  table.push_back({"san_email", list_of(peer.san_email)});
}

Value tls(Call& call) {
  const auto peer = call.services->tls_peer(flow_of(call).connection);
  if (!peer) return {};
  Value::Map table{{"version", peer->version},
                   {"cipher", peer->cipher},
                   {"cipher_bits", peer->bits},
                   {"server_name", peer->server_name},
                   {"has_certificate", peer->has_certificate}};
  if (peer->has_certificate) add_certificate(table, *peer);
  return table;
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
    getter<tls>(
        kSource, "tls", "table",
        "Who sent it by TLS; nil if it came by something else, or its connection is gone. A "
        "table: version, cipher, cipher_bits, server_name (that the client asked for), "
        "has_certificate; and of the certificate verified, subject, issuer, common_name, "
        "serial, not_before and not_after (seconds since 1970), and the lists san_uri, "
        "san_hostname, san_ip and san_email."),
    text<to_text>(kSource, "Where it came from: \"udp:198.51.100.7:5060\"."),
};

}  // namespace

std::span<const Function> source_functions() {
  return kRows;
}

}  // namespace opensips::routing
