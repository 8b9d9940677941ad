#pragma once

#include <cstdint>
#include <string_view>

#include "base/flow.hh"
#include "base/id.hh"
#include "base/ref.hh"
#include "base/wire.hh"

namespace opensips::parser {  // a walk carries these and looks into neither
class Message;
struct Draft;
void retain(Message* message);
void release(Message* message);
}  // namespace opensips::parser

namespace opensips::loop {

/// The layers, from the network up. Those from `nat` to `location` are optional. Layers of modules
/// have the numbers behind these, wherever in the path they stand.
enum class LayerId : std::uint8_t {
  transport,
  parser,
  transaction,
  dialog,
  nat,
  presence,
  location,
  routing,
};
inline constexpr unsigned kLayers = 8;
inline constexpr unsigned kMaxLayers = 16;

/// Which layers a walk passes through: a bit each, by LayerId.
using LayerMask = std::uint16_t;
inline constexpr LayerMask kAllLayers = (1U << kMaxLayers) - 1;
constexpr LayerMask mask_of(LayerId layer) {
  return static_cast<LayerMask>(1U << static_cast<unsigned>(layer));
}

using WalkId = base::Id<struct WalkTag>;
using ServerId = base::Id<struct ServerTag>;  ///< a server transaction of L2
using ClientId = base::Id<struct ClientTag>;  ///< a client transaction of L2
using DialogId = base::Id<struct DialogTag>;  ///< a dialog that L3 keeps

struct Walk;

/// What a layer that suspends a walk wants to hear when the message is not wanted any more (a
/// CANCEL, the end of its transaction). Set before the layer returns Suspend; run at most once, on
/// the walk's worker.
struct CancelHook {
  void (*run)(void* owner, Walk& walk) = nullptr;
  void* owner = nullptr;
};

/// One message on its way: which layer it is in, which way it goes, and what the layers so far have
/// found out. Moved by Path alone; it belongs to the worker that owns its Call-ID.
struct Walk {
  enum class Direction : std::uint8_t { up, down };

  Direction direction = Direction::up;
  LayerId layer = LayerId::transport;
  LayerMask mask = kAllLayers;
  WalkId id;  ///< none until Path::hold(): a walk that nobody suspends needs none

  std::string_view bytes;    ///< L0 to L1, on the way up only: as received, gone after L1
  std::string_view call_id;  ///< from L1 to below L2, of a message that came: in `message`
  base::Flow flow;           ///< up: where it came from; down: where it goes

  base::Ref<parser::Message> message;  ///< what came up, or what the draft is made from
  parser::Draft* draft = nullptr;      ///< going down, above L1; lives in `message`
  ServerId server;                     ///< the server transaction it belongs to, if any
  ClientId client;                     ///< the client transaction it belongs to, if any
  DialogId dialog;     ///< a request on its way up that is inside this one, as L3 has seen proof of
  base::WireRef wire;  ///< L1 to L0: the bytes to send
  base::WireRef* keep = nullptr;  ///< L2 to L1: where L1 leaves the bytes as well, to send again

  CancelHook on_cancel;

  static Walk up(LayerId from) {
    Walk walk;
    walk.layer = from;
    return walk;
  }
  static Walk down(LayerId from) {
    Walk walk;
    walk.direction = Direction::down;
    walk.layer = from;
    return walk;
  }
};

}  // namespace opensips::loop
