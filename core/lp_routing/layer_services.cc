#include "lp_routing/layer_services.hh"

namespace opensips::routing {

namespace {

constexpr std::string_view kUdp = "udp:";
constexpr std::uint16_t kDefaultPort = 5060;

}  // namespace

void LayerServices::sleep(Run& run, std::uint64_t delay_ms) {
  routing_.context().timers.arm(run.timer, delay_ms);
}

base::Result<void> LayerServices::reply(Run& run, unsigned code, std::string_view reason,
                                        const ReplyOptions& options) {
  return routing_.uas().reply(run, code, reason, options);
}

base::Result<void> LayerServices::fork(Run& run, std::span<const Target> targets,
                                       const ForkOptions& options) {
  return routing_.proxy().fork(run, targets, options);
}

base::Result<void> LayerServices::forward(Run& run, const base::Ref<parser::Message>& response) {
  return routing_.proxy().forward(run, response);
}

std::string LayerServices::socket_name(std::uint16_t socket) const {
  if (socket >= sockets_.all().size()) return {};
  return std::string(kUdp) + sockets_.at(socket).address.to_string();
}

std::optional<std::uint16_t> LayerServices::find_socket(std::string_view name) const {
  if (!name.starts_with(kUdp)) return std::nullopt;
  const auto address = base::Address::parse_host_port(name.substr(kUdp.size()), kDefaultPort);
  return address ? sockets_.find(base::Transport::udp, *address) : std::nullopt;
}

location::TargetGroups LayerServices::lookup(std::string_view aor) const {
  return {locations_.find(aor), now_ms()};
}

location::Registrar::Outcome LayerServices::save(Run& run, std::string_view aor,
                                                 const location::SaveOptions& options) {
  return registrar_.process(*run.request, aor, options, now_ms());
}

}  // namespace opensips::routing
