#pragma once

#include <cstdint>

namespace opensips::transaction {

/// A server transaction has ended that somebody still deals with (TransactionLayer::set_owner): no
/// response of it will find the way there any more.
struct OwnedEnded {
  std::uint64_t owner;
};

/// A request with a version (TransactionLayer::set_version) gets its final response now.
struct Answered {
  std::uint32_t version;
  unsigned code;
};

}  // namespace opensips::transaction
