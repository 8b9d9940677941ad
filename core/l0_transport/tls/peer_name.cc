#include "l0_transport/tls/peer_name.hh"

#include <strings.h>

#include <string>

#include "base/address.hh"

namespace opensips::transport::tls {

namespace {

bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool same_host(std::string_view a, std::string_view b) {
  if (same_text(a, b)) return true;
  const auto one = base::Address::parse(a, 0);
  const auto other = base::Address::parse(b, 0);
  return one && other && one->same_host(*other);
}

// With its length: a NUL within must not end it.
std::string_view text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

/// The host of a sip URI that names a domain; empty if it does not.
std::string_view domain_of(std::string_view uri) {
  constexpr std::string_view kScheme = "sip:";
  if (!same_text(uri.substr(0, kScheme.size()), kScheme)) return {};
  uri.remove_prefix(kScheme.size());
  if (uri.find('@') != std::string_view::npos) return {};
  uri = uri.substr(0, uri.find_first_of(";?"));
  const auto bracket = uri.find(']');
  const auto colon = uri.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return uri.substr(0, colon);
}

bool is_address(const ASN1_OCTET_STRING* bytes, std::string_view domain) {
  const auto address = base::Address::parse(domain, 0);
  return address && address->host_bytes() == text_of(bytes);
}

bool is_common_name(const X509* certificate, std::string_view domain) {
  const X509_NAME* const subject = X509_get_subject_name(certificate);
  int place = -1;
  for (int next; (next = X509_NAME_get_index_by_NID(subject, NID_commonName, place)) >= 0;) {
    place = next;
  }
  if (place < 0) return false;
  return same_host(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, place))), domain);
}

}  // namespace

bool is_for(const X509* certificate, std::string_view domain) {
  const NamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (!names) return is_common_name(certificate, domain);
  bool has_sip = false;
  bool by_sip = false;
  bool by_other = false;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_URI) {
      const auto host = domain_of(text_of(name->d.uniformResourceIdentifier));
      has_sip = has_sip || !host.empty();
      by_sip = by_sip || (!host.empty() && same_host(host, domain));
    } else if (name->type == GEN_DNS) {
      by_other = by_other || same_text(text_of(name->d.dNSName), domain);
    } else if (name->type == GEN_IPADD) {
      by_other = by_other || is_address(name->d.iPAddress, domain);
    }
  }
  return has_sip ? by_sip : by_other;
}

bool matches(std::string_view pattern, std::string_view name) {
  std::size_t star = std::string_view::npos;  // the last one seen, and what it has taken so far
  std::size_t taken = 0;
  std::size_t p = 0;
  std::size_t n = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++taken;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace opensips::transport::tls
