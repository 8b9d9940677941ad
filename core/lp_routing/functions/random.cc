#include <array>
#include <cstdint>
#include <random>
#include <string>

#include <fmt/format.h>

#include "base/base64.hh"
#include "base/random.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"

namespace opensips::routing {
namespace {

/// What must not be guessed.
struct Generator {
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return UINT64_MAX; }
  result_type operator()() const {
    result_type number = 0;
    base::fill_random(&number, sizeof number);
    return number;
  }
};

template <std::size_t kSize>
std::array<unsigned char, kSize> random_bytes() {
  std::array<unsigned char, kSize> bytes{};
  base::fill_random(bytes.data(), bytes.size());
  return bytes;
}

Value number(Call& call, std::int64_t least, std::int64_t most) {
  if (least > most) {
    return Misuse{
        fmt::format("{}: the least is {}, the most {}", call.function.full_name(), least, most)};
  }
  Generator generator;
  return std::uniform_int_distribution<std::int64_t>(least, most)(generator);
}

Value token(Call& call, std::optional<std::uint16_t> length) {
  constexpr std::uint16_t kMost = 256;
  const std::uint16_t size = length.value_or(22);  // 130 bits
  if (size == 0 || size > kMost) {
    return Misuse{fmt::format("{}: argument 1 (length): expected 1 to {}, got {}",
                              call.function.full_name(), kMost, size)};
  }
  constexpr std::string_view kLetters =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  Generator generator;
  std::uniform_int_distribution<std::size_t> place(0, kLetters.size() - 1);
  std::string text;
  while (text.size() < size) text += kLetters[place(generator)];
  return text;
}

/// RFC 9562 5.4.
Value uuid(Call&) {
  auto bytes = random_bytes<16>();
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  std::string text = base::encode_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  for (const std::size_t place : {20, 16, 12, 8}) text.insert(place, 1, '-');
  return text;
}

constexpr ObjectKind kSip = ObjectKind::sip;

constexpr Function kRows[] = {
    function<number>(kSip, "random", "least, most", "integer", kAnywhere,
                     "A whole number from the least to the most that nobody can guess."),
    function<token>(kSip, "random_id", "length", "string", kAnywhere,
                    "Letters and digits that nobody can guess, 22 if it is not said how many."),
    function<uuid>(kSip, "uuid", "", "string", kAnywhere, "A random UUID (RFC 9562)."),
};

}  // namespace

std::span<const Function> random_functions() {
  return kRows;
}

}  // namespace opensips::routing
