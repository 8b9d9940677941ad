#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/arena.hh"
#include "base/siphash.hh"
#include "l1_parser/message.hh"
#include "loop/walk.hh"

namespace opensips::transaction {

/// The branch parameter of the Vias we write: RFC 3261's cookie, our epoch, the client
/// transaction's id, a hash of what would make the request a loop (RFC 5393 4.2) and a MAC over all
/// of it and the Call-ID. A response thus finds its transaction without a search, and a forged one
/// nothing.
struct Branch {
  std::uint32_t epoch = 0;
  loop::ClientId client;  ///< none for a request forwarded without a transaction
  std::uint64_t loop_hash = 0;
};

/// Text in the arena: 63 bytes.
std::string_view write_branch(base::Arena& arena, const base::SipKey& key, const Branch& branch,
                              std::string_view call_id);

/// The parts, if the text is of our making for this Call-ID.
std::optional<Branch> read_branch(const base::SipKey& key, std::string_view text,
                                  std::string_view call_id);

/// The client transaction that sent a request, by the beginning of its bytes, as ICMP returns them;
/// none if no branch of ours is in it. The Call-ID may be cut off, and so the MAC is not checked:
/// the epoch, a random number, has to be right.
loop::ClientId client_of_request(std::string_view bytes, std::uint32_t epoch);

/// The hash over everything that routing may depend on: equal when a request comes back unchanged.
std::uint64_t loop_hash(const base::SipKey& key, const parser::Message& request);

/// True if one of the request's Vias is ours and carries this very hash: it has been here with the
/// same Request-URI and Routes (RFC 3261 16.3 step 4).
bool has_looped(const base::SipKey& key, const parser::Message& request);

}  // namespace opensips::transaction
