#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace opensips::base {

/// A time zone as POSIX's TZ variable writes it: "UTC-3", "CET-1CEST,M3.5.0,M10.5.0/3". Hours west
/// of Greenwich are positive in the text, offsets here are seconds east.
struct PosixZone {
  /// When the clock changes each year.
  struct Change {
    enum class Kind : std::uint8_t {
      julian,      ///< "J60": day of the year from 1, 29 February never counted
      zero_based,  ///< "59": day of the year from 0
      week_day,    ///< "M3.5.0": in March, the last (5), Sunday
    };
    Kind kind = Kind::week_day;
    unsigned month = 1;
    unsigned week = 1;
    unsigned day = 0;
    std::int32_t second = 7200;  ///< wall time before the change; may be outside of that day

    /// Seconds on the wall since 1970 at which the change comes in `year`.
    std::int64_t in(int year) const;
  };

  std::int32_t standard = 0;
  std::int32_t summer = 0;  ///< as standard when there is no summer time
  Change begin{};           ///< of summer time
  Change end{};

  /// Nothing when the text is not one.
  static std::optional<PosixZone> parse(std::string_view text);

  bool has_summer() const { return summer != standard; }
  /// Seconds to add to UTC at that moment.
  std::int32_t offset_at(std::int64_t time) const;
};

}  // namespace opensips::base
