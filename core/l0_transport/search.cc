#include "l0_transport/search.hh"

#include <algorithm>
#include <optional>
#include <utility>

#include "l0_transport/resolver.hh"
#include "l0_transport/srv_order.hh"

namespace opensips::transport {

namespace {

using base::Transport;
using Status = DnsAnswer::Status;

// However long its lists are, a name does not keep a request busy without end.
constexpr unsigned kMostSteps = 64;
constexpr std::size_t kMostTargets = 32;
constexpr std::size_t kMostServices = 16;  // of one answer
constexpr unsigned kMostAliases = 8;
constexpr std::uint32_t kLongestRetryAfter = 300;  // seconds: who says more is believed so much

/// What stands before the domain in the name of an SRV record (RFC 3263 4.1).
std::string_view service_of(Transport transport) {
  switch (transport) {
    case Transport::udp: return "_sip._udp.";
    case Transport::tcp: return "_sip._tcp.";
    case Transport::sctp: return "_sip._sctp.";
    case Transport::tls: return "_sips._tcp.";
    case Transport::ws:
    case Transport::wss: break;  // nobody serves them by SRV
  }
  return {};
}

/// The transport of a NAPTR record's service (RFC 3263 4.1, RFC 4168 5).
std::optional<Transport> transport_of_pointer(std::string_view service) {
  if (service == "sip+d2u") return Transport::udp;
  if (service == "sip+d2t") return Transport::tcp;
  if (service == "sip+d2s") return Transport::sctp;
  if (service == "sips+d2t") return Transport::tls;
  return std::nullopt;
}

/// There is one of that transport, for addresses of that record type if one is given.
bool has_socket(const Sockets& sockets, Transport transport, std::optional<DnsType> type = {}) {
  for (std::uint16_t i = 0; i < sockets.size(); ++i) {
    const auto& one = sockets.at(i);
    if (one.transport != transport || !sockets.is_open(i)) continue;
    if (!type || one.address.is_v6() == (*type == DnsType::aaaa)) return true;
  }
  return false;
}

bool same_target(const base::Flow& a, const base::Flow& b) {
  return a.peer == b.peer && a.transport == b.transport;
}

std::string lower(std::string_view text) {
  std::string folded(text);
  for (char& c : folded) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return folded;
}

}  // namespace

Search::Search(Resolver& resolver, const Destination& destination, std::uint16_t socket)
    : resolver_(resolver), name_(lower(destination.host)), socket_(socket) {
  plan(destination);
}

std::string_view Search::why() const {
  return own_reason_.empty() ? to_string(why_) : own_reason_;
}

/// The plan is worked off from its end.
void Search::plan(const Destination& destination) {
  const auto named = named_transport(destination);
  const auto transport = named.value_or(Transport::udp);
  if (destination.port) return plan_addresses(name_, transport, destination.port, false);
  if (!destination.transport.empty()) {
    transports_ = {transport};
  } else {
    for (const auto one : {Transport::udp, Transport::tcp, Transport::sctp, Transport::tls}) {
      const bool allowed = !destination.secure || one == Transport::tls;
      if (allowed && has_socket(resolver_.sockets(), one)) transports_.push_back(one);
    }
  }
  if (transports_.empty()) {
    own_reason_ = "no socket of a transport that can be chosen";
    return;
  }
  plan_addresses(name_, transports_.front(), base::default_port(transports_.front()), true);
  plan_services(name_);
  if (destination.transport.empty() && resolver_.options().try_naptr) {
    plan_.push_back({.question = {name_, DnsType::naptr}});
  }
}

/// RFC 3263 4.1: where NAPTR says nothing, each transport that we have is asked for.
void Search::plan_services(std::string_view name) {
  for (auto one = transports_.rbegin(); one != transports_.rend(); ++one) {
    const auto service = service_of(*one);
    if (service.empty()) continue;
    plan_.push_back(
        {.question = {std::string(service).append(name), DnsType::srv}, .transport = *one});
  }
}

void Search::plan_addresses(const std::string& name, Transport transport, std::uint16_t port,
                            bool fallback) {
  const auto before = plan_.size();
  for (const auto type : {DnsType::aaaa, DnsType::a}) {
    const bool wanted = type == DnsType::a || resolver_.options().try_ipv6;
    if (!wanted || !has_socket(resolver_.sockets(), transport, type)) continue;
    plan_.push_back({{name, type}, transport, port, fallback});
  }
  const bool none = plan_.size() == before;
  own_reason_ = none ? "no socket of that transport and address family" : "";
}

void Search::next(Found found) {
  found_ = std::move(found);
  if (tried_any() && !resolver_.options().failover) {
    return finish(base::Failure(base::Error::unreachable));
  }
  go_on();
}

void Search::go_on() {
  while (ready_.empty() && !plan_.empty() && steps_ < kMostSteps) {
    auto step = std::move(plan_.back());
    plan_.pop_back();
    if (step.fallback && has_services_) continue;
    ++steps_;
    const bool by_address = step.question.type == DnsType::a || step.question.type == DnsType::aaaa;
    const auto hosts = resolver_.hosts().find(step.question.name);
    if (by_address && !hosts.empty()) {
      take_addresses(step, hosts);
    } else if (const auto known = resolver_.cache().find(step.question)) {
      take(step, *known);
    } else {
      asked_ = std::move(step);
      return resolver_.cache().ask(asked_.question, *this);
    }
  }
  auto& from = ready_.empty() ? avoided_ : ready_;
  if (from.empty()) return finish(base::Failure(base::Error::unreachable));
  tried_.push_back(from.back());
  from.pop_back();
  finish(tried_.back());
}

/// The last that is done here: it may be the end of this.
void Search::finish(base::Result<base::Flow> found) {
  auto tell = std::exchange(found_, nullptr);
  tell(found);
}

void Search::answered(const DnsAnswer& answer) {
  take(std::exchange(asked_, {}), answer);
  go_on();
}

void Search::take(const Step& step, const DnsAnswer& answer) {
  switch (answer.status) {
    case Status::found: return take_found(step, answer);
    case Status::alias: {
      auto again = step;
      again.question.name = answer.alias;
      if (++again.aliases > kMostAliases) return take_failure(step, Status::malformed);
      return plan_.push_back(std::move(again));
    }
    case Status::no_data:
    case Status::no_name: why_ = answer.status; return;
    default: return take_failure(step, answer.status);
  }
}

void Search::take_found(const Step& step, const DnsAnswer& answer) {
  switch (step.question.type) {
    case DnsType::naptr: return take_pointers(step, answer.pointers);
    case DnsType::srv: return take_services(step, answer.services);
    default: return take_addresses(step, answer.addresses);
  }
}

/// Those that lead to a transport of ours take the place of the names that would be guessed.
void Search::take_pointers(const Step&, std::vector<NaptrRecord> pointers) {
  std::erase_if(pointers, [this](const NaptrRecord& one) {
    const auto transport = transport_of_pointer(one.service);
    return !transport || std::ranges::find(transports_, *transport) == transports_.end();
  });
  if (pointers.empty()) return;
  std::ranges::stable_sort(pointers, [](const NaptrRecord& a, const NaptrRecord& b) {
    return std::pair(a.order, a.preference) > std::pair(b.order, b.preference);
  });
  std::erase_if(plan_, [](const Step& one) { return one.question.type == DnsType::srv; });
  if (pointers.size() > kMostServices)
    pointers.erase(pointers.begin(), pointers.end() - kMostServices);
  for (const auto& one : pointers) {
    plan_.push_back({.question = {one.replacement, DnsType::srv},
                     .transport = *transport_of_pointer(one.service)});
  }
}

void Search::take_services(const Step& step, std::vector<SrvRecord> services) {
  has_services_ = true;
  put_in_order(services, resolver_.random());
  if (services.size() > kMostServices) services.resize(kMostServices);
  for (auto one = services.rbegin(); one != services.rend(); ++one) {
    if (one->target.empty()) continue;
    plan_addresses(one->target, step.transport, one->port, false);
  }
  const bool none =
      std::ranges::all_of(services, [](const auto& one) { return one.target.empty(); });
  if (none) own_reason_ = "its SRV record says that there is no such service";
}

void Search::take_addresses(const Step& step, std::span<const base::Address> addresses) {
  std::vector<base::Flow> found;
  for (auto address : addresses) {
    if (address.is_v6() != (step.question.type == DnsType::aaaa)) continue;
    address.set_port(step.port);
    const auto socket = resolver_.sockets().choose(step.transport, address, socket_);
    if (!socket) continue;
    base::Flow flow{address, *socket, step.transport};
    // The certificate is to be the domain's that was asked for, not its server's (RFC 5922 4).
    if (base::is_secure(flow.transport)) {
      flow.peer_name = resolver_.sockets().peer_names().number_of(name_);
    }
    const auto is_same = [&](const base::Flow& other) { return same_target(flow, other); };
    const bool known = std::ranges::any_of(tried_, is_same) ||
                       std::ranges::any_of(found, is_same) ||
                       std::ranges::any_of(avoided_, is_same);
    if (known || tried_.size() + found.size() + avoided_.size() >= kMostTargets) continue;
    const bool avoided = resolver_.failed_targets().contains(flow, resolver_.now());
    if (avoided) {
      avoided_.insert(avoided_.begin(), flow);
    } else {
      found.push_back(flow);
    }
  }
  ready_.assign(found.rbegin(), found.rend());
}

/// Where the name server does not speak to us, or not sense, no guess takes the place of its word.
void Search::take_failure(const Step& step, Status status) {
  why_ = status;
  const bool silent =
      status == Status::timed_out || status == Status::unreachable || status == Status::busy;
  if (silent) plan_.clear();
  if (step.question.type == DnsType::srv) has_services_ = true;
}

void Search::failed(std::uint32_t retry_after_s) {
  const auto& options = resolver_.options();
  if (tried_.empty() || options.avoid_time == 0) return;
  const std::uint64_t asked = std::min(retry_after_s, kLongestRetryAfter) * 1000ULL;
  resolver_.failed_targets().add(tried_.back(), resolver_.now(),
                                 retry_after_s ? asked : options.avoid_time);
}

}  // namespace opensips::transport
