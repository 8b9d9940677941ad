#include "cachedb_redis/redirection.hh"

#include <charconv>

namespace opensips::cachedb_redis {
namespace {

constexpr unsigned kSlots = 16384;

/// CCITT's, of XMODEM: polynomial 0x1021, from 0.
std::uint16_t crc16(std::string_view bytes) {
  unsigned crc = 0;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned>(static_cast<unsigned char>(c)) << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000) ? (crc << 1) ^ 0x1021 : crc << 1;
  }
  return static_cast<std::uint16_t>(crc);
}

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

/// The next word, taken off; words are divided by one blank.
std::string_view take_word(std::string_view& text) {
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return word;
}

}  // namespace

std::uint16_t slot_of(std::string_view key) {
  const auto begin = key.find('{');
  if (begin != std::string_view::npos) {
    const auto end = key.find('}', begin + 1);
    if (end != std::string_view::npos && end > begin + 1) {
      key = key.substr(begin + 1, end - begin - 1);
    }
  }
  return static_cast<std::uint16_t>(crc16(key) % kSlots);
}

std::optional<Redirection> redirection_of(std::string_view error, const Server& from) {
  Redirection redirection;
  const auto what = take_word(error);
  if (what != "MOVED" && what != "ASK") return std::nullopt;
  redirection.once = what == "ASK";
  const auto slot = number_of<std::uint16_t>(take_word(error));
  const auto where = take_word(error);
  const auto colon = where.rfind(':');  // an IPv6 address has no brackets
  if (!slot || *slot >= kSlots || colon == std::string_view::npos) return std::nullopt;
  const auto port = number_of<std::uint16_t>(where.substr(colon + 1));
  const auto host = where.substr(0, colon);
  if (!port || *port == 0) return std::nullopt;
  redirection.slot = *slot;
  redirection.to = {host.empty() || host == "?" ? from.host : std::string(host), *port};
  return redirection;
}

}  // namespace opensips::cachedb_redis
