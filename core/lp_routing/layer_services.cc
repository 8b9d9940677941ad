#include "lp_routing/layer_services.hh"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "l6_location/kept_connection.hh"
#include "lp_routing/functions/flow_text.hh"
#include "lp_routing/witness.hh"

namespace opensips::routing {

/// A run that waits for an answer of name servers.
class LayerServices::DnsWait final : public transport::DnsCache::Waiter {
 public:
  using Read = Value (*)(const transport::DnsAnswer&);
  DnsWait(LayerServices& services, const Run& run, Read read)
      : services_(services), run_(run.id), wait_(run.waits + 1), read_(read) {}

  void answered(const transport::DnsAnswer& answer) override {
    auto& services = services_;
    auto result = owned(read_(answer));
    const auto run = run_;
    const auto wait = wait_;
    services.dns_waits_.erase(place);  // this ends
    services.routing_.wake(run, wait, std::move(result));
  }

  std::list<std::unique_ptr<DnsWait>>::iterator place;

 private:
  LayerServices& services_;
  RunId run_;
  std::uint32_t wait_;
  Read read_;
};

LayerServices::LayerServices(Routing& routing, transaction::Uac& uac,
                             const transport::Sockets& sockets, const location::AorTable& locations,
                             location::Registrar& registrar, SharedTables& tables,
                             transport::Connections* connections)
    : routing_(routing),
      uac_(uac),
      sockets_(sockets),
      locations_(locations),
      registrar_(registrar),
      tables_(tables),
      connections_(connections) {}

LayerServices::~LayerServices() = default;

void LayerServices::ask_dns(const Run& run, const transport::DnsQuestion& question,
                            DnsWait::Read read) {
  auto& wait = dns_waits_.emplace_back(std::make_unique<DnsWait>(*this, run, read));
  wait->place = std::prev(dns_waits_.end());
  names_->ask(question, *wait);
}

namespace {

Value http_value(const transport::WebServers::Result& result) {
  if (!result) return Problem{result.error()};
  Value::Map headers;
  for (const auto& [name, value] : result->headers) {
    const auto same = std::ranges::find(headers, std::string_view(name), &Value::Entry::name);
    if (same == headers.end()) {
      headers.push_back({name, std::string_view(value)});
    } else {  // RFC 9110 5.3
      std::string_view room;
      same->value = std::string(*same->value.text(room)).append(", ").append(value);
    }
  }
  return Value::Map{{"status", result->status},
                    {"headers", std::move(headers)},
                    {"body", std::string_view(result->body)}};
}

}  // namespace

bool LayerServices::http(const Run& run, transport::HttpRequest request) {
  if (!http_) return false;
  return http_->send(std::move(request), [this, id = run.id, wait = run.waits + 1](
                                             transport::WebServers::Result result) {
    routing_.wake(id, wait, http_value(result));  // which it outlives
  });
}

void LayerServices::set_background(std::shared_ptr<loop::Mailbox> mailbox, loop::Inbox& inbox,
                                   loop::BlockingPool* pool) {
  mailbox_ = std::move(mailbox);
  inbox_ = &inbox;
  pool_ = pool;
}

bool LayerServices::in_background(const Run& run, std::move_only_function<Value()> work) {
  if (!pool_) return false;
  const auto done = [this, id = run.id, wait = run.waits + 1](loop::Outcome<Value> outcome) {
    routing_.wake(id, wait, outcome ? owned(std::move(*outcome)) : Problem{outcome.error()});
  };
  return pool_->submit(*inbox_, std::move(work), done);
}

void LayerServices::sleep(Run& run, std::uint64_t delay_ms) {
  routing_.context().timers.arm(run.timer, delay_ms);
}

bool LayerServices::wait_event(Run& run, std::string_view name,
                               std::vector<manage::EventField> filter, std::uint64_t limit_ms) {
  if (!routing_.events().wait(run, name, std::move(filter))) return false;
  sleep(run, limit_ms);
  return true;
}

base::SharedTable& LayerServices::shared_table(std::string_view name) {
  const auto known = known_tables_.find(name);
  if (known != known_tables_.end()) return *known->second;
  auto& table = tables_.table(name);
  known_tables_.emplace(name, &table);
  return table;
}

base::Result<void> LayerServices::reply(Run& run, unsigned code, std::string_view reason,
                                        const ReplyOptions& options) {
  if (run.witness) run.witness->replied(run, code, reason, options);
  return routing_.uas().reply(run, code, reason, options);
}

void LayerServices::drop(Run& run) {
  if (run.witness) run.witness->dropped(run);
  routing_.drop(run);
}

base::Result<void> LayerServices::fork(Run& run, std::span<const Target> targets,
                                       const ForkOptions& options) {
  return routing_.proxy().fork(run, targets, options);
}

base::Result<void> LayerServices::forward(Run& run, const base::Ref<parser::Message>& response) {
  return routing_.proxy().forward(run, response);
}

base::Result<void> LayerServices::send_inside(Run& run, dialog::Dialog& dialog, dialog::Party to,
                                              const dialog::OwnRequests::Content& content) {
  const auto wake = [this, id = run.id, wait = run.waits + 1](const Value::Response& response) {
    routing_.wake(id, wait, response);
  };
  return dialogs().own_requests().send(dialog, to, content, wake);
}

base::Result<void> LayerServices::request(Run& run, const transaction::OwnRequest& request,
                                          const transaction::UacOptions& options) {
  // A run that has been woken since, because its caller has given up, is in another wait.
  const auto wake = [this, id = run.id, wait = run.waits + 1](const Value::Response& response) {
    routing_.wake(id, wait, response);
  };
  const auto sent = uac_.send(request, options, wake);
  if (!sent) return base::Failure(sent.error());
  return {};
}

std::string LayerServices::socket_name(std::uint16_t socket) const {
  if (socket >= sockets_.size()) return {};
  const auto& found = sockets_.at(socket);
  return fmt::format("{}:{}", base::name_of(found.transport), found.address.to_string());
}

std::shared_ptr<const transport::TlsPeer> LayerServices::tls_peer(base::ConnectionId id) const {
  return connections_ && id ? connections_->peer_of(id) : nullptr;
}

std::optional<std::uint16_t> LayerServices::find_socket(std::string_view name) const {
  const auto colon = name.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto transport = transport_of(name.substr(0, colon));
  if (!transport) return std::nullopt;
  const auto address =
      base::Address::parse_host_port(name.substr(colon + 1), base::default_port(*transport));
  return address ? sockets_.find(*transport, *address) : std::nullopt;
}

std::optional<location::TargetGroups> LayerServices::lookup(
    std::string_view aor, const location::TargetFilter& filter) const {
  if (contacts_ && !contacts_->knows(aor)) return std::nullopt;
  return location::TargetGroups(locations_.find(aor), now_ms(), filter);
}

void LayerServices::lookup(std::string_view aor, const location::TargetFilter& filter,
                           std::move_only_function<void(Contacts)> later) {
  contacts_->find(aor, [this, filter, later = std::move(later)](
                           location::StoredRegistrar::Contacts found) mutable {
    if (!found) return later(std::unexpected(std::string(to_string(found.error().kind))));
    later(location::TargetGroups(std::move(*found), now_ms(), filter));
  });
}

std::optional<location::Registrar::Outcome> LayerServices::save(
    Run& run, std::string_view aor, const location::SaveOptions& options,
    const std::function<Saved()>& later) {
  std::optional<location::Registrar::Outcome> outcome;
  if (contacts_) {
    outcome = contacts_->save(run.request, aor, options, [&] {
      return [this, source = run.request->source(),
              then = later()](location::Registrar::Outcome done) mutable {
        keep_connection(source, done);
        then(std::move(done));
      };
    });
  } else {
    outcome = registrar_.process(*run.request, aor, options, now_ms());
  }
  if (outcome) keep_connection(run.request->source(), *outcome);
  return outcome;
}

void LayerServices::keep_connection(const base::Flow& source,
                                    const location::Registrar::Outcome& outcome) {
  if (connections_) location::keep_connection(*connections_, source, outcome, now_ms());
}

}  // namespace opensips::routing
