#include "l1_parser/via.hh"

#include "l1_parser/chars.hh"
#include "l1_parser/fields.hh"
#include "l1_parser/host.hh"
#include "l1_parser/params.hh"

namespace opensips::parser {
namespace {

const char* skip_token(const char* at, const char* end) {
  const char* const behind = chars::skip(at, end, chars::token);
  return behind == at ? nullptr : behind;
}

// protocol-name SLASH protocol-version SLASH, white space anywhere; where the transport begins.
const char* skip_protocol(const char* at, const char* end) {
  constexpr std::string_view kUsual = "SIP/2.0/";
  if (end - at > 8 && std::memcmp(at, kUsual.data(), 8) == 0)
    return chars::skip_blanks(at + 8, end);
  for (int part = 0; part < 2; ++part) {
    at = skip_token(at, end);
    if (!at) return nullptr;
    at = chars::skip_blanks(at, end);
    if (at == end || *at != '/') return nullptr;
    at = chars::skip_blanks(at + 1, end);
  }
  return at;
}

// All that stands before the parameters; where it ends, or nullptr.
const char* read_sent_by(Via& via, const char* at, const char* end) {
  at = skip_protocol(at, end);
  if (!at) return nullptr;
  const char* const transport_end = skip_token(at, end);
  if (!transport_end) return nullptr;
  via.transport = chars::between(at, transport_end);
  at = chars::skip_blanks(transport_end, end);
  const char* const host_end = at == transport_end ? nullptr : skip_host(at, end);
  if (!host_end) return nullptr;
  via.host = chars::between(at, host_end);
  at = chars::skip_blanks(host_end, end);
  if (at == end || *at != ':') return at;
  at = read_port(chars::skip_blanks(at + 1, end), end, via.port);
  return at ? chars::skip_blanks(at, end) : nullptr;
}

// A parameter that may be there once (RFC 3261 7.3.1).
bool take_once(std::string_view& slot, std::string_view value) {
  if (!slot.empty() || value.empty()) return false;
  slot = value;
  return true;
}

bool take(Via& via, const Param& param) {
  using chars::equal_fold;
  if (equal_fold(param.name, "branch")) return take_once(via.branch, param.value);
  if (equal_fold(param.name, "received")) return take_once(via.received, param.value);
  if (!equal_fold(param.name, "rport")) return true;
  if (via.has_rport) return false;
  via.has_rport = true;
  // Without a value it stands behind its name all the same: stamp_via() fills it in there.
  via.rport = param.has_value ? param.value : chars::between(param.name.end(), param.name.end());
  return param.value.empty() || chars::number(param.value, 65535);
}

bool take_params(Via& via) {
  if (via.params.empty()) return false;
  ParamScanner scanner(via.params);
  bool any = false;
  while (const auto param = scanner.next()) {
    if (!take(via, *param)) return false;
    any = true;
  }
  return any && !scanner.failed();
}

}  // namespace

bool read_field(std::string_view text, Via& via) {
  via.text = text;
  const char* const end = text.data() + text.size();
  const char* const at = read_sent_by(via, text.data(), end);
  if (!at) return false;
  if (at == end) return true;
  via.params = chars::between(at + 1, end);
  return *at == ';' && take_params(via);
}

base::Result<Via> Via::parse(std::string_view text) {
  return parse_field<Via>(text);
}

base::Result<Via> Via::parse_sent_by(std::string_view text) {
  base::Result<Via> result(std::in_place);
  const char* const end = text.data() + text.size();
  const char* const at = read_sent_by(*result, text.data(), end);
  if (!at || (at != end && *at != ';')) return base::Failure(base::Error::malformed);
  result->text = chars::trim(chars::between(text.data(), at));
  return result;
}

std::uint16_t Via::port_or_default() const {
  if (port != 0) return port;
  using chars::equal_fold;
  if (equal_fold(transport, "TLS") || equal_fold(transport, "TLS-SCTP")) return 5061;
  if (equal_fold(transport, "WS")) return 80;
  if (equal_fold(transport, "WSS")) return 443;
  return 5060;
}

}  // namespace opensips::parser
