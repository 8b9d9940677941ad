#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "auth/credential_source.hh"
#include "auth/extra_columns.hh"
#include "base/guarded.hh"
#include "storage/database.hh"

namespace opensips::auth {

/// The table of users, as the operator describes it.
struct UserTableOptions {
  std::string url;  ///< empty: none
  std::string table = "subscriber";
  std::string user_column = "username";
  std::string domain_column = "domain";
  std::string password_column;  ///< empty: "password" if it is one, else "ha1"
  std::string sha256_column = "ha1_sha256";
  std::string sha512_256_column = "ha1_sha512t256";
  bool calculate_ha1 = false;               ///< the column has passwords, not hashes
  bool use_domain = false;                  ///< users are told apart by the realm too
  std::chrono::milliseconds cache_time{0};  ///< what was read is good so long; 0: not at all
  std::vector<ExtraColumn> extra;           ///< read with the password, for programs

  /// `password_column`, or what stands for it.
  std::string_view secret_column() const;
  /// SELECT …, with a `?` for the name and, if it matters, one for the realm.
  std::string statement() const;
};

/// The users in a table of a database. A worker never waits for it: the answer comes within the
/// database's limit, whatever that does.
class DatabaseUsers final : public CredentialSource {
 public:
  /// `database` outlives it.
  DatabaseUsers(storage::Database& database, const UserTableOptions& options);

  /// What the cache knows.
  std::optional<Lookup> find(std::string_view username, std::string_view realm) override;
  /// `done` is called on a thread of the database.
  void fetch(std::string_view username, std::string_view realm, Done done) override;

  /// Forgets what was read, any thread.
  void forget();
  std::size_t cached() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Cached {
    std::shared_ptr<const Secret> secret;
    Clock::time_point until;
  };
  /// Name and realm; that is empty where users are not told apart by it.
  using Key = std::pair<std::string, std::string>;
  using KeyView = std::pair<std::string_view, std::string_view>;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const KeyView& key) const {
      const std::hash<std::string_view> hash;
      return hash(key.first) * 31 + hash(key.second);
    }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const KeyView& a, const KeyView& b) const { return a == b; }
  };
  struct Cache {
    std::unordered_map<Key, Cached, Hash, Equal> users;
    std::uint64_t generation = 0;  // rises with forget(): what was asked before does not come in
  };
  /// Bounded: who reaches it has that many users in an hour or two, and reads some again.
  static constexpr std::size_t kMostCached = 1'000'000;

  Key key_of(std::string_view username, std::string_view realm) const;
  Lookup take(Key key, std::uint64_t generation, const storage::Outcome& outcome);
  std::shared_ptr<const Secret> read(const storage::Row& row) const;

  storage::Database& database_;
  const bool calculate_ha1_;
  const std::size_t extra_;  // how many columns stand behind those of the password
  const bool use_domain_;
  const Clock::duration cache_time_;
  const storage::StatementRef statement_;
  const std::shared_ptr<const Secret> nobody_;
  base::Guarded<Cache> cache_;
};

}  // namespace opensips::auth
