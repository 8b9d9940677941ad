#pragma once

#include <cstdint>
#include <memory>

#include "base/ref.hh"
#include "base/wire.hh"
#include "l0_transport/search.hh"
#include "l1_parser/draft.hh"
#include "l1_parser/message.hh"
#include "loop/walk.hh"

namespace opensips::transaction {

/// A branch whose target is a name, on its way from one server to the next (RFC 3263 4.3). Each
/// server gets a client transaction of its own; the newest has this, or one that stands in for it
/// while the server is being looked for.
struct Failover {
  std::unique_ptr<transport::Search> search;
  base::Ref<parser::Message> request;
  const parser::Draft* draft;  ///< as it was before the layers below `origin` added theirs
  loop::LayerId origin;        ///< it goes down from here, to each server anew
  loop::LayerMask mask;

  // What the branch says if there is no server left: what the last one did.
  base::Ref<parser::Message> refusal;  ///< its 503
  std::uint16_t code = 503;            ///< else that
  base::WireRef sent;                  ///< the request as it got it
};

}  // namespace opensips::transaction
