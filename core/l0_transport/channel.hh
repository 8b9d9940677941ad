#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "l0_transport/file_descriptor.hh"
#include "l0_transport/tls_peer.hh"

namespace opensips::transport {

/// Why a channel could not be set up, for the statistics; the log has the words.
enum class HandshakeError : std::uint8_t {
  none,
  timeout,      ///< the peer was too slow
  by_peer,      ///< it closed or reset the connection half-way
  protocol,     ///< what it sent is not of this protocol
  version,      ///< no version or cipher that both speak
  certificate,  ///< its certificate is none that we trust, or it has none
  name,         ///< its certificate is good, and somebody else's
  no_domain,    ///< it asked for a name that is not served here
  refused,      ///< it refuses us
};
inline constexpr unsigned kHandshakeErrors = 9;

/// How bytes pass over the descriptor of a connection: as they are, or through TLS. It has no clock
/// and no queue, those are the Connection's, and nothing in it waits. After `failed` errno says
/// why. Belongs to the worker of its connection.
class Channel {
 public:
  explicit Channel(FileDescriptor fd) : fd_(std::move(fd)) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  virtual ~Channel() = default;

  int fd() const { return fd_.get(); }

  enum class Handshake : std::uint8_t { done, wants_read, wants_write, failed };
  /// Goes on with the handshake, once the descriptor is connected, until it is done. Then what has
  /// come behind it may be inside already: whoever called reads at once.
  virtual Handshake handshake() { return Handshake::done; }
  /// After a handshake that failed.
  virtual HandshakeError handshake_error() const { return HandshakeError::none; }
  /// The same in words, for the log; empty if the system's error says it all.
  virtual std::string_view handshake_problem() const { return {}; }

  /// Who is at the other end, once the handshake is done; none without TLS.
  virtual std::shared_ptr<const TlsPeer> peer() const { return nullptr; }

  struct Read {
    enum class End : std::uint8_t { none, closed, failed };
    std::size_t size = 0;  ///< bytes that came, to be worked off first
    End end = End::none;   ///< nothing more will come
    /// Of a channel that keeps messages apart: the bytes are of one, and this is its end.
    bool ends_message = false;
    /// A message that was written did not arrive: its number, counted from 0.
    std::optional<std::uint32_t> undelivered = std::nullopt;
  };
  /// Reads what is there, by one read from the descriptor: nothing stays inside that would wait for
  /// the next call although it could be had in this one. `into` is of kReadSize.
  virtual Read read(std::span<char> into) = 0;
  static constexpr std::size_t kReadSize = 65536;

  struct Written {
    enum class Outcome : std::uint8_t { some, blocked, failed };
    Outcome outcome = Outcome::some;
    std::size_t size = 0;  ///< bytes that have gone, of `some`
  };
  /// Writes from the beginning of `what`, which is not empty; each element ends a message. After
  /// `blocked` the next call begins with the same bytes, wherever they are by then.
  virtual Written write(std::span<const iovec> what) = 0;

  /// Everything is written: the peer sees the end. It may go on to write.
  virtual void close_writing();

 private:
  FileDescriptor fd_;
};
using ChannelPtr = std::unique_ptr<Channel>;

/// Bytes as they are: TCP.
class PlainChannel final : public Channel {
 public:
  using Channel::Channel;
  Read read(std::span<char> into) override;
  Written write(std::span<const iovec> what) override;
};

/// send() and recv() for channels: never wait, never raise SIGPIPE.
Channel::Written send_to(int fd, std::span<const iovec> what);
Channel::Read receive_from(int fd, std::span<char> into);

}  // namespace opensips::transport
