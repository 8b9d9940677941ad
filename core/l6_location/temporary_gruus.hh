#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/siphash.hh"
#include "l1_parser/uri.hh"

namespace opensips::location {

/// Temporary GRUUs (RFC 5627 3.2): what one is for stands in itself, encrypted, so that there is no
/// table of them, and nobody but us learns whose it is, or that two are the same device's. Good for
/// as long as the device is registered with the Call-ID that it had then. Any thread.
class TemporaryGruus {
 public:
  /// Of all servers with that key.
  explicit TemporaryGruus(const base::SipKey& key);

  struct Device {
    std::string aor;
    std::string instance;
    std::uint32_t session;  ///< session_of() its Call-ID
  };

  /// A new one, in quotes as a Contact parameter has it. `secure`: a SIPS URI.
  /// Empty if it would be too long to be read again.
  std::string make(std::string_view aor, std::string_view instance, std::string_view call_id,
                   bool secure) const;
  /// Nothing if the URI is none that we have made.
  std::optional<Device> read(const parser::Uri& uri) const;
  std::uint32_t session_of(std::string_view call_id) const;

 private:
  std::uint64_t mac_of(std::string_view nonce, std::string_view plain) const;
  void apply_stream(std::string_view start, std::string& text) const;

  base::SipKey mac_key_, stream_key_, session_key_;
};

}  // namespace opensips::location
