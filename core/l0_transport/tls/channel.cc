#include "l0_transport/tls/channel.hh"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/address.hh"
#include "base/log.hh"
#include "l0_transport/tls/certificate.hh"
#include "l0_transport/tls/failure.hh"

namespace opensips::transport::tls {

namespace {

constexpr std::size_t kMostOfRecord = SSL3_RT_MAX_PLAIN_LENGTH;
// What is read in one go, with the record that may have begun before it, fits decrypted into what a
// connection reads in one turn.
constexpr std::size_t kReceiveSize = Channel::kReadSize - SSL3_RT_MAX_PACKET_SIZE;

/// Room for one read from the network; empty again when it has been decrypted.
std::span<char> cipher_buffer() {
  static thread_local const auto bytes = std::make_unique_for_overwrite<char[]>(kReceiveSize);
  return {bytes.get(), kReceiveSize};
}

/// The beginning of `what`, as long as a record may be, in one piece.
std::span<const char> one_record(std::span<const iovec> what) {
  static thread_local const auto room = std::make_unique_for_overwrite<char[]>(kMostOfRecord);
  if (what.size() == 1 || what.front().iov_len >= kMostOfRecord) {
    const auto size = std::min(what.front().iov_len, kMostOfRecord);
    return {static_cast<const char*>(what.front().iov_base), size};
  }
  std::size_t size = 0;
  for (const auto& part : what) {
    const auto count = std::min(part.iov_len, kMostOfRecord - size);
    std::memcpy(room.get() + size, part.iov_base, count);
    size += count;
  }
  return {room.get(), size};
}

bool same(const TlsPeer& a, const TlsPeer& b) {
  return a.version == b.version && a.cipher == b.cipher && a.server_name == b.server_name;
}

/// Most clients have no certificate, and all those are the same to us: they share one.
std::shared_ptr<const TlsPeer> describe(const SSL* ssl, const Session& session) {
  static thread_local std::shared_ptr<const TlsPeer> last;
  TlsPeer peer;
  peer.version = SSL_get_version(ssl);
  peer.cipher = SSL_get_cipher_name(ssl);
  peer.bits = SSL_get_cipher_bits(ssl, nullptr);
  peer.server_name = session.name;
  if (const X509* const certificate = SSL_get0_peer_certificate(ssl)) {
    read_certificate(certificate, peer);
    peer.verified = (SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER) != 0 &&
                    SSL_get_verify_result(ssl) == X509_V_OK;
    return std::make_shared<const TlsPeer>(std::move(peer));
  }
  if (!last || !same(*last, peer)) last = std::make_shared<const TlsPeer>(std::move(peer));
  return last;
}

}  // namespace

TlsChannel::TlsChannel(FileDescriptor fd, std::unique_ptr<Session> session)
    : Channel(std::move(fd)), session_(std::move(session)) {
  wire_.fd = this->fd();
}

TlsChannel::~TlsChannel() {
  if (!open_) return;
  ERR_clear_error();
  SSL_shutdown(
      ssl_.get());  // our close_notify, if the kernel takes it; nobody waits for the peer's
  ERR_clear_error();
}

ChannelPtr TlsChannel::accept(FileDescriptor fd, std::shared_ptr<const Domains> domains,
                              const base::Address& local) {
  const Domain* const domain = domains->any_for(local);
  errno = EPROTONOSUPPORT;
  if (!domain) return nullptr;
  auto session = std::make_unique<Session>();
  session->domains = std::move(domains);
  session->local = local;
  std::unique_ptr<TlsChannel> made(new TlsChannel(std::move(fd), std::move(session)));
  if (!made->make_session(*domain)) return nullptr;
  SSL_set_accept_state(made->ssl_.get());
  return made;
}

ChannelPtr TlsChannel::connect(FileDescriptor fd, std::shared_ptr<const Domains> domains,
                               const base::Address& peer, std::string_view sip_domain) {
  const Domain* const domain = domains->for_server_at(peer, sip_domain);
  errno = EPROTONOSUPPORT;
  if (!domain) return nullptr;
  auto session = std::make_unique<Session>();
  session->domains = std::move(domains);
  session->name = sip_domain;
  session->check_name = domain->setting.verify_cert && domain->setting.verify_hostname;
  const bool is_name = !base::Address::parse(sip_domain, 0);
  std::unique_ptr<TlsChannel> made(new TlsChannel(std::move(fd), std::move(session)));
  if (!made->make_session(*domain)) return nullptr;
  SSL_set_connect_state(made->ssl_.get());
  if (is_name) SSL_set_tlsext_host_name(made->ssl_.get(), made->session_->name.c_str());
  return made;
}

bool TlsChannel::make_session(const Domain& domain) {
  errno = ENOMEM;
  ssl_.reset(SSL_new(domain.context.get()));
  auto bio = make_bio(wire_);
  if (!ssl_ || !bio) return false;
  SSL_set_bio(ssl_.get(), bio.get(), bio.get());
  bio.release();  // the session's now
  SSL_set_app_data(ssl_.get(), session_.get());
  return true;
}

/// Puts what has come where the session reads; the size is that of what came encrypted.
Channel::Read TlsChannel::receive() {
  assert(wire_.incoming.empty());
  const auto buffer = cipher_buffer();
  const auto got = receive_from(fd(), buffer);
  wire_.incoming = {buffer.data(), got.size};
  return got;
}

Channel::Handshake TlsChannel::handshake() {
  // A client speaks first; whatever a server's answer is, it comes in a turn of its own.
  bool may_receive = SSL_is_server(ssl_.get()) || SSL_get_state(ssl_.get()) != TLS_ST_BEFORE;
  for (;;) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) return finish();
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_WRITE: return Handshake::wants_write;
      case SSL_ERROR_WANT_READ: break;
      default: return fail_by_session();
    }
    if (!std::exchange(may_receive, false)) return Handshake::wants_read;
    const auto got = receive();
    if (got.end == Read::End::closed) {
      errno = ECONNRESET;
      return fail(HandshakeError::by_peer, "the peer closed the connection");
    }
    if (got.end == Read::End::failed) return fail(HandshakeError::by_peer, std::strerror(errno));
    if (got.size == 0) return Handshake::wants_read;
  }
}

Channel::Handshake TlsChannel::fail(HandshakeError why, std::string problem) {
  error_ = why;
  problem_ = std::move(problem);
  return Handshake::failed;
}

Channel::Handshake TlsChannel::fail_by_session() {
  if (wire_.error != 0) {
    errno = wire_.error;
    return fail(HandshakeError::by_peer, std::strerror(errno));
  }
  auto failure = failure_of(ssl_.get());
  errno = EPROTO;
  if (!session_->no_domain) return fail(failure.why, std::move(failure.text));
  const auto& name = session_->name;
  return fail(HandshakeError::no_domain, name.empty()
                                             ? "no TLS domain for a client that names no server"
                                             : "no TLS domain for the server name " + name);
}

Channel::Handshake TlsChannel::finish() {
  open_ = true;
  peer_ = describe(ssl_.get(), *session_);
  session_.reset();
  SSL_set_app_data(ssl_.get(), this);
  SSL_set_info_callback(ssl_.get(), on_event);
  return Handshake::done;
}

/// A peer that wants to renegotiate is told no by OpenSSL; it has no second try.
void TlsChannel::on_event(const SSL* session, int where, int value) {
  if (where != SSL_CB_WRITE_ALERT || (value & 0xff) != SSL_AD_NO_RENEGOTIATION) return;
  static_cast<TlsChannel*>(SSL_get_app_data(session))->refused_ = true;
}

Channel::Read TlsChannel::read(std::span<char> into) {
  // After a handshake there may be more of the same read.
  const auto end = wire_.incoming.empty() ? receive().end : Read::End::none;
  const int error = errno;
  Read read;
  read.end = drain(into, read.size);
  if (read.end == Read::End::none) {
    read.end = end;
    errno = error;
  }
  if (read.end == Read::End::failed) open_ = false;
  return read;
}

/// Decrypts all that there is.
Channel::Read::End TlsChannel::drain(std::span<char> into, std::size_t& size) {
  while (size < into.size()) {
    ERR_clear_error();
    const auto room = into.subspan(size);
    const int count = SSL_read(ssl_.get(), room.data(), static_cast<int>(room.size()));
    if (refused_) return break_off("it wants to renegotiate");
    if (count > 0) {
      size += static_cast<std::size_t>(count);
      continue;
    }
    switch (SSL_get_error(ssl_.get(), count)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE: return Read::End::none;
      case SSL_ERROR_ZERO_RETURN: return Read::End::closed;
      case SSL_ERROR_SSL: return break_off(failure_of(ssl_.get()).text);
      default: errno = wire_.error; return Read::End::failed;
    }
  }
  return Read::End::none;
}

/// Breaks it off: what the peer sends is not what it may send, or says why it goes.
Channel::Read::End TlsChannel::break_off(std::string_view why) const {
  static base::RateLimit limit{std::chrono::milliseconds(50)};
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  getpeername(fd(), reinterpret_cast<sockaddr*>(&peer), &size);
  base::log_limited(limit, base::LogLevel::warn, "tls connection with {} ended: {}",
                    base::Address(reinterpret_cast<const sockaddr*>(&peer)).to_string(), why);
  errno = EPROTO;
  return Read::End::failed;
}

Channel::Written TlsChannel::write(std::span<const iovec> what) {
  const auto record = one_record(what);
  ERR_clear_error();
  const int result = SSL_write(ssl_.get(), record.data(), static_cast<int>(record.size()));
  if (result > 0) return {Written::Outcome::some, static_cast<std::size_t>(result)};
  return failed_write(result);
}

Channel::Written TlsChannel::failed_write(int result) {
  const int why = SSL_get_error(ssl_.get(), result);
  if (why == SSL_ERROR_WANT_WRITE || why == SSL_ERROR_WANT_READ) return {Written::Outcome::blocked};
  open_ = false;
  errno = wire_.error ? wire_.error : EPROTO;
  return {Written::Outcome::failed};
}

}  // namespace opensips::transport::tls
