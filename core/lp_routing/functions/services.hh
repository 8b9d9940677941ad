#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/flow.hh"
#include "base/id.hh"
#include "base/result.hh"
#include "base/shared_table.hh"
#include "l0_transport/dns_answer.hh"
#include "l0_transport/tls_peer.hh"
#include "l0_transport/web_servers.hh"
#include "l2_transaction/uac.hh"
#include "l3_dialog/dialogs.hh"
#include "l6_location/registrar.hh"
#include "l6_location/target_groups.hh"
#include "loop/context.hh"
#include "lp_routing/functions/waiting.hh"
#include "lp_routing/proxy.hh"
#include "lp_routing/run.hh"
#include "lp_routing/uas.hh"
#include "manage/events.hh"
#include "storage/storage.hh"

namespace opensips::routing {

/// What the functions can have done for them. One per worker, called on it only.
class Services {
 public:
  virtual ~Services() = default;

  /// The worker's, with its timers and its share of the statistics.
  virtual loop::Context& context() = 0;
  virtual std::uint64_t now_ms() const = 0;
  /// Wakes the run with nil.
  virtual void sleep(Run& run, std::uint64_t delay_ms) = 0;
  /// Wakes the run from any thread.
  virtual Waker waker(const Run& run) = 0;
  /// Wakes the run with what `work` returns on another thread. False if too much waits for that.
  virtual bool in_background(const Run& run, std::move_only_function<Value()> work) = 0;

  /// Wakes the run with an event of that name whose fields are as in `filter`, or when the time has
  /// passed. False if too many names are listened for.
  virtual bool wait_event(Run& run, std::string_view name, std::vector<manage::EventField> filter,
                          std::uint64_t limit_ms) = 0;
  /// Tells who listens, on all workers.
  virtual void raise_event(manage::Event event) = 0;

  /// The table that all workers share by that name.
  virtual base::SharedTable& shared_table(std::string_view name) = 0;
  /// Wakes the run with the answer of a web server, or a Problem. False if too much waits for that,
  /// or the URL is none.
  virtual bool http(const Run& run, transport::HttpRequest request) = 0;
  /// What name servers say, if it is known.
  virtual std::shared_ptr<const transport::DnsAnswer> dns_answer(
      const transport::DnsQuestion& question) = 0;
  /// Asks them, and then wakes the run with `read(answer)`.
  virtual void ask_dns(const Run& run, const transport::DnsQuestion& question,
                       Value (*read)(const transport::DnsAnswer& answer)) = 0;

  /// Whether there may be one more run without a request.
  virtual bool may_spawn() const = 0;
  /// Begins one soon, of the program that this one is of.
  virtual void spawn(const Run& run, int task) = 0;

  virtual base::Result<void> reply(Run& run, unsigned code, std::string_view reason,
                                   const ReplyOptions& options) = 0;
  virtual void force_rport(Run& run) = 0;
  virtual base::Result<void> fork(Run& run, std::span<const Target> targets,
                                  const ForkOptions& options) = 0;
  virtual base::Result<void> forward_stateless(Run& run, const Target& target) = 0;
  virtual base::Result<void> forward(Run& run, const base::Ref<parser::Message>& response) = 0;
  virtual void drop(Run& run) = 0;
  /// Soon after, the INVITE of the run ends as if its caller had cancelled it, unless it has been
  /// answered. `reason`: whole lines for the CANCELs.
  virtual void cancel(const Run& run, std::string reason) = 0;
  /// The request that was shown to `sip.on_dialog_request` goes on its way inside its dialog.
  virtual void send_on(Run& run) = 0;

  /// The dialogs of this worker.
  virtual dialog::Dialogs& dialogs() = 0;
  /// Sends a request inside a dialog, and wakes the run with the final answer. Error: as
  /// OwnRequests::send() has it; then the run is not woken.
  virtual base::Result<void> send_inside(Run& run, dialog::Dialog& dialog, dialog::Party to,
                                         const dialog::OwnRequests::Content& content) = 0;
  /// Sends a request of the server's own, and wakes the run with the final answer. Error: as
  /// Uac::send() has it; then the run is not woken.
  virtual base::Result<void> request(Run& run, const transaction::OwnRequest& request,
                                     const transaction::UacOptions& options) = 0;

  /// The host is one that this server is for, whatever the port.
  virtual bool is_local(std::string_view host) const = 0;
  /// Host and port are an address that we listen on, an alias or a domain.
  virtual bool is_local(std::string_view host, std::uint16_t port) const = 0;
  /// What the table of domains says of the one that the host belongs to; nothing if it is in none.
  virtual std::optional<std::string> domain_attributes(std::string_view host) const = 0;
  /// "udp:192.0.2.1:5060" of one of our sockets; empty for none.
  virtual std::string socket_name(std::uint16_t socket) const = 0;
  /// Who is at the other end of a connection of TLS; none if it is gone, or has none.
  virtual std::shared_ptr<const transport::TlsPeer> tls_peer(base::ConnectionId id) const = 0;
  virtual std::optional<std::uint16_t> find_socket(std::string_view name) const = 0;

  /// The databases; none in a test without them.
  virtual storage::Storage* storage() { return nullptr; }

  /// What reads temporary GRUUs; none in a test without them.
  virtual const location::TemporaryGruus* temporary_gruus() const { return nullptr; }
  /// Where an AoR is registered, unless that takes time: nothing then.
  virtual std::optional<location::TargetGroups> lookup(
      std::string_view aor, const location::TargetFilter& filter) const = 0;
  /// The same, later, on this worker; or why nobody knows.
  using Contacts = std::expected<location::TargetGroups, std::string>;
  virtual void lookup(std::string_view aor, const location::TargetFilter& filter,
                      std::move_only_function<void(Contacts)> later) = 0;
  /// Does what the REGISTER of the run asks for: the outcome, or nothing if that takes time; then
  /// what `later` gives, which is asked only then, is called with it, on this worker.
  using Saved = std::move_only_function<void(location::Registrar::Outcome)>;
  virtual std::optional<location::Registrar::Outcome> save(Run& run, std::string_view aor,
                                                           const location::SaveOptions& options,
                                                           const std::function<Saved()>& later) = 0;
};

}  // namespace opensips::routing
