#pragma once

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>

/// What OpenSSL gives away, with its owner.
namespace opensips::transport::tls {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* one) const {
    kFree(one);
  }
};
inline void free_text(char* text) {
  OPENSSL_free(text);
}

using ContextPtr = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using SessionPtr = std::unique_ptr<SSL, Free<SSL_free>>;
using CertificatePtr = std::unique_ptr<X509, Free<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Free<BIO_free>>;
using BioMethodPtr = std::unique_ptr<BIO_METHOD, Free<BIO_meth_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;
using TextPtr = std::unique_ptr<char, Free<free_text>>;

}  // namespace opensips::transport::tls
