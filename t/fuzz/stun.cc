// What may be a STUN message, and its answer.

#include "l0_transport/stun.hh"
#include "fuzz/target.hh"

namespace {

const char* promise(std::string_view bytes) {
  const auto from = *opensips::base::Address::parse_host_port("[2001:db8::1]:4711", 0);
  const auto answer = opensips::transport::stun_answer(bytes, from);
  if (!answer) return nullptr;
  constexpr std::size_t kHeader = 20;
  const auto text = answer->view();
  if (text.size() > 128 || text.size() % 4 != 0) return "an answer is short, of whole words";
  const auto length =
      static_cast<unsigned char>(text[2]) << 8 | static_cast<unsigned char>(text[3]);
  if (static_cast<std::size_t>(length) != text.size() - kHeader) return "its length is right";
  if (text.substr(4, kHeader - 4) != bytes.substr(4, kHeader - 4)) return "it names its request";
  if (opensips::transport::stun_answer(text, from)) return "an answer is not answered";
  return nullptr;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  opensips::fuzz::require(promise(opensips::fuzz::text_of(data, size)));
  return 0;
}
