#include "l3_dialog/flow_token.hh"

#include <charconv>

#include "base/hex.hh"
#include "l3_dialog/token.hh"

namespace opensips::dialog {
namespace {

constexpr std::size_t kSocketDigits = 4;
static_assert(kSocketDigits == 2 * sizeof FlowToken::socket);

Token::Head make(const base::SipKey& key, std::string_view epoch, std::string_view rest) {
  constexpr std::string_view kDomain{"flow\0", 5};  // a proof of a dialog is no flow token
  base::SipHasher mac(key);
  mac.update(kDomain).update(epoch).update(rest);
  return Token::head(epoch, mac.finish());
}

}  // namespace

std::string write_flow_token(const base::SipKey& key, std::uint32_t epoch, const FlowToken& token) {
  char digits[kSocketDigits + kMostWay];
  const auto way = write_way(token.way, base::write_hex(digits, token.socket));
  const std::string_view rest(digits, kSocketDigits + way.size());
  const auto head = make(key, EpochDigits(epoch), rest);
  return std::string(kFlowParam)
      .append("=")
      .append(head.data(), head.size())
      .append(".")
      .append(rest);
}

std::optional<FlowToken> flow_token_of(const base::SipKey& key, std::uint32_t epoch,
                                       const parser::Uri& route) {
  const auto text = route.param(kFlowParam);
  const auto given = text ? Token::read(*text) : std::nullopt;
  if (!given || given->rest.size() <= kSocketDigits) return std::nullopt;
  if (!given->has(make(key, given->epoch, given->rest))) return std::nullopt;
  FlowToken token;
  const auto* const digits = given->rest.data();
  std::from_chars(digits, digits + kSocketDigits, token.socket, 16);
  token.way = read_way(given->rest.substr(kSocketDigits),
                       given->epoch == std::string_view(EpochDigits(epoch)));
  return token;
}

}  // namespace opensips::dialog
