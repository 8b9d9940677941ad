// Session descriptions, and bodies of several parts.

#include "fuzz/target.hh"
#include "l1_parser/multipart.hh"
#include "l1_parser/sdp.hh"

namespace {

using namespace opensips::parser;

bool is_inside(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

const char* sdp_promise(std::string_view text) {
  SdpScanner scanner(text);
  while (const auto line = scanner.next()) {
    if (!is_inside(line->value, text)) return "a value is a part of the text";
    if (line->value.find_first_of("\r\n") != std::string_view::npos) return "a line is one";
    static_cast<void>(SdpOrigin::parse(line->value));
    static_cast<void>(SdpConnection::parse(line->value));
    const auto media = SdpMedia::parse(line->value);
    if (media && !is_inside(media->formats, text)) return "formats are a part of the text";
  }
  return nullptr;
}

const char* parts_promise(std::string_view text) {
  const auto boundary = boundary_of(text.substr(0, text.find('\n')));
  PartScanner scanner(text, boundary.value_or("b"));
  std::size_t bytes = 0;
  while (const auto part = scanner.next()) {
    if (!is_inside(part->body, text) || !is_inside(part->headers, text)) {
      return "a part is a part of the text";
    }
    bytes += part->headers.size() + part->body.size();
  }
  return bytes <= text.size() ? nullptr : "parts do not overlap";
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = opensips::fuzz::text_of(data, size);
  opensips::fuzz::require(sdp_promise(text));
  opensips::fuzz::require(parts_promise(text));
  return 0;
}
