#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/address.hh"
#include "l0_transport/channel.hh"
#include "l0_transport/sctp_options.hh"

namespace opensips::transport {

/// Sets what an SCTP socket has to know before it listens or connects; one that is accepted has it
/// from its listener.
void prepare_sctp(const FileDescriptor& fd, const SctpOptions& options);

/// An SCTP association over a one-to-one socket (RFC 6458 4): each SIP message is a message of
/// SCTP, sent unordered on stream 0, so that none waits for another that was lost, and taken from
/// any stream (RFC 4168 5.1).
///
/// The kernel's notifications come between the messages. What is left of an association that was
/// lost is read to its end, because that is where it says which messages did not arrive.
class SctpChannel final : public Channel {
 public:
  /// `peer` is for the log.
  SctpChannel(FileDescriptor fd, const base::Address& peer);
  /// What the kernel holds for a peer that does not read is thrown away; else the association is
  /// shut down when all has arrived.
  ~SctpChannel() override;

  /// One message, a piece of one, or the number of one that was not delivered.
  Read read(std::span<char> into) override;
  /// Each element of `what` is a message; whole ones go.
  Written write(std::span<const iovec> what) override;

 private:
  std::optional<Read> notified(std::string_view notification);
  std::optional<Read> association_changed(std::string_view notification);
  Written not_written(int error);
  void path_changed(std::string_view notification) const;

  base::Address peer_;
  std::uint32_t written_ = 0;  // messages; the number of the next one
  bool inside_ = false;        // the beginning of a message has come
  bool lost_ = false;          // it is over, once its last words have been read
  bool blocked_ = false;       // the kernel had no room at the last write
};

}  // namespace opensips::transport
