#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/siphash.hh"
#include "l1_parser/message.hh"
#include "l6_location/aor_table.hh"
#include "l6_location/register_request.hh"
#include "l6_location/temporary_gruus.hh"

namespace opensips::location {

/// What becomes of flows to clients (RFC 5626). Numbers are Kamailio's.
enum class OutboundMode : std::uint8_t {
  off,       ///< a flow replaces what is the same contact only; who requires it gets 420
  optional,  ///< they are kept for clients that support them
  required,  ///< and other clients get 421
};

/// What the operator set for all registrations.
struct RegistrarOptions {
  ExpiresLimits expires = {};
  std::uint32_t max_contacts = 10;      ///< per AoR; 0: no limit
  std::uint16_t default_q = kHighestQ;  ///< of a contact without q
  bool overwrite = false;               ///< with too many contacts the oldest go; otherwise 403
  bool gives_gruus = false;             ///< to clients that know of them (RFC 5627)
  OutboundMode outbound = OutboundMode::optional;
  std::uint32_t flow_timer = 0;  ///< how often a flow is to be kept alive, in seconds; 0: not said
  base::SipKey mac_key = {};     ///< makes temporary ones
};

/// What becomes of Path headers (RFC 3327).
enum class PathMode : std::uint8_t {
  off,     ///< they are passed over
  lazy,    ///< they are kept, also of a client that does not know of them
  strict,  ///< the same, but such a client gets 420
};

/// When two contacts are the same.
enum class ContactMatch : std::uint8_t {
  uri,      ///< their URIs are equivalent (RFC 3261 19.1.4)
  call_id,  ///< and they are of the same Call-ID
  param,    ///< a parameter of their URIs has the same value; else as `uri`
};

/// What a script says about this one registration, instead of RegistrarOptions.
struct SaveOptions {
  std::optional<std::uint32_t> default_expires = {};
  std::optional<std::uint32_t> min_expires = {};
  std::optional<std::uint32_t> max_expires = {};
  std::optional<std::uint32_t> max_contacts = {};
  std::optional<bool> overwrite = {};
  PathMode path = PathMode::lazy;
  ContactMatch match = ContactMatch::uri;
  std::string match_param = {};
};

/// The registrar of RFC 3261 10.3, steps 6 to 8: what comes before (whose domain, who may) is the
/// script's. Shared by all workers, any thread.
class Registrar {
 public:
  struct Outcome {
    /// The client is told of the bindings, as of then; who makes its temporary GRUUs if it gets
    /// any.
    struct Listing {
      std::uint64_t now_ms;
      const TemporaryGruus* gruus;
    };

    std::uint16_t code = 200;
    std::string_view reason;  ///< a literal
    std::string headers;      ///< whole lines for the reply, but those of the contacts
    BindingSetRef bindings;   ///< of the AoR as they are now; none if there are none
    std::optional<Listing> listing;

    /// All lines for the reply.
    std::string_view lines(base::Arena& arena) const;
  };

  /// The table must outlive the registrar.
  explicit Registrar(AorTable& table, const RegistrarOptions& options = {})
      : table_(table), options_(options), temporary_gruus_(options.mac_key) {}

  /// Does what the REGISTER asks for, all of it or nothing. `aor` is the canonical text that
  /// aor_of() gives.
  Outcome process(const parser::Message& request, std::string_view aor, const SaveOptions& save,
                  std::uint64_t now_ms);

  /// The same in steps, for who has to wait between them: what the REGISTER asks for, what becomes
  /// of an AoR by it (or the answer if that cannot be), and the answers, which are counted.
  std::expected<RegisterRequest, RegisterRequest::Refusal> read(const parser::Message& request,
                                                                const SaveOptions& save) const;
  std::optional<RegisterRequest::Refusal> apply(const RegisterRequest& asked,
                                                const parser::Message& request,
                                                const SaveOptions& save, std::uint64_t now_ms,
                                                BindingSetEdit& edit) const;
  Outcome accept(const RegisterRequest& asked, BindingSetRef bindings, std::uint64_t now_ms);
  /// `bindings`: as they are, unchanged.
  Outcome refuse(RegisterRequest::Refusal refusal, BindingSetRef bindings);

  const RegistrarOptions& options() const { return options_; }
  const TemporaryGruus& temporary_gruus() const { return temporary_gruus_; }

  /// OpenSIPS: registrar:accepted_regs, registrar:rejected_regs.
  std::uint64_t accepted_regs() const { return accepted_.load(std::memory_order_relaxed); }
  std::uint64_t rejected_regs() const { return rejected_.load(std::memory_order_relaxed); }

 private:
  AorTable& table_;
  const RegistrarOptions options_;
  const TemporaryGruus temporary_gruus_;
  alignas(64) std::atomic<std::uint64_t> accepted_{0};
  std::atomic<std::uint64_t> rejected_{0};
};

}  // namespace opensips::location
