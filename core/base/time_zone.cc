#include "base/time_zone.hh"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace opensips::base {
namespace {

constexpr std::string_view kDatabase = "/usr/share/zoneinfo/";
constexpr std::size_t kHeader = 44;
constexpr std::size_t kFileMax = 1 << 20;  // bytes; real ones have a few thousand
constexpr std::size_t kTypeSize = 6;

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

/// One of the data blocks of a file and how its parts lie behind each other (RFC 8536, 3.1, 3.2).
struct Block {
  std::size_t time_size;  // bytes of one time
  std::size_t times, types, names, leaps, standards, utcs;
  std::string_view data;  // with all that follows

  static std::optional<Block> at(std::string_view bytes, std::size_t time_size) {
    if (bytes.size() < kHeader || bytes.substr(0, 4) != "TZif") return std::nullopt;
    const auto count = [&](std::size_t n) {
      return static_cast<std::size_t>(big_endian(bytes.substr(20 + 4 * n, 4)));
    };
    Block block{.time_size = time_size,
                .times = count(3),
                .types = count(4),
                .names = count(5),
                .leaps = count(2),
                .standards = count(1),
                .utcs = count(0),
                .data = bytes.substr(kHeader)};
    // 32-bit counts and small factors: the sum cannot wrap round.
    if (block.size() > block.data.size() || block.types == 0) return std::nullopt;
    return block;
  }

  std::size_t size() const {
    return times * (time_size + 1) + types * kTypeSize + names + leaps * (time_size + 4) +
           standards + utcs;
  }
  std::string_view rest() const { return data.substr(size()); }

  std::int64_t time(std::size_t n) const {
    const auto raw = big_endian(data.substr(n * time_size, time_size));
    return time_size == 4 ? static_cast<std::int32_t>(raw) : static_cast<std::int64_t>(raw);
  }
  /// The offset that holds from the n-th transition on; nothing if it names no type.
  std::optional<std::int32_t> offset_from(std::size_t n) const {
    return offset_of(static_cast<unsigned char>(data[times * time_size + n]));
  }
  std::optional<std::int32_t> offset_of(std::size_t type) const {
    if (type >= types) return std::nullopt;
    const auto at = times * (time_size + 1) + type * kTypeSize;
    const auto offset = static_cast<std::int32_t>(big_endian(data.substr(at, 4)));
    if (offset < -2 * LocalTime::kDay || offset > 2 * LocalTime::kDay) return std::nullopt;
    return offset;
  }
};

std::optional<std::string> read_small_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(kFileMax, '\0');
  if (!file || (!file.read(bytes.data(), kFileMax) && !file.eof())) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

bool is_name(std::string_view name) {
  return !name.empty() && name.front() != '/' && name.size() < 256 &&
         name.find("..") == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

std::shared_ptr<const TimeZone> read_zone(const std::string& path) {
  const auto bytes = read_small_file(path);
  auto zone = bytes ? TimeZone::from_tzif(*bytes) : std::nullopt;
  return zone ? std::make_shared<const TimeZone>(std::move(*zone)) : nullptr;
}

}  // namespace

std::optional<TimeZone> TimeZone::from_tzif(std::string_view bytes) {
  auto block = Block::at(bytes, 4);
  if (!block) return std::nullopt;
  TimeZone zone;
  if (bytes[4] >= '2') {  // the same again with 64-bit times, and what comes after the last of them
    block = Block::at(block->rest(), 8);
    if (!block) return std::nullopt;
    const auto footer = block->rest();
    const auto end = footer.find('\n', 1);
    if (footer.empty() || footer.front() != '\n' || end == std::string_view::npos) {
      return std::nullopt;
    }
    const auto rule = footer.substr(1, end - 1);
    zone.rule_ = PosixZone::parse(rule);
    if (!rule.empty() && !zone.rule_) return std::nullopt;
  }
  const auto first = block->offset_of(0);
  if (!first) return std::nullopt;
  zone.spans_.push_back({INT64_MIN, *first});
  for (std::size_t n = 0; n < block->times; ++n) {
    const auto offset = block->offset_from(n);
    if (!offset || (n > 0 && block->time(n) <= zone.spans_.back().from)) return std::nullopt;
    zone.spans_.push_back({block->time(n), *offset});
  }
  return zone;
}

std::int32_t TimeZone::offset_at(std::int64_t time) const {
  const auto after =
      std::upper_bound(spans_.begin(), spans_.end(), time,
                       [](std::int64_t moment, const Span& span) { return moment < span.from; });
  if (after == spans_.end() && rule_) return rule_->offset_at(time);
  return after == spans_.begin() ? 0 : std::prev(after)->offset;
}

std::int64_t TimeZone::from_wall(WallSeconds wall) const {
  // A day before and after there is no other change that matters.
  const std::int32_t before = offset_at(wall - LocalTime::kDay);
  const std::int32_t after = offset_at(wall + LocalTime::kDay);
  const std::int64_t early = wall - before;
  if (offset_at(early) == before) return early;
  const std::int64_t late = wall - after;
  if (offset_at(late) == after) return late;
  // Leapt over. Somewhere between the two the clock goes forward: look for where.
  std::int64_t low = std::min(early, late);
  std::int64_t high = std::max(early, late);
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (offset_at(middle) == before) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::shared_ptr<const TimeZone> TimeZones::find(std::string_view name) {
  if (const auto known = known_.find(name); known != known_.end()) return known->second;
  if (!is_name(name)) return nullptr;
  auto zone = read_zone(std::string(kDatabase).append(name));
  if (!zone) {
    if (const auto posix = PosixZone::parse(name)) zone = std::make_shared<const TimeZone>(*posix);
  }
  if (!zone && name == "UTC") zone = std::make_shared<const TimeZone>(PosixZone{});
  if (zone) known_.emplace(name, zone);
  return zone;
}

std::shared_ptr<const TimeZone> TimeZones::local() {
  auto& zone = known_[""];
  if (zone) return zone;
  const char* const set = std::getenv("TZ");
  std::string_view name = set ? set : "";
  if (name.starts_with(':')) name.remove_prefix(1);
  if (name.starts_with('/')) {
    zone = read_zone(std::string(name));
  } else {
    zone = name.empty() ? read_zone("/etc/localtime") : find(name);
  }
  if (!zone) zone = std::make_shared<const TimeZone>(PosixZone{});
  return zone;
}

}  // namespace opensips::base
