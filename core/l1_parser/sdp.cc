#include "l1_parser/sdp.hh"

#include <algorithm>

#include "l1_parser/chars.hh"

namespace opensips::parser {
namespace {

bool is_visible(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != 0x7f;
  });
}

bool is_number(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, chars::is_digit);
}

base::Failure malformed() {
  return base::Failure(base::Error::malformed);
}

}  // namespace

std::string_view take_word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  const auto word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

std::optional<SdpLine> SdpScanner::next() {
  if (rest_.empty() || failed_) return std::nullopt;
  const auto end = rest_.find('\n');
  auto line = rest_.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  // RFC 8866 5: a letter, "=" without white space around it, no CR and no NUL.
  failed_ = line.size() < 2 || !chars::is_alpha(line[0]) || line[1] != '=' ||
            line.find_first_of(std::string_view("\r\0", 2)) != std::string_view::npos;
  if (failed_) return std::nullopt;
  rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  return SdpLine{line[0], line.substr(2)};
}

base::Result<SdpOrigin> SdpOrigin::parse(std::string_view value) {
  SdpOrigin origin;
  origin.username = take_word(value);
  origin.session_id = take_word(value);
  origin.session_version = take_word(value);
  origin.net_type = take_word(value);
  origin.address_type = take_word(value);
  origin.address = value;
  const bool good = is_visible(origin.username) && is_number(origin.session_id) &&
                    is_number(origin.session_version) && is_visible(origin.net_type) &&
                    is_visible(origin.address_type) && is_visible(origin.address);
  if (!good) return malformed();
  return origin;
}

base::Result<SdpConnection> SdpConnection::parse(std::string_view value) {
  SdpConnection connection;
  connection.net_type = take_word(value);
  connection.address_type = take_word(value);
  connection.address = value;
  const bool good = is_visible(connection.net_type) && is_visible(connection.address_type) &&
                    is_visible(connection.address);
  if (!good) return malformed();
  return connection;
}

base::Result<SdpMedia> SdpMedia::parse(std::string_view value) {
  constexpr std::uint32_t kMost = 65535;
  SdpMedia media;
  media.type = take_word(value);
  const auto port = take_word(value);
  media.protocol = take_word(value);
  media.formats = value;
  const auto slash = port.find('/');
  const auto first = chars::number(port.substr(0, slash), kMost);
  const auto count = slash == std::string_view::npos ? std::optional<std::uint32_t>(1)
                                                     : chars::number(port.substr(slash + 1), kMost);
  const bool good = chars::is_token(media.type) && first && count && *count > 0 &&
                    is_visible(media.protocol) && !media.formats.empty();
  if (!good) return malformed();
  media.port = static_cast<std::uint16_t>(*first);
  media.ports = static_cast<std::uint16_t>(*count);
  return media;
}

}  // namespace opensips::parser
