#include "l0_transport/tls/pem.hh"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <memory>

namespace opensips::transport::tls {

namespace {

void free_all(STACK_OF(X509_INFO) * all) {
  sk_X509_INFO_pop_free(all, X509_INFO_free);
}
using InfosPtr = std::unique_ptr<STACK_OF(X509_INFO), Free<free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

int no_passphrase(char*, int, int, void*) {
  return 0;
}

/// Reading stopped because there is nothing more, and not because of what there is.
bool is_at_end() {
  const auto code = ERR_peek_last_error();
  if (ERR_GET_LIB(code) != ERR_LIB_PEM || ERR_GET_REASON(code) != PEM_R_NO_START_LINE) return false;
  ERR_clear_error();
  return true;
}

}  // namespace

bool use_certificate_chain(SSL_CTX* context, BIO* pem) {
  const CertificatePtr own(PEM_read_bio_X509_AUX(pem, nullptr, no_passphrase, nullptr));
  if (!own || SSL_CTX_use_certificate(context, own.get()) != 1) return false;
  SSL_CTX_clear_chain_certs(context);
  while (const CertificatePtr next{PEM_read_bio_X509(pem, nullptr, no_passphrase, nullptr)}) {
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) return false;
  }
  return is_at_end();
}

bool use_private_key(SSL_CTX* context, BIO* pem) {
  const KeyPtr key(PEM_read_bio_PrivateKey(pem, nullptr, no_passphrase, nullptr));
  return key && SSL_CTX_use_PrivateKey(context, key.get()) == 1 &&
         SSL_CTX_check_private_key(context) == 1;
}

bool trust(SSL_CTX* context, BIO* pem, bool ask) {
  const InfosPtr all(PEM_X509_INFO_read_bio(pem, nullptr, no_passphrase, nullptr));
  if (!all) return false;
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  bool found = false;
  for (int i = 0; i < sk_X509_INFO_num(all.get()); ++i) {
    const X509_INFO* const one = sk_X509_INFO_value(all.get(), i);
    if (one->crl && X509_STORE_add_crl(store, one->crl) != 1) return false;
    if (!one->x509) continue;
    if (X509_STORE_add_cert(store, one->x509) != 1) return false;
    if (ask && SSL_CTX_add_client_CA(context, one->x509) != 1) return false;
    found = true;
  }
  if (!found) ERR_raise(ERR_LIB_PEM, PEM_R_NO_START_LINE);
  return found;
}

bool use_dh_params(SSL_CTX* context, BIO* pem) {
  KeyPtr params(PEM_read_bio_Parameters(pem, nullptr));
  if (!params || SSL_CTX_set0_tmp_dh_pkey(context, params.get()) != 1) return false;
  static_cast<void>(params.release());  // the context has it
  return true;
}

}  // namespace opensips::transport::tls
