#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/flow.hh"
#include "base/ref.hh"
#include "base/result.hh"
#include "base/siphash.hh"
#include "base/slot_table.hh"
#include "l0_transport/resolver.hh"
#include "l1_parser/message.hh"
#include "l2_transaction/client_user.hh"
#include "l2_transaction/credentials.hh"
#include "l2_transaction/layer.hh"
#include "l2_transaction/own_request.hh"
#include "loop/context.hh"
#include "loop/owner.hh"
#include "loop/timer_wheel.hh"

namespace opensips::transaction {

/// How a request of our own goes out, beside what it says.
struct UacOptions {
  std::string_view next_hop;       ///< a URI to send to in place of what Route and Request-URI say
  std::optional<base::Flow> flow;  ///< to go by, instead of any of these
  std::uint16_t socket = base::Flow::kAnySocket;  ///< the socket of ours that is preferred
  std::uint64_t timeout_ms =
      0;                     ///< after it: 408, and an INVITE is cancelled; 0: as tm's timers say
  Login login = {};          ///< by which challenges are answered
  bool provisional = false;  ///< the answers 101 to 199 are wanted too
};

/// Who has a say in requests of the server's own before they go out.
class OwnRequestEditor {
 public:
  /// May change the request by its edits(), and the socket that it prefers to go from. False: it is
  /// not to be sent.
  virtual bool edit_own(const base::Ref<parser::Message>& request, std::uint16_t& socket) = 0;

 protected:
  ~OwnRequestEditor() = default;
};

/// The user agent client of one worker (RFC 3261 8.1): by it the layers above send requests of the
/// server's own and get the answers, on the same worker. Each has an id; what has ended is not
/// found any more, and asking for it does nothing.
class Uac final : private ClientUser {
 public:
  /// Called for each provisional response that is wanted, then for the final one: of an INVITE for
  /// every 2xx, its copies and those of other callees included, each of which needs an
  /// acknowledge(). A final one that never came is a 408 or a 503 made here; its source() has no
  /// peer. Never called inside send(). May call whatever is here.
  using Answer = std::move_only_function<void(const base::Ref<parser::Message>& response)>;

  struct Options {
    std::string user_agent;  ///< value of the header; empty: none
    unsigned max_forwards = 70;
  };

  Uac(loop::Context& context, TransactionLayer& transactions, transport::Resolver& resolver,
      const loop::Owners& owners, Options options);

  /// Sends a request; all texts are copied. With a Call-ID of its own it has to be on the worker
  /// that owns it. Error::malformed: the parts make no request; Error::unsupported, unreachable:
  /// there is no way to the next hop; Error::refused: the editor does not want it sent. A name that
  /// is not found is a 503 later.
  base::Result<UacId> send(const OwnRequest& request, const UacOptions& options, Answer answer);

  /// Acknowledges a 2xx for an INVITE (RFC 3261 13.2.2.4): by the route set and to the target that
  /// it says, or inside a dialog by those of the INVITE. `headers`, `content_type` and `body` are
  /// of the ACK.
  void acknowledge(UacId id, const parser::Message& success, const OwnRequest& extra = {});

  /// Sends a CANCEL if it is an INVITE without a final response. Its answer comes all the same.
  void cancel(UacId id);
  /// The answer is not wanted any more. An INVITE is cancelled; a call that comes about
  /// nevertheless is hung up.
  void forget(UacId id);

  /// It outlives the last request.
  void set_editor(OwnRequestEditor& editor) { editor_ = &editor; }

  std::size_t open() const { return requests_.size(); }

 private:
  struct Request {
    Request(UacId self, Uac& owner) : id(self), uac(owner) {}
    void on_timer() { uac.transactions_.time_out(client); }
    bool is_invite() const { return message->method() == parser::Method::invite; }

    UacId id;
    Uac& uac;
    loop::ClientId client;
    base::Ref<parser::Message> message;  ///< as it goes out, but for Via
    Answer answer;
    std::optional<base::Flow> flow;  ///< that it was told to go by
    std::unique_ptr<Credentials> credentials;
    std::uint32_t cseq = 0;  ///< of the last one sent
    bool cancelled = false;
    std::uint16_t socket = base::Flow::kAnySocket;
    bool provisional = false;          ///< wanted
    bool wanted = true;                ///< somebody waits for the final response, or for more 2xx
    std::vector<std::string> hung_up;  ///< the To tags of calls that came about unwanted
    loop::Timer timer = loop::Timer::calling<&Request::on_timer>(this);
  };

  void goes_by(UacId id, loop::ClientId client) override;
  void receive(UacId id, const base::Flow& sent_to,
               const base::Ref<parser::Message>& response) override;
  void ended(UacId id, loop::ClientId client) override;

  base::Result<transport::NextHop> find(const std::optional<base::Flow>& way,
                                        std::string_view next_hop, std::uint16_t socket);
  void send_again(Request& request, const base::Flow& flow);
  void tell(Request& request, const base::Ref<parser::Message>& response);
  void finish(Request& request, const base::Ref<parser::Message>& response);
  void hang_up(Request& request, const parser::Message& success);
  std::string draw_call_id();
  std::string draw_token();
  std::string branch_of_ack(const parser::Message& success) const;

  loop::Context& context_;
  TransactionLayer& transactions_;
  transport::Resolver& resolver_;
  const loop::Owners& owners_;
  Options options_;
  OwnRequestEditor* editor_ = nullptr;
  base::SipKey token_key_ = base::SipKey::random();
  base::SipKey ack_key_ = base::SipKey::random();
  std::uint64_t tokens_ = 0;
  base::SlotTable<Request, UacTag> requests_;
};

}  // namespace opensips::transaction
