#include <string>

#include "cachedb_redis/connection.hh"
#include "module/module.hh"
#include "storage/backend.hh"

namespace opensips::cachedb_redis {

/// Servers of Redis: the scheme `redis`.
class Redis final : public modules::Module, public storage::Backend {
 public:
  std::vector<modules::Parameter> parameters() override {
    return {modules::duration("query_timeout", timeout_, std::chrono::milliseconds(1), 1, 3'600'000,
                              "Give a connection up on which an answer is not whole after so long; "
                              "in milliseconds.")};
  }
  storage::Backend* backend() override { return this; }

  std::string_view scheme() const override { return "redis"; }
  bool is_sql() const override { return false; }
  std::string_view probe() const override { return "PING"; }
  std::expected<std::unique_ptr<storage::Connection>, storage::Error> connect(
      const storage::Url& url, const ConnectOptions& options) override {
    auto made = Connection::open(url, options, timeout_);
    if (!made) return std::unexpected(std::move(made.error()));
    return std::move(*made);
  }
  std::string declare(const storage::Column&) const override { return {}; }

 private:
  std::chrono::milliseconds timeout_{5'000};
};

}  // namespace opensips::cachedb_redis

OPENSIPS_MODULE(
    opensips::cachedb_redis::Redis, .name = "cachedb_redis", .version = "1.0",
    .doc = "Servers of Redis, alone, in a Cluster or watched by Sentinels: sip.redis, usrloc.");
