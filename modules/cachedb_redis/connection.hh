#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "cachedb_redis/link.hh"
#include "storage/backend.hh"

namespace opensips::cachedb_redis {

/// A connection to a server of Redis; and, if that is one of a Cluster, to those others of it that
/// it names when it is asked for what they have.
class Connection final : public storage::Connection {
 public:
  /// To the first of the servers that answers; with the name of a master in the URL they are
  /// Sentinels, and it is that master.
  static std::expected<std::unique_ptr<Connection>, storage::Error> open(
      const storage::Url& url, const storage::Backend::ConnectOptions& options,
      std::chrono::milliseconds answer_limit);

  storage::Outcome execute(const storage::Statement& statement,
                           std::span<const storage::Value> values) override;
  std::expected<void, storage::Error> transaction(Step step) override;
  void interrupt() override { interruption_.interrupt(); }
  bool usable() const override { return usable_ && !interruption_.is_on(); }

 private:
  using Words = Link::Words;

  explicit Connection(const Link::Options& options) : options_(options) {}

  bool connect_to(const Server& server, std::string& why);
  std::optional<Server> ask_sentinel(const Server& sentinel, std::string_view master,
                                     std::string& why);
  bool is_master(std::string& why);
  std::string server_for(Words words) const;
  std::expected<Link*, storage::Error> link_to(const std::string& name, const Server& server);
  std::expected<Reply, storage::Error> ask_at(const Server& server, Words words, bool asking);
  void forget(const std::string& name);
  std::unexpected<storage::Error> refusal(const std::string& text);

  const Link::Options options_;
  Interruption interruption_;                           // of all links
  std::map<std::string, std::unique_ptr<Link>> links_;  // by name_of() their servers
  Server home_;                                         // always there while this is usable
  std::unordered_map<std::uint16_t, Server> slots_;     // who has what, as far as anybody has said
  bool usable_ = true;
};

}  // namespace opensips::cachedb_redis
