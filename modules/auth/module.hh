#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/configured_users.hh"
#include "auth/database_users.hh"
#include "auth/demand.hh"
#include "auth/nonces.hh"
#include "auth/presented.hh"
#include "auth/used_nonces.hh"
#include "lp_routing/functions/argument.hh"
#include "module/module.hh"

namespace opensips::auth {

/// What a program may say about the credentials that it asks for; the parameters say the rest.
struct AskOptions {
  std::optional<routing::Line> realm;
  std::optional<std::string_view> qop;
  std::optional<std::string_view> algorithms;
  std::optional<std::string_view> password;
  std::optional<std::string_view> ha1;
  std::optional<bool> stale;
};

/// Digest authentication as operators and programs see it (RFC 3261 22, RFC 8760).
class Auth final : public modules::Module {
 public:
  std::vector<modules::Parameter> parameters() override;
  std::vector<modules::Statistic> statistics() override;
  std::vector<manage::Command> commands() override;
  modules::Result<> check() override;
  modules::Result<> init(modules::Host& host) override;
  modules::Result<std::unique_ptr<modules::OnWorker>> start(modules::Worker& worker) override;

  routing::Value require(routing::Call& call, routing::Object request, std::string_view role,
                         const std::optional<AskOptions>& options);
  routing::Value check_credentials(routing::Call& call, routing::Object request,
                                   std::string_view role, const std::optional<AskOptions>& options);
  routing::Value challenge(routing::Call& call, routing::Object request, std::string_view role,
                           const std::optional<AskOptions>& options);
  routing::Value credentials(routing::Call& call, routing::Object request, std::string_view role,
                             const std::optional<AskOptions>& options);

 private:
  struct Counters {
    base::Counter challenges, succeeded, failed, stale, replayed, full, malformed, unavailable;
  };
  /// One call of require() or check(). Kept while it waits, as the request is.
  struct Question {
    Demand demand;
    bool required = false;  ///< who proves nothing is answered, and the handler ends
  };

  std::optional<std::string> set_algorithms(const std::string& text);
  std::optional<std::string> set_qop(const std::string& text);
  std::optional<std::string> set_extra_columns(const std::string& text);
  std::optional<std::string> add_user(const std::string& text);

  std::expected<Demand, std::string> demand_of(const routing::Call& call,
                                               const routing::Object& request,
                                               std::string_view role,
                                               const AskOptions& options) const;
  routing::Value ask(routing::Call& call, const routing::Object& request, std::string_view role,
                     const AskOptions& options, bool required);
  std::optional<Lookup> find_user(std::string_view username, std::string_view realm);
  std::optional<Lookup> given_secret(const AskOptions& options) const;
  std::expected<Presented, Refusal> find_fresh(const routing::Call& call,
                                               const Demand& demand) const;
  routing::Value go_on(routing::Call& call, const Question& question, const Lookup& lookup);
  routing::Value decide(routing::Call& call, const Question& question, const Presented& presented,
                        const Lookup& lookup);
  std::optional<Refusal> judge(const routing::Call& call, const Presented& presented,
                               const Demand& demand, const Lookup& lookup);
  routing::Value accept(routing::Call& call, const Question& question, const Presented& presented,
                        const Secret& secret);
  routing::Value refuse(routing::Call& call, const Question& question, Refusal refusal);
  base::Result<void> send_challenge(routing::Call& call, const Demand& demand, bool stale);
  void count(const routing::Call& call, Refusal refusal);
  std::uint32_t seconds_of(const routing::Call& call) const;

  std::chrono::milliseconds nonce_expire_{30'000};
  std::string secret_;
  bool disable_nonce_check_ = false;
  int nonce_table_size_ = 1'000'000;
  std::string realm_;
  std::string realm_prefix_;
  std::string qop_ = "auth";
  std::vector<parser::DigestAlgorithm> algorithms_{parser::DigestAlgorithm::md5};
  bool check_uri_ = true;

  ConfiguredUsers users_;
  UserTableOptions table_;
  std::unique_ptr<DatabaseUsers> database_;
  std::optional<Nonces> nonces_;
  std::unique_ptr<UsedNonces> used_;
  std::int64_t wall_offset_s_ = 0;  // from the monotonic clock to the seconds since 1970
  std::atomic<unsigned> retry_ = 0;
  Counters counters_;
};

}  // namespace opensips::auth
