#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "l0_transport/sockets.hh"
#include "l1_parser/message.hh"
#include "l3_dialog/dialog.hh"
#include "l3_dialog/snapshot.hh"

namespace opensips::dialog {

/// What an INVITE says about its dialog; the callee's part is empty but for its URI.
Dialog::Texts texts_of(const parser::Message& invite);
Dialog::Texts texts_of(const DialogSnapshot& snapshot);

/// The URI of the first Contact, as edits leave it; empty if there is none.
std::string_view contact_of(const parser::Message& message);

/// What a response's Record-Routes say of the callee's side of us.
struct CalleeSide {
  /// The proxies there, in the order of a Route header: those recorded above our own (RFC 3261
  /// 12.1.2 reads them from the end).
  std::string routes;
  /// Our own says that whoever sent the response is reached in another way than by what it says of
  /// itself.
  bool has_way = false;
};
CalleeSide callee_side(const parser::Message& response);

/// "udp:192.0.2.1:5060" of ours, open or not; kAnySocket if there is none.
std::uint16_t socket_named(std::string_view name, const transport::Sockets& sockets);

/// The two name the same user at the same host and port; parameters do not count.
bool is_same_place(std::string_view uri, std::string_view other);

}  // namespace opensips::dialog
