#pragma once

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "l0_transport/tls/handles.hh"

namespace opensips::transport::tls {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeKey>;

/// A certificate that vouches for itself, and its key.
struct SelfSigned {
  KeyPtr key;
  CertificatePtr certificate;

  /// `names`: as subjectAltName has them, "DNS:a,URI:sip:b"; empty: no such extension.
  SelfSigned(const std::string& common_name, const std::string& names)
      : key(EVP_EC_gen("P-256")), certificate(X509_new()) {
    X509* const made = certificate.get();
    X509_set_version(made, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 7);
    X509_gmtime_adj(X509_getm_notBefore(made), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_NAME* const subject = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(common_name.data()),
                               static_cast<int>(common_name.size()), -1, 0);
    X509_set_issuer_name(made, subject);
    X509_set_pubkey(made, key.get());
    if (!names.empty()) {
      X509_EXTENSION* const extension =
          X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
      X509_add_ext(made, extension, -1);
      X509_EXTENSION_free(extension);
    }
    X509_sign(made, key.get(), EVP_sha256());
  }
};

/// Both in PEM.
inline std::string pem_of(const SelfSigned& from) {
  const BioPtr text(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(text.get(), from.certificate.get());
  PEM_write_bio_PrivateKey(text.get(), from.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  const char* begin = nullptr;
  const auto size = BIO_get_mem_data(text.get(), &begin);
  return {begin, static_cast<std::size_t>(size)};
}

/// A file that is gone with it.
class File {
 public:
  File() : path_(::testing::TempDir() + "tls-XXXXXX") { ::close(mkstemp(path_.data())); }
  ~File() { ::unlink(path_.c_str()); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& path() const { return path_; }
  void write(const SelfSigned& from) {
    std::FILE* const file = std::fopen(path_.c_str(), "w");
    PEM_write_X509(file, from.certificate.get());
    PEM_write_PrivateKey(file, from.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
  }

 private:
  std::string path_;
};

}  // namespace opensips::transport::tls
