#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/flat_index.hh"
#include "base/siphash.hh"
#include "base/slot_table.hh"
#include "base/stats.hh"
#include "l0_transport/events.hh"
#include "l0_transport/resolver.hh"
#include "l0_transport/sockets.hh"
#include "l2_transaction/answered_requests.hh"
#include "l2_transaction/branch.hh"
#include "l2_transaction/client_user.hh"
#include "l2_transaction/in_flight.hh"
#include "l2_transaction/response_watcher.hh"
#include "l2_transaction/timers.hh"
#include "l2_transaction/transaction.hh"
#include "loop/context.hh"
#include "loop/layer.hh"

namespace opensips::transaction {

struct Options {
  Timers timers;
  base::SipKey mac_key;  ///< makes and checks the branches of our Vias; shared by a cluster
  base::SipKey tag_key;  ///< makes To tags
  bool auto_100trying = true;
  std::uint32_t udp_mtu = 0;       ///< bytes; larger requests go by TCP if they can; 0: none do
  bool disable_6xx_block = false;  ///< a 6xx is one branch's refusal, and ends no other
};

/// L2 on one worker: the transactions of RFC 3261 section 17. Going up, retransmissions, ACKs and
/// CANCELs end here, responses find their branch and wait until they are to be forwarded. Going
/// down, a reply passes through its server transaction and a request becomes a branch of it. The
/// layers above name a transaction by its id.
class TransactionLayer final : public loop::Layer, private Host {
 public:
  TransactionLayer(loop::Context& context, const transport::Sockets& sockets,
                   const Options& options);

  loop::Verdict up(loop::Walk& walk) override;
  loop::Verdict down(loop::Walk& walk) override;

  // What the layers above may ask of a server transaction. All are harmless if it has ended.

  /// The routing run that deals with it: kept here, so that its responses find the run.
  void set_owner(loop::ServerId server, std::uint64_t owner);
  std::uint64_t owner(loop::ServerId server) const;
  /// The version of the routing program, other than 0, that is told of its answer (Answered).
  void set_version(loop::ServerId server, std::uint32_t version);
  /// What the layer above finds the dialogs by that it may concern: kept here, so that they are not
  /// searched for with each of its answers. 0: not known.
  void set_dialog_key(loop::ServerId server, std::uint64_t key);
  std::uint64_t dialog_key(loop::ServerId server) const;
  /// The owner sees each response to its branches, by the watcher.
  void show_responses(loop::ServerId server);
  /// A final response went out, or is to be sent by nobody any more.
  bool is_final(loop::ServerId server) const;
  bool is_cancelled(loop::ServerId server) const;
  /// The request will take a while: tells the caller so with a 100, once, if it is an INVITE.
  void trying(loop::ServerId server);
  /// Answers go to the port that the request came from, as if its Via had rport.
  void force_rport(loop::ServerId server);
  /// Nobody will answer it. Retransmissions are absorbed until it ends.
  void abandon(loop::ServerId server);
  /// As if the caller had cancelled its INVITE: branches are cancelled, and it gets their 487, or
  /// one of ours. `reason`: whole lines for their CANCELs (RFC 3326). Not in the middle of what the
  /// transaction sends or gets: see Context::defer().
  void cancel(loop::ServerId server, std::string reason);
  /// From now on the branches that go down belong to a new round; after `timeout_ms` (0: no limit
  /// of its own) those still pending are cancelled and count as 408.
  void begin_round(loop::ServerId server, std::uint64_t timeout_ms, const Patience& patience = {});
  /// Ends the transaction as if there had been none: what is done with the request is done without
  /// a state (RFC 3261 16.11).
  void forget(loop::ServerId server) { server_ended(server); }
  /// Sends a request to the servers that the search finds, down from `origin`, one after the other
  /// until one does (RFC 3263 4.3): a branch of the current round, if the walk has a server
  /// transaction, else a request without one. Whatever comes of it is deferred or goes the way of a
  /// response.
  void forward(loop::Walk walk, std::unique_ptr<transport::Search> search, loop::LayerId origin);

  /// Who owners are. It outlives the layer's last message.
  void set_watcher(ResponseWatcher& watcher) { watcher_ = &watcher; }

  // For requests of our own: see Uac, which is the one user.

  void set_user(ClientUser& user) { user_ = &user; }
  /// Sends a request that belongs to no server transaction. Its message came from nowhere, and has
  /// a Via that ours is put in the place of; `draft` is in its arena. The user hears of it in later
  /// turns only.
  void originate(UacId request, const base::Ref<parser::Message>& message, parser::Draft& draft,
                 transport::NextHop hop);
  /// Sends an ACK for a 2xx, once: nobody answers it.
  void acknowledge(const base::Ref<parser::Message>& ack, transport::NextHop hop);
  /// Sends a CANCEL if it is an INVITE, as soon as that is allowed (RFC 3261 9.1).
  void cancel(loop::ClientId client);
  /// Its time is up: cancelled likewise, and taken as a 408 at once.
  void time_out(loop::ClientId client);

  /// True if the request has been here before with the same target (RFC 3261 16.3 step 4).
  bool has_looped(const parser::Message& request) const;

  /// One transaction, for who looks.
  struct View {
    bool of_server = false;
    std::string_view method;
    std::string_view state;    ///< as the figures of section 17 name it
    std::string_view call_id;  ///< empty when nothing is kept that says it
    const base::Flow* peer;    ///< the other side
  };
  void for_each(const std::function<void(const View&)>& visit);

  std::size_t servers() const { return servers_.size() + answered_.size(); }
  std::size_t clients() const { return clients_.size(); }

 private:
  // Requests going up, replies going down: server_side.cc
  loop::Verdict request_up(loop::Walk& walk);
  loop::ServerId invite_of(const parser::Message& cancel) const;
  loop::Verdict cancel_up(loop::Walk& walk, loop::ServerId invite);
  loop::Verdict response_down(loop::Walk& walk, unsigned code, bool made_here);
  loop::Verdict stateless_response_down(loop::Walk& walk, unsigned code, bool made_here);
  void expect_ack(loop::Walk& walk, ServerTransaction& server);
  bool confirm(const parser::Message& ack);
  ServerTransaction& new_server(loop::Walk& walk, std::uint64_t key);
  bool is_merged(const parser::Message& request, std::uint64_t merged) const;
  loop::Verdict answer(loop::Walk& walk, unsigned code);
  loop::Verdict shed(loop::Walk& walk);
  static bool is_settled_by(unsigned code, bool made_here, const ServerTransaction& server);
  loop::Verdict keep_answer(loop::Walk& walk, const ServerTransaction& server);
  loop::Verdict answer_again(loop::Walk& walk, const AnsweredRequests::Entry& answered);
  loop::Verdict forget(loop::Walk& walk, ServerTransaction& server);
  static bool was_only_tried(ServerTransaction& server);
  void try_again(ServerTransaction& server);
  void reply(ServerTransaction& server, unsigned code);
  void count_answer(const ServerTransaction& server, unsigned code);
  void strip_via(loop::Walk& walk) const;
  void settle(ServerTransaction& server, unsigned code);

  // Requests going down, responses going up: client_side.cc
  loop::Verdict request_down(loop::Walk& walk);
  loop::Verdict branch_down(loop::Walk& walk);
  loop::Verdict stateless_down(loop::Walk& walk);
  ClientTransaction& new_client(loop::Walk& walk, parser::Method method);
  loop::Verdict start(loop::Walk& walk, ClientTransaction& client, std::uint64_t loop_hash);
  loop::Verdict response_up(loop::Walk& walk);
  loop::Verdict deliver(loop::Walk& walk, ClientTransaction& client);
  std::optional<base::Flow> flow_for_size(const loop::Walk& walk) const;
  void push_via(loop::Walk& walk, const Branch& branch) const;
  void local_response(ClientTransaction& client, unsigned code);
  void send_failed(loop::ClientId client, bool no_way);
  void send_by_udp(ClientTransaction& client);
  void bounced(const transport::Bounced& event);
  void connection_closed(const transport::ConnectionClosed& event);
  void rerouted(loop::ClientId client);
  void cancel_pending(ServerTransaction& server);
  void cancel_branch(ClientTransaction& client);
  std::string_view reason_of_cancel(const ClientTransaction& client) const;

  // Requests of our own: own_requests.cc
  loop::Verdict own_down(loop::Walk& walk);
  loop::Verdict deliver_own(const ClientTransaction& client,
                            const base::Ref<parser::Message>& response);

  // Requests for a name: failover.cc
  ClientTransaction& stand_in(parser::Method method, loop::ServerId server);
  void seek(loop::ClientId client);
  void send_to(loop::ClientId client, const base::Flow& flow);
  void take_over(ClientTransaction& before, ClientTransaction& client);
  void hand_on(ClientTransaction& before, ClientTransaction& client);
  bool may_go_elsewhere(const ClientTransaction& failed) const;
  bool try_elsewhere(ClientTransaction& failed, unsigned code,
                     const base::Ref<parser::Message>& refusal = {});
  void give_up(loop::ClientId client);
  void give_up(loop::ClientId client, unsigned code);
  base::WireRef request_of(ClientTransaction& client) const;

  // Host
  const Timers& timers() const override { return options_.timers; }
  loop::TimerWheel& wheel() override { return context_.timers; }
  void send(const base::WireRef& wire, const base::Flow& flow) override;
  void client_timed_out(loop::ClientId client) override;
  void client_provisional(loop::ClientId client) override;
  void client_ended(loop::ClientId client) override;
  void server_ended(loop::ServerId server) override;
  void server_late(loop::ServerId server) override;
  void round_timed_out(loop::ServerId server) override;

  loop::Context& context_;
  const transport::Sockets& sockets_;
  Options options_;
  ClientUser* user_ = nullptr;
  ResponseWatcher* watcher_ = nullptr;
  base::SipKey table_key_ = base::SipKey::random();
  InFlight in_flight_;  // outlives its elements
  base::SlotTable<ServerTransaction, loop::ServerTag> servers_;
  base::SlotTable<ClientTransaction, loop::ClientTag> clients_;
  base::FlatIndex<ServerTransaction> by_key_;
  base::FlatIndex<ServerTransaction> by_merge_key_;
  base::FlatIndex<ServerTransaction> by_ack_key_;

  struct Counters {
    explicit Counters(base::Stats& stats);
    base::Counter uas_transactions, uac_transactions, in_use, received_replies, relayed_replies,
        local_replies, stray_replies, retransmissions, forwarded_requests, forwarded_replies,
        stateless_replies, stateless_acks, shed_requests, large_requests, failovers,
        stateless_relayed;
    /// By the class of a final response, and of a stateless one: 2 is 2xx.
    std::array<base::Counter, 7> transactions_of_class, stateless_of_class;
  } counters_;
  AnsweredRequests answered_;
};

}  // namespace opensips::transaction
