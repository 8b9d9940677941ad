#include "l1_parser/digest.hh"

#include <array>

#include "l1_parser/chars.hh"

namespace opensips::parser {
namespace {

using chars::equal_fold;

// What follows "Digest" and a blank.
base::Result<std::string_view> params_of(std::string_view text) {
  text = chars::trim(text);
  const char* const end = text.data() + text.size();
  const char* const scheme_end = chars::skip(text.data(), end, chars::token);
  if (scheme_end == text.data()) return base::Failure(base::Error::malformed);
  if (scheme_end != end && !chars::is_blank(*scheme_end)) {
    return base::Failure(base::Error::malformed);
  }
  if (!equal_fold(chars::between(text.data(), scheme_end), "Digest")) {
    return base::Failure(base::Error::unsupported);
  }
  return chars::between(chars::skip_blanks(scheme_end, end), end);
}

// Where a value without quotes ends: at a blank or a comma. Those that should be quoted (a URI) may
// have anything else.
const char* skip_bare(const char* at, const char* end) {
  while (at != end && chars::is(*at, chars::visible) && *at != ',' && *at != '"' && *at != '\\')
    ++at;
  return at;
}

bool is_hex(std::string_view text) {
  for (const char c : text) {
    if (chars::hex(c) < 0) return false;
  }
  return true;
}

bool read_flag(std::string_view value, bool& flag) {
  flag = equal_fold(value, "true");
  return flag || equal_fold(value, "false");
}

// Eight digits (RFC 7616 3.4); some send fewer.
bool read_count(std::string_view value, std::optional<std::uint32_t>& nc) {
  if (value.empty() || value.size() > 8 || !is_hex(value)) return false;
  std::uint32_t count = 0;
  for (const char c : value) count = count * 16 + static_cast<std::uint32_t>(chars::hex(c));
  nc = count;
  return true;
}

// As long as one of the hashes that are in use, so that nothing else is ever compared with one.
bool is_response(std::string_view value) {
  return (value.size() == 32 || value.size() == 64) && is_hex(value);
}

/// Hands each parameter to the field that it belongs to; which have been there is one bit each.
template <class Fields, std::size_t count>
class FieldReader {
 public:
  struct Field {
    std::string_view name;
    bool (*read)(Fields&, std::string_view value);
  };
  explicit FieldReader(const std::array<Field, count>& table) : table_(table) {}

  bool read(std::string_view params, Fields& fields) {
    AuthParamScanner scanner(params);
    while (const auto param = scanner.next()) {
      if (!take(fields, *param)) return false;
    }
    return !scanner.failed();
  }
  bool seen(std::string_view name) const {
    for (std::size_t i = 0; i < count; ++i) {
      if (table_[i].name == name) return seen_ >> i & 1;
    }
    return false;
  }

 private:
  // Parameters that nobody knows are no fault (RFC 7616 3.3).
  bool take(Fields& fields, const AuthParam& param) {
    for (std::size_t i = 0; i < count; ++i) {
      if (!equal_fold(param.name, table_[i].name)) continue;
      if (seen_ >> i & 1) return false;
      seen_ |= 1U << i;
      return table_[i].read(fields, param.value);
    }
    return true;
  }

  const std::array<Field, count>& table_;
  unsigned seen_ = 0;
};

template <class Fields, std::string_view Fields::*field>
bool store(Fields& fields, std::string_view value) {
  fields.*field = value;
  return true;
}

template <class Fields>
bool store_algorithm(Fields& fields, std::string_view value) {
  fields.algorithm_text = value;
  fields.algorithm = digest_algorithm_of(value);
  return chars::is_token(value);
}

template <class Fields>
bool store_opaque(Fields& fields, std::string_view value) {
  fields.opaque = value;
  fields.has_opaque = true;
  return true;
}

template <class Fields>
bool store_userhash(Fields& fields, std::string_view value) {
  return read_flag(value, fields.userhash);
}

using ChallengeReader = FieldReader<DigestChallenge, 8>;
constexpr std::array<ChallengeReader::Field, 8> kChallenge{{
    {"realm", store<DigestChallenge, &DigestChallenge::realm>},
    {"nonce", store<DigestChallenge, &DigestChallenge::nonce>},
    {"opaque", store_opaque<DigestChallenge>},
    {"domain", store<DigestChallenge, &DigestChallenge::domain>},
    {"algorithm", store_algorithm<DigestChallenge>},
    {"qop", store<DigestChallenge, &DigestChallenge::qop_options>},
    {"stale", [](DigestChallenge& c, std::string_view v) { return read_flag(v, c.stale); }},
    {"userhash", store_userhash<DigestChallenge>},
}};

using CredentialsReader = FieldReader<DigestCredentials, 12>;
constexpr std::array<CredentialsReader::Field, 12> kCredentials{{
    {"username", store<DigestCredentials, &DigestCredentials::username>},
    {"username*",
     [](DigestCredentials& c, std::string_view v) {
       c.extended_username = true;
       c.username = v;
       return !v.empty();
     }},
    {"realm", store<DigestCredentials, &DigestCredentials::realm>},
    {"nonce", store<DigestCredentials, &DigestCredentials::nonce>},
    {"uri", store<DigestCredentials, &DigestCredentials::uri>},
    {"response",
     [](DigestCredentials& c, std::string_view v) {
       c.response = v;
       return is_response(v);
     }},
    {"algorithm", store_algorithm<DigestCredentials>},
    {"cnonce", store<DigestCredentials, &DigestCredentials::cnonce>},
    {"opaque", store_opaque<DigestCredentials>},
    {"qop",
     [](DigestCredentials& c, std::string_view v) {
       c.qop = v;
       return chars::is_token(v);
     }},
    {"nc",
     [](DigestCredentials& c, std::string_view v) {
       c.nc_text = v;
       return read_count(v, c.nc);
     }},
    {"userhash", store_userhash<DigestCredentials>},
}};

}  // namespace

std::optional<AuthParam> AuthParamScanner::next() {
  const char* const end = rest_.data() + rest_.size();
  const char* at = chars::skip_blanks(rest_.data(), end);
  rest_ = {};
  if (at == end) return std::nullopt;
  failed_ = true;  // until this parameter is whole

  AuthParam param;
  const char* begin = at;
  at = chars::skip(at, end, chars::token);
  param.name = chars::between(begin, at);
  at = chars::skip_blanks(at, end);
  if (param.name.empty() || at == end || *at != '=') return std::nullopt;
  begin = at = chars::skip_blanks(at + 1, end);
  if (at != end && *at == '"') {
    at = chars::skip_quoted(at, end);
    if (!at) return std::nullopt;
    param.value = chars::between(begin + 1, at - 1);
    param.quoted = true;
  } else {
    at = skip_bare(at, end);
    if (at == begin) return std::nullopt;
    param.value = chars::between(begin, at);
  }
  at = chars::skip_blanks(at, end);
  if (at != end) {
    // A ',' has to have something behind it.
    if (*at != ',' || chars::skip_blanks(++at, end) == end) return std::nullopt;
    rest_ = chars::between(at, end);
  }
  failed_ = false;
  return param;
}

base::Result<DigestChallenge> DigestChallenge::parse(std::string_view text) {
  const auto params = params_of(text);
  if (!params) return base::Failure(params.error());
  DigestChallenge challenge;
  ChallengeReader reader(kChallenge);
  if (!reader.read(*params, challenge) || !reader.seen("realm") || challenge.nonce.empty()) {
    return base::Failure(base::Error::malformed);
  }
  return challenge;
}

bool DigestChallenge::offers(std::string_view qop) const {
  const char* at = qop_options.data();
  const char* const end = at + qop_options.size();
  while (at != end) {
    const char* const begin = at;
    while (at != end && *at != ',') ++at;
    if (equal_fold(chars::trim(chars::between(begin, at)), qop)) return true;
    if (at != end) ++at;
  }
  return false;
}

base::Result<DigestCredentials> DigestCredentials::parse(std::string_view text) {
  const auto params = params_of(text);
  if (!params) return base::Failure(params.error());
  DigestCredentials credentials;
  CredentialsReader reader(kCredentials);
  if (!reader.read(*params, credentials)) return base::Failure(base::Error::malformed);
  // Two names would let two readers see two users.
  const bool named = reader.seen("username") != reader.seen("username*");
  const bool counted = credentials.qop.empty() || (credentials.nc && reader.seen("cnonce"));
  if (!named || !counted || !reader.seen("realm") || credentials.nonce.empty() ||
      credentials.uri.empty() || credentials.response.empty()) {
    return base::Failure(base::Error::malformed);
  }
  return credentials;
}

DigestAlgorithm digest_algorithm_of(std::string_view text) {
  struct Name {
    std::string_view text;
    DigestAlgorithm algorithm;
  };
  constexpr Name kNames[] = {
      {"MD5", DigestAlgorithm::md5},
      {"MD5-sess", DigestAlgorithm::md5_sess},
      {"SHA-256", DigestAlgorithm::sha256},
      {"SHA-256-sess", DigestAlgorithm::sha256_sess},
      {"SHA-512-256", DigestAlgorithm::sha512_256},
      {"SHA-512-256-sess", DigestAlgorithm::sha512_256_sess},
  };
  for (const auto& name : kNames) {
    if (equal_fold(text, name.text)) return name.algorithm;
  }
  return DigestAlgorithm::other;
}

}  // namespace opensips::parser
