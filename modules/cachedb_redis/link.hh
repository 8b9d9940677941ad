#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <hiredis.h>

#include "base/guarded.hh"
#include "cachedb_redis/redirection.hh"
#include "cachedb_redis/reply.hh"
#include "storage/error.hh"

namespace opensips::cachedb_redis {

/// Lets another thread end what a link waits for.
class Interruption {
 public:
  /// What is waited for comes to an end at once, and so does all that follows. Any thread.
  void interrupt();
  bool is_on() const { return state_.lock()->on; }

  /// The socket that is waited for, as long as this lives. On the link's thread.
  class Waiting {
   public:
    Waiting(Interruption& interruption, int fd);
    ~Waiting();

   private:
    Interruption& interruption_;
  };

 private:
  struct State {
    int fd = -1;
    bool on = false;
  };
  base::Guarded<State> state_;
};

/// A connection to one server. Its functions block, for no longer than the limit; one thread at a
/// time.
class Link {
 public:
  using Words = std::span<const std::string_view>;
  struct Options {
    std::string user, password;       ///< empty: none
    std::string database = {};        ///< its number; empty: the first
    std::chrono::milliseconds limit;  ///< for connecting, and for each answer
  };

  /// Connects, and says who we are. `interruption` outlives it.
  static std::expected<std::unique_ptr<Link>, storage::Error> open(const Server& server,
                                                                   const Options& options,
                                                                   Interruption& interruption);

  /// Sends a command and waits for what is answered. After an error the link is of no use any more.
  std::expected<Reply, storage::Error> ask(Words words);

  const Server& server() const { return server_; }

 private:
  struct Free {
    void operator()(redisContext* context) const { redisFree(context); }
  };
  using Time = std::chrono::steady_clock::time_point;

  Link(const Server& server, const Options& options, Interruption& interruption)
      : server_(server), limit_(options.limit), interruption_(interruption) {}

  std::expected<void, storage::Error> introduce(const Options& options);
  std::expected<void, storage::Error> expect_good(Words words);
  bool is_closed() const;
  bool wait(short events, Time until);
  bool send(std::string_view bytes, Time until);
  std::expected<Reply, storage::Error> receive(Time until);
  std::unexpected<storage::Error> failure(std::string text, bool untouched = false) const;

  const Server server_;
  const std::chrono::milliseconds limit_;
  Interruption& interruption_;
  std::unique_ptr<redisContext, Free> context_;
  ReplyReader reader_;
};

/// "192.0.2.1:6379"
std::string name_of(const Server& server);

}  // namespace opensips::cachedb_redis
