#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "l0_transport/connections.hh"
#include "l0_transport/dns_cache.hh"
#include "l0_transport/sockets.hh"
#include "l0_transport/web_servers.hh"
#include "l2_transaction/uac.hh"
#include "l6_location/aor_table.hh"
#include "l6_location/registrar.hh"
#include "l6_location/stored_registrar.hh"
#include "loop/blocking_pool.hh"
#include "lp_routing/functions/services.hh"
#include "lp_routing/routing.hh"
#include "lp_routing/shared_tables.hh"

namespace opensips::routing {

/// What a program's functions can have done, done by the layers of this worker.
class LayerServices final : public Services {
 public:
  /// `connections`: those of this worker; none in a test without a network.
  LayerServices(Routing& routing, transaction::Uac& uac, const transport::Sockets& sockets,
                const location::AorTable& locations, location::Registrar& registrar,
                SharedTables& tables, transport::Connections* connections = nullptr);
  ~LayerServices() override;

  /// Where answers from other threads arrive, and what does work that blocks, if anything. They
  /// outlive the services.
  void set_background(std::shared_ptr<loop::Mailbox> mailbox, loop::Inbox& inbox,
                      loop::BlockingPool* pool);

  /// Whom to ask on this worker. They outlive the services.
  void set_network(transport::WebServers& http, transport::DnsCache& names) {
    http_ = &http;
    names_ = &names;
  }

  loop::Context& context() override { return routing_.context(); }
  std::uint64_t now_ms() const override { return routing_.context().now(); }
  void sleep(Run& run, std::uint64_t delay_ms) override;
  Waker waker(const Run& run) override { return {mailbox_, routing_, run}; }
  bool in_background(const Run& run, std::move_only_function<Value()> work) override;

  bool wait_event(Run& run, std::string_view name, std::vector<manage::EventField> filter,
                  std::uint64_t limit_ms) override;
  void raise_event(manage::Event event) override { routing_.events().raise(std::move(event)); }

  base::SharedTable& shared_table(std::string_view name) override;
  bool http(const Run& run, transport::HttpRequest request) override;
  std::shared_ptr<const transport::DnsAnswer> dns_answer(
      const transport::DnsQuestion& question) override {
    return names_ ? names_->find(question) : nullptr;
  }
  void ask_dns(const Run& run, const transport::DnsQuestion& question,
               Value (*read)(const transport::DnsAnswer& answer)) override;
  bool may_spawn() const override { return routing_.may_spawn(); }
  void spawn(const Run& run, int task) override { routing_.spawn(run, task); }

  base::Result<void> reply(Run& run, unsigned code, std::string_view reason,
                           const ReplyOptions& options) override;
  void force_rport(Run& run) override { routing_.uas().force_rport(run); }
  base::Result<void> fork(Run& run, std::span<const Target> targets,
                          const ForkOptions& options) override;
  base::Result<void> forward_stateless(Run& run, const Target& target) override {
    return routing_.proxy().forward_stateless(run, target);
  }
  base::Result<void> forward(Run& run, const base::Ref<parser::Message>& response) override;
  void drop(Run& run) override;
  void cancel(const Run& run, std::string reason) override {
    routing_.cancel(run, std::move(reason));
  }
  void send_on(Run& run) override { routing_.send_on(run); }
  dialog::Dialogs& dialogs() override { return routing_.dialogs().dialogs(); }
  base::Result<void> send_inside(Run& run, dialog::Dialog& dialog, dialog::Party to,
                                 const dialog::OwnRequests::Content& content) override;
  base::Result<void> request(Run& run, const transaction::OwnRequest& request,
                             const transaction::UacOptions& options) override;

  bool is_local(std::string_view host) const override { return sockets_.is_local_host(host); }
  bool is_local(std::string_view host, std::uint16_t port) const override {
    return sockets_.is_local(host, port);
  }
  std::optional<std::string> domain_attributes(std::string_view host) const override {
    return sockets_.domains().attributes(host);
  }
  std::string socket_name(std::uint16_t socket) const override;
  std::shared_ptr<const transport::TlsPeer> tls_peer(base::ConnectionId id) const override;
  std::optional<std::uint16_t> find_socket(std::string_view name) const override;

  /// It outlives the services.
  void set_storage(storage::Storage& databases) { storage_ = &databases; }
  storage::Storage* storage() override { return storage_; }

  /// Contacts are in a database too. It outlives the services.
  void set_contacts(location::StoredRegistrar& contacts) { contacts_ = &contacts; }

  const location::TemporaryGruus* temporary_gruus() const override {
    return &registrar_.temporary_gruus();
  }
  std::optional<location::TargetGroups> lookup(std::string_view aor,
                                               const location::TargetFilter& filter) const override;
  void lookup(std::string_view aor, const location::TargetFilter& filter,
              std::move_only_function<void(Contacts)> later) override;
  std::optional<location::Registrar::Outcome> save(Run& run, std::string_view aor,
                                                   const location::SaveOptions& options,
                                                   const std::function<Saved()>& later) override;

 private:
  class DnsWait;

  void keep_connection(const base::Flow& source, const location::Registrar::Outcome& outcome);

  Routing& routing_;
  transaction::Uac& uac_;
  const transport::Sockets& sockets_;
  const location::AorTable& locations_;
  location::Registrar& registrar_;
  location::StoredRegistrar* contacts_ = nullptr;
  SharedTables& tables_;
  transport::Connections* connections_;
  transport::WebServers* http_ = nullptr;
  transport::DnsCache* names_ = nullptr;
  std::list<std::unique_ptr<DnsWait>> dns_waits_;
  loop::Inbox* inbox_ = nullptr;
  std::shared_ptr<loop::Mailbox> mailbox_;
  loop::BlockingPool* pool_ = nullptr;
  std::map<std::string, base::SharedTable*, std::less<>> known_tables_;  // no lock to find them
  storage::Storage* storage_ = nullptr;
};

}  // namespace opensips::routing
