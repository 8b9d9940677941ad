#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/siphash.hh"
#include "l1_parser/uri.hh"
#include "l3_dialog/way.hh"

namespace opensips::dialog {

/// The parameter of a Route of ours that leads to a client whom only we reach: the flow token of
/// RFC 5626 5.2, `flow=EPOCH.MAC.SOCKETWAY`. Servers that share their registrations are given it,
/// and what they send by it goes to the client without the script, which has been asked there.
inline constexpr std::string_view kFlowParam = "flow";

struct FlowToken {
  Way way;                   ///< none: a connection that an earlier process had
  std::uint16_t socket = 0;  ///< of a connection; an address is reached from the Route's own
};

/// `flow=…` for a way that is one.
std::string write_flow_token(const base::SipKey& key, std::uint32_t epoch, const FlowToken& token);

/// Nothing if the URI has no token that holds.
std::optional<FlowToken> flow_token_of(const base::SipKey& key, std::uint32_t epoch,
                                       const parser::Uri& route);

}  // namespace opensips::dialog
