#include "l1_parser/digest.hh"

#include <array>
#include <cstring>

#include "l1_parser/chars.hh"
#include "l1_parser/scan_bytes.hh"

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
  at = chars::skip(at, end, chars::token);  // as a rule that is all
  while (at != end && chars::is(*at, chars::visible) && *at != ',' && *at != '"' && *at != '\\')
    ++at;
  return at;
}

/// chars::skip_quoted, which sees to what is not plain text.
const char* skip_quoted(const char* at, const char* end) {
  const char* const behind = leap_quoted(at + 1, end);
  return behind != end && *behind == '"' ? behind + 1 : chars::skip_quoted(at, end);
}

bool is_hex(std::string_view text) {
  return all_hex(text.data(), text.data() + text.size());
}

bool read_flag(std::string_view value, bool& flag) {
  flag = equal_fold(value, "true");
  return flag || equal_fold(value, "false");
}

// Eight digits (RFC 7616 3.4); some send fewer.
bool read_count(std::string_view value, std::optional<std::uint32_t>& nc) {
  if (value.empty() || value.size() > 8) return false;
  std::uint32_t count = 0;
  for (const char c : value) {
    const int digit = chars::hex(c);
    if (digit < 0) return false;
    count = count * 16 + static_cast<std::uint32_t>(digit);
  }
  nc = count;
  return true;
}

// As long as one of the hashes that are in use, so that nothing else is ever compared with one.
bool is_response(std::string_view value) {
  return (value.size() == 32 || value.size() == 64) && is_hex(value);
}

/// Reads a name up to its value; nullptr if there is none.
const char* read_name(const char* at, const char* end, std::string_view& name) {
  const char* const begin = at;
  at = chars::skip(at, end, chars::token);
  name = chars::between(begin, at);
  at = chars::skip_blanks(at, end);
  if (name.empty() || at == end || *at != '=') return nullptr;
  return at + 1;
}

/// Reads a value, without its quotes but with quoted-pairs as they came, up to the next parameter
/// or to the end; nullptr if neither follows.
const char* read_value(const char* at, const char* end, std::string_view& value) {
  const char* const begin = at = chars::skip_blanks(at, end);
  if (at != end && *at == '"') {
    at = skip_quoted(at, end);
    if (!at) return nullptr;
    value = chars::between(begin + 1, at - 1);
  } else {
    at = skip_bare(at, end);
    if (at == begin) return nullptr;
    value = chars::between(begin, at);
  }
  at = chars::skip_blanks(at, end);
  if (at == end) return at;
  if (*at != ',') return nullptr;
  at = chars::skip_blanks(at + 1, end);
  return at == end ? nullptr : at;  // a ',' has to have something behind it
}

/// The parameters that have a meaning, in the order of their first letters.
template <class Fields, std::size_t count>
struct FieldTable {
  struct Field {
    std::string_view text;  ///< "realm="
    bool (*read)(Fields&, std::string_view value);

    constexpr std::string_view name() const { return text.substr(0, text.size() - 1); }
    bool begins(const char* at, const char* end) const {
      const auto size = text.size();
      return static_cast<std::size_t>(end - at) >= size && at[size - 1] == '=' &&
             std::memcmp(at, text.data(), size - 1) == 0;
    }
  };

  consteval explicit FieldTable(const std::array<Field, count>& sorted) : fields(sorted) {
    std::size_t place = 0;
    for (unsigned letter = 0; letter < begin.size(); ++letter) {
      begin[letter] = static_cast<std::uint8_t>(place);
      while (place < count && letter_of(fields[place].text[0]) == letter) ++place;
    }
    if (place != count) throw "they are not sorted";
  }
  /// The first one that `is`, of those with that first letter; nullptr if there is none.
  template <class Is>
  const Field* find(char first, Is is) const {
    const unsigned letter = letter_of(first);
    if (letter > 'z' - 'a') return nullptr;
    for (unsigned place = begin[letter]; place != begin[letter + 1]; ++place) {
      if (is(fields[place])) return &fields[place];
    }
    return nullptr;
  }
  consteval std::size_t place_of(std::string_view name) const {
    std::size_t place = 0;
    while (fields.at(place).name() != name) ++place;
    return place;
  }

  /// 0 to 25, and more for what is no letter.
  static constexpr unsigned letter_of(char c) {
    return (static_cast<unsigned char>(c) | 0x20U) - 'a';
  }

  std::array<Field, count> fields;
  std::array<std::uint8_t, 27> begin{};  ///< of those with that letter
};

/// Reads what stands behind the scheme, parameters with commas between them (RFC 3261 25.1), and
/// hands each to the field that it belongs to; which have been there is one bit each. Those that
/// nobody knows are no fault (RFC 7616 3.3), nor are quotes that a value should have and has not.
template <class Fields, std::size_t count>
class FieldReader {
 public:
  explicit FieldReader(const FieldTable<Fields, count>& table) : table_(table) {}

  bool read(std::string_view params, Fields& fields) {
    const char* const end = params.data() + params.size();
    const char* at = chars::skip_blanks(params.data(), end);
    while (at != end) {
      std::string_view name, value;
      // As a rule its name is spelled as here.
      const auto* field = table_.find(*at, [&](const auto& one) { return one.begins(at, end); });
      if (field) {
        at += field->text.size();
      } else {
        at = read_name(at, end, name);
        if (!at) return false;
        field = table_.find(name[0], [&](const auto& one) { return equal_fold(one.name(), name); });
      }
      at = read_value(at, end, value);
      if (!at || (field && !take(fields, *field, value))) return false;
    }
    return true;
  }
  bool seen(std::size_t place) const { return seen_ >> place & 1; }

 private:
  using Field = typename FieldTable<Fields, count>::Field;

  bool take(Fields& fields, const Field& field, std::string_view value) {
    const auto place = static_cast<std::size_t>(&field - table_.fields.data());
    if (seen(place)) return false;
    seen_ |= 1U << place;
    return field.read(fields, value);
  }

  const FieldTable<Fields, count>& table_;
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

constexpr FieldTable<DigestChallenge, 8> kChallenge({{
    {"algorithm=", store_algorithm<DigestChallenge>},
    {"domain=", store<DigestChallenge, &DigestChallenge::domain>},
    {"nonce=", store<DigestChallenge, &DigestChallenge::nonce>},
    {"opaque=", store_opaque<DigestChallenge>},
    {"qop=", store<DigestChallenge, &DigestChallenge::qop_options>},
    {"realm=", store<DigestChallenge, &DigestChallenge::realm>},
    {"stale=", [](DigestChallenge& c, std::string_view v) { return read_flag(v, c.stale); }},
    {"userhash=", store_userhash<DigestChallenge>},
}});

constexpr FieldTable<DigestCredentials, 12> kCredentials({{
    {"algorithm=", store_algorithm<DigestCredentials>},
    {"cnonce=", store<DigestCredentials, &DigestCredentials::cnonce>},
    {"nonce=", store<DigestCredentials, &DigestCredentials::nonce>},
    {"nc=",
     [](DigestCredentials& c, std::string_view v) {
       c.nc_text = v;
       return read_count(v, c.nc);
     }},
    {"opaque=", store_opaque<DigestCredentials>},
    {"qop=",
     [](DigestCredentials& c, std::string_view v) {
       c.qop = v;
       return chars::is_token(v);
     }},
    {"realm=", store<DigestCredentials, &DigestCredentials::realm>},
    {"response=",
     [](DigestCredentials& c, std::string_view v) {
       c.response = v;
       return is_response(v);
     }},
    {"username=", store<DigestCredentials, &DigestCredentials::username>},
    {"uri=", store<DigestCredentials, &DigestCredentials::uri>},
    {"username*=",
     [](DigestCredentials& c, std::string_view v) {
       c.extended_username = true;
       c.username = v;
       return !v.empty();
     }},
    {"userhash=", store_userhash<DigestCredentials>},
}});

}  // namespace

base::Result<DigestChallenge> DigestChallenge::parse(std::string_view text) {
  const auto params = params_of(text);
  if (!params) return base::Failure(params.error());
  DigestChallenge challenge;
  FieldReader reader(kChallenge);
  constexpr auto kRealm = kChallenge.place_of("realm");
  if (!reader.read(*params, challenge) || !reader.seen(kRealm) || challenge.nonce.empty()) {
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
  FieldReader reader(kCredentials);
  if (!reader.read(*params, credentials)) return base::Failure(base::Error::malformed);
  constexpr auto kName = kCredentials.place_of("username");
  constexpr auto kExtendedName = kCredentials.place_of("username*");
  constexpr auto kRealm = kCredentials.place_of("realm");
  constexpr auto kCnonce = kCredentials.place_of("cnonce");
  // Two names would let two readers see two users.
  const bool named = reader.seen(kName) != reader.seen(kExtendedName);
  const bool counted = credentials.qop.empty() || (credentials.nc && reader.seen(kCnonce));
  if (!named || !counted || !reader.seen(kRealm) || credentials.nonce.empty() ||
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
