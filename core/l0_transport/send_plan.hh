#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/address.hh"

namespace opensips::transport {

/// In which order the datagrams of a turn go out, and which of them in one piece. The kernel takes
/// several for one peer at once and cuts them apart as late as it can, each as long as the first
/// (UDP_SEGMENT, see udp(7)); only the last may be shorter. Messages of one call to one peer stay
/// in their order. One worker.
class SendPlan {
 public:
  static constexpr std::size_t kMost = 256;  ///< datagrams in a plan

  struct Datagram {
    const base::Address* peer = nullptr;
    std::uint32_t call = 0;  ///< as Wire::call()
    std::size_t size = 0;    ///< bytes
    bool by_itself = false;  ///< in no group
  };
  using Group = std::span<const std::uint16_t>;  ///< places of datagrams among those given

  /// Plans for kMost datagrams at most. The groups are valid until the next call.
  std::span<const Group> make(std::span<const Datagram> datagrams);

 private:
  struct Place {
    std::uint64_t key;
    std::uint16_t index;
  };
  /// How many datagrams of a call have gone to a peer so far.
  class Ranks {
   public:
    void clear() { ++plan_; }
    std::uint64_t next(std::uint64_t call_and_peer);

   private:
    struct Slot {
      std::uint64_t of = 0;
      std::uint32_t plan = 0;  // in which that was; in any other the slot is free
      std::uint32_t count = 0;
    };
    std::uint32_t plan_ = 0;
    std::array<Slot, 2 * kMost> slots_;  // never more than half of them taken
  };

  void sort(std::span<const Datagram> datagrams);
  std::size_t group_at(std::size_t first, std::span<const Datagram> datagrams) const;

  Ranks ranks_;
  std::vector<Place> places_;
  std::vector<std::uint16_t> order_;
  std::vector<Group> groups_;
};

}  // namespace opensips::transport
