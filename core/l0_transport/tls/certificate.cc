#include "l0_transport/tls/certificate.hh"

#include <arpa/inet.h>
#include <openssl/bn.h>

#include <ctime>
#include <string>
#include <string_view>

#include "base/address.hh"

namespace opensips::transport::tls {

namespace {

constexpr int kMostNames = 64;  // of each kind; a certificate that a peer made may have many more

std::string text_of(const ASN1_STRING* text) {
  std::string out(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                  static_cast<std::size_t>(ASN1_STRING_length(text)));
  // For logs and headers: what is no text does not become any.
  for (char& c : out) c = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out;
}

std::string text_of(const X509_NAME* name) {
  const BioPtr memory(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string common_name(const X509_NAME* name) {
  const int place = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (place < 0) return {};
  return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, place)));
}

std::string serial_of(const X509* certificate) {
  BIGNUM* const number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr);
  const TextPtr digits(number ? BN_bn2hex(number) : nullptr);
  BN_free(number);
  return digits ? digits.get() : "";
}

std::int64_t seconds_of(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? timegm(&parts) : 0;
}

std::string address_of(const ASN1_OCTET_STRING* bytes) {
  const auto size = ASN1_STRING_length(bytes);
  char text[INET6_ADDRSTRLEN];
  const int family = size == 4 ? AF_INET : size == 16 ? AF_INET6 : AF_UNSPEC;
  if (family == AF_UNSPEC) return {};
  const auto* printed = inet_ntop(family, ASN1_STRING_get0_data(bytes), text, sizeof text);
  return printed ? printed : "";
}

void add(std::vector<std::string>& to, std::string text) {
  if (!text.empty() && to.size() < kMostNames) to.push_back(std::move(text));
}

void read_names(const X509* certificate, TlsPeer& peer) {
  const NamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    switch (name->type) {
      case GEN_URI: add(peer.san_uri, text_of(name->d.uniformResourceIdentifier)); break;
      case GEN_DNS: add(peer.san_dns, text_of(name->d.dNSName)); break;
      case GEN_EMAIL: add(peer.san_email, text_of(name->d.rfc822Name)); break;
      case GEN_IPADD: add(peer.san_ip, address_of(name->d.iPAddress)); break;
      default: break;
    }
  }
}

}  // namespace

void read_certificate(const X509* certificate, TlsPeer& peer) {
  peer.has_certificate = true;
  peer.subject = text_of(X509_get_subject_name(certificate));
  peer.issuer = text_of(X509_get_issuer_name(certificate));
  peer.common_name = common_name(X509_get_subject_name(certificate));
  peer.serial = serial_of(certificate);
  peer.not_before = seconds_of(X509_get0_notBefore(certificate));
  peer.not_after = seconds_of(X509_get0_notAfter(certificate));
  read_names(certificate, peer);
}

}  // namespace opensips::transport::tls
