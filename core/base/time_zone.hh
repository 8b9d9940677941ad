#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/local_time.hh"
#include "base/posix_zone.hh"

namespace opensips::base {

/// What the clocks of one place show. Immutable: any thread.
class TimeZone {
 public:
  /// The contents of a file of the tz database (RFC 8536); nothing if they are not.
  static std::optional<TimeZone> from_tzif(std::string_view bytes);
  explicit TimeZone(const PosixZone& rule) : rule_(rule) {}

  /// Seconds to add to UTC at that moment.
  std::int32_t offset_at(std::int64_t time) const;
  WallSeconds to_wall(std::int64_t time) const { return time + offset_at(time); }
  /// The first moment at which the clock shows that; when it leaps over it, the moment of the leap.
  std::int64_t from_wall(WallSeconds wall) const;

 private:
  struct Span {
    std::int64_t from;  // until the next one
    std::int32_t offset;
  };

  TimeZone() = default;

  std::vector<Span> spans_;        // in order; the first from the beginning of time
  std::optional<PosixZone> rule_;  // after the last one
};

/// The zones that are in use, each read once: from the system's tz database, or from a text as
/// POSIX writes them. Reads files, so not for a worker.
class TimeZones {
 public:
  /// nullptr when there is no such zone.
  std::shared_ptr<const TimeZone> find(std::string_view name);
  /// The machine's own: the variable TZ, else /etc/localtime, else UTC.
  std::shared_ptr<const TimeZone> local();

 private:
  std::map<std::string, std::shared_ptr<const TimeZone>, std::less<>> known_;
};

}  // namespace opensips::base
