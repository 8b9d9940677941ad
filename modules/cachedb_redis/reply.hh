#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <hiredis.h>

#include "storage/value.hh"

namespace opensips::cachedb_redis {

/// What a server has answered: a tree of values (storage/reply_tree.hh), or why it refuses.
struct Reply {
  std::vector<storage::Row> rows;
  std::optional<std::string> error;  ///< "WRONGTYPE Operation against …"
};

/// Makes replies of the bytes of one connection (RESP2). What a server sends is bounded in bytes
/// and in values before anything is kept of it.
class ReplyReader {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{16} << 20;  ///< of one reply

  ReplyReader();

  enum class Progress : std::uint8_t { needs_more, whole, broken };
  /// Bytes that have come. `broken`: they are no reply, or too large a one; nothing more can be
  /// made of this connection.
  Progress feed(std::string_view bytes);
  /// After `whole`; the next reply may be fed then.
  Reply take();
  /// Why it is broken.
  const std::string& problem() const { return problem_; }

 private:
  struct Free {
    void operator()(redisReader* reader) const { redisReaderFree(reader); }
  };

  bool add(storage::Row row);

  friend struct Making;
  std::unique_ptr<redisReader, Free> reader_;
  Reply made_;
  std::size_t bytes_ = 0;
  std::string problem_;
};

}  // namespace opensips::cachedb_redis
