#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/secret.hh"

namespace opensips::auth {

/// What a source says of a user.
struct Lookup {
  enum class State : std::uint8_t {
    known,
    unknown,      ///< there is no such user
    unavailable,  ///< it cannot tell now
  };
  State state = State::unknown;
  std::shared_ptr<const Secret> secret;  ///< nobody's of one that is unknown; none if unavailable
};

/// Where users and their secrets are kept: the configuration, a database.
class CredentialSource {
 public:
  using Done = std::move_only_function<void(Lookup)>;

  virtual ~CredentialSource() = default;

  /// What is known without waiting; nullopt: fetch() has to be asked. Any worker.
  virtual std::optional<Lookup> find(std::string_view username, std::string_view realm) = 0;
  /// Asks, and calls `done` once, on whatever thread, within a time that the source bounds. Texts
  /// are copied. Only after find() has said nothing. Any worker.
  virtual void fetch(std::string_view username, std::string_view realm, Done done) = 0;
};

}  // namespace opensips::auth
