#pragma once

#include <memory>
#include <string>

#include "l0_transport/channel.hh"
#include "l0_transport/tls/bio.hh"
#include "l0_transport/tls/handles.hh"
#include "l0_transport/tls/session.hh"

namespace opensips::transport::tls {

/// TLS over a descriptor. What one read from the descriptor brings is decrypted as a whole, so that
/// nothing waits inside while the loop sleeps, and a turn is bounded like one without TLS.
class TlsChannel final : public Channel {
 public:
  /// None, with errno set, if `domains` has none for it. For a connection that was accepted, at
  /// that address of ours.
  static ChannelPtr accept(FileDescriptor fd, std::shared_ptr<const Domains> domains,
                           const base::Address& local);
  /// For one that is opened, to that address, because of that SIP domain: a name or an address.
  static ChannelPtr connect(FileDescriptor fd, std::shared_ptr<const Domains> domains,
                            const base::Address& peer, std::string_view sip_domain);
  ~TlsChannel() override;

  Handshake handshake() override;
  HandshakeError handshake_error() const override { return error_; }
  std::string_view handshake_problem() const override { return problem_; }
  Read read(std::span<char> into) override;
  Written write(std::span<const iovec> what) override;
  std::shared_ptr<const TlsPeer> peer() const override { return peer_; }

 private:
  TlsChannel(FileDescriptor fd, std::unique_ptr<Session> session);
  bool make_session(const Domain& domain);
  Read receive();
  Handshake fail(HandshakeError why, std::string problem);
  Handshake fail_by_session();
  Handshake finish();
  Read::End drain(std::span<char> into, std::size_t& size);
  Read::End break_off(std::string_view why) const;
  Written failed_write(int result);
  static void on_event(const SSL* session, int where, int value);

  Wire wire_;
  std::unique_ptr<Session> session_;  // until the handshake is done
  SessionPtr ssl_;
  std::shared_ptr<const TlsPeer> peer_;
  std::string problem_;
  HandshakeError error_ = HandshakeError::none;
  bool open_ = false;     // the handshake is done, and nothing has gone wrong since
  bool refused_ = false;  // the peer wants to renegotiate
};

}  // namespace opensips::transport::tls
