#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/siphash.hh"

namespace opensips::auth {

/// Makes the nonces of this server and knows them again, without keeping any: a nonce says when it
/// was made, by which process and as which of how many, under a MAC that covers its realm too. The
/// MAC is that of a keyed SipHash; who does not know the key cannot make one. Any thread.
class Nonces {
 public:
  enum class State : std::uint8_t {
    good,
    expired,  ///< one of ours that is too old
    earlier,  ///< of another process with our key: an earlier one, or another server
    foreign,  ///< no nonce of ours, or not for this realm
  };
  struct Found {
    State state = State::foreign;
    std::uint64_t id = 0;  ///< of a nonce of this process: no other has it
  };

  using Text = std::array<char, 40>;

  /// `epoch` tells this process from others, `lifetime_s` is in seconds.
  Nonces(const base::SipKey& key, std::uint32_t epoch, std::uint32_t lifetime_s)
      : key_(key), epoch_(epoch), lifetime_s_(lifetime_s) {}

  /// A new one for that realm. `now_s` is in seconds since 1970, as servers that share a key agree
  /// on it.
  Text make(std::string_view realm, std::uint32_t now_s);
  /// What a nonce that somebody sends is.
  Found find(std::string_view nonce, std::string_view realm, std::uint32_t now_s) const;

  /// The key that a secret stands for.
  static base::SipKey key_of(std::string_view secret);

 private:
  std::uint64_t mac(std::string_view body, std::string_view realm) const;

  base::SipKey key_;
  std::uint32_t epoch_;
  std::uint32_t lifetime_s_;
  std::atomic<std::uint32_t> made_ = 0;
};

}  // namespace opensips::auth
