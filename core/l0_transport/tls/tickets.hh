#pragma once

#include <array>
#include <cstdint>
#include <deque>

#include "base/guarded.hh"
#include "l0_transport/tls/handles.hh"

namespace opensips::transport::tls {

/// The keys of session tickets (RFC 5077): the same for all workers and through every reload, so
/// that a peer may resume wherever its connection arrives. A key makes tickets for an hour and is
/// good for them for an hour more. Any thread; outlives the contexts it serves.
class TicketKeys {
 public:
  static constexpr std::uint64_t kLifeMs = 3'600'000;

  /// Has a server's context make and take tickets with these keys.
  void serve(SSL_CTX* context);

  struct Key {
    std::array<unsigned char, 16> name;
    std::array<unsigned char, 32> cipher;
    std::array<unsigned char, 32> mac;
    std::uint64_t made_at;
  };
  /// The key for new tickets, at that time (monotonic ms).
  Key current(std::uint64_t now_ms);
  /// Puts the key of that name into `key`, if it is still good. `fresh`: it still makes tickets.
  bool find(const unsigned char* name, std::uint64_t now_ms, Key& key, bool& fresh);

 private:
  void drop_old(std::deque<Key>& keys, std::uint64_t now_ms);

  base::Guarded<std::deque<Key>> keys_;  // the newest first
};

}  // namespace opensips::transport::tls
