#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "base/flow.hh"
#include "base/ref.hh"
#include "l1_parser/message.hh"
#include "l2_transaction/client_invite.hh"
#include "l2_transaction/client_non_invite.hh"
#include "l2_transaction/client_user.hh"
#include "l2_transaction/failover.hh"
#include "l2_transaction/in_flight.hh"
#include "l2_transaction/response_context.hh"
#include "l2_transaction/server_invite.hh"
#include "l2_transaction/server_non_invite.hh"

namespace opensips::transaction {

/// A request that came in: its machine, and what its answers need.
struct ServerTransaction {
  ServerTransaction(loop::ServerId self, Host& host, parser::Method request_method,
                    const base::Flow& answers_to);

  loop::ServerId id;
  std::uint64_t key = 0;        ///< what the request and its ACK are found by
  std::uint64_t merge_key = 0;  ///< 0: it cannot be merged
  std::uint64_t ack_key = 0;    ///< what the ACK for a 2xx made here is found by; 0: none is due
  parser::Method method;
  bool cancelled = false;              ///< a CANCEL came for it
  bool provisional = false;            ///< a provisional response went out
  bool shows_responses = false;        ///< its owner sees those of the branches
  base::Flow source;                   ///< where answers go
  base::Ref<parser::Message> request;  ///< until the final response is out
  loop::WalkId walk;                   ///< the request's own walk, if a layer above holds it
  std::uint64_t owner = 0;             ///< the routing run that deals with it; L2 only keeps it
  std::uint32_t version = 0;           ///< of the program that routes it; likewise
  std::uint64_t dialog_key = 0;        ///< what L3 finds its dialog by; likewise
  std::unique_ptr<ResponseContext> branches;  ///< once it was forwarded
  std::variant<ServerInvite, ServerNonInvite> machine;

  bool is_invite() const { return method == parser::Method::invite; }
  bool final() const;
  std::string_view state() const;
  void start();
  bool respond(unsigned code, bool made_here);
  void retransmitted();
  void abandon();
  /// Answers go there from now on.
  void answer_to(const base::Flow& flow);
  base::WireRef& sent();
};

/// A request that went out: a branch of a server transaction, a request of our own, or a CANCEL.
struct ClientTransaction : InFlight::Hook {
  ClientTransaction(loop::ClientId self, Host& host, parser::Method request_method,
                    const base::Flow& target);

  loop::ClientId id;
  loop::ServerId server;  ///< whose branch it is, if it is one
  UacId uac;              ///< the request of our own that it is, if it is one
  loop::ClientId cancel;  ///< the CANCEL that was sent for it
  parser::Method method;
  Patience patience;
  bool cancel_wanted = false;
  bool waiting = false;  ///< for a server to be found: it stands in for the one that comes then
  std::uint64_t in_flight_key = 0;  ///< InFlight's
  base::Flow to;
  std::optional<base::Flow> datagrams;  ///< where it would go by UDP, were it not so large
  std::unique_ptr<Failover> failover;   ///< if its target is a name
  std::variant<ClientInvite, ClientNonInvite> machine;

  bool is_invite() const { return method == parser::Method::invite; }
  ClientInvite& invite() { return std::get<ClientInvite>(machine); }
  std::string_view state() const;
  void start();
  bool receive(const parser::Message& response);
  /// Nothing has come for it yet.
  bool unanswered() const;
  /// Begins anew with another flow; the bytes are the caller's to set.
  void redirect(Host& host, const base::Flow& flow);
  /// Timer B or F is running: nothing says that the other side will ever answer.
  bool may_time_out() const;
  base::WireRef& sent();
};

}  // namespace opensips::transaction
