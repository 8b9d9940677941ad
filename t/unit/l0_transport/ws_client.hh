#pragma once

#include <string>
#include <string_view>

namespace opensips::transport {

/// Frames as a client may write them: good ones, and what a test wants wrong with them.
struct ClientFrame {
  unsigned opcode = 1;
  std::string payload = {};
  bool final = true;
  bool masked = true;
  unsigned reserved = 0;  ///< the three bits
  std::string_view mask = "\x37\xfa\x21\x3d";

  std::string bytes() const {
    std::string frame;
    frame += static_cast<char>((final ? 0x80U : 0U) | reserved << 4 | opcode);
    const auto size = payload.size();
    const unsigned mask_bit = masked ? 0x80 : 0;
    const unsigned length = size <= 125 ? static_cast<unsigned>(size) : size <= 65535 ? 126 : 127;
    frame += static_cast<char>(mask_bit | length);
    const int digits = length <= 125 ? 0 : length == 126 ? 2 : 8;
    for (int i = digits; i-- > 0;) frame += static_cast<char>(size >> (8 * i));
    if (!masked) return frame + payload;
    frame += mask;
    for (std::size_t i = 0; i < size; ++i) frame += static_cast<char>(payload[i] ^ mask[i % 4]);
    return frame;
  }
};

inline std::string text_frame(std::string payload) {
  return ClientFrame{.payload = std::move(payload)}.bytes();
}

}  // namespace opensips::transport
