#include "l0_transport/tls/failure.hh"

#include <openssl/err.h>

#include <fmt/format.h>

namespace opensips::transport::tls {

namespace {

/// An alert that the peer sent is an error of that number above this one.
constexpr int kAlerts = SSL_AD_REASON_OFFSET;

HandshakeError kind_of(int reason) {
  switch (reason) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return HandshakeError::certificate;
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_VERSION_TOO_HIGH:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case kAlerts + SSL_AD_PROTOCOL_VERSION: return HandshakeError::version;
    default: return reason >= kAlerts ? HandshakeError::refused : HandshakeError::protocol;
  }
}

std::string text_of(unsigned long code) {
  const char* const reason = ERR_reason_error_string(code);
  return reason ? reason : fmt::format("error {:x}", code);
}

}  // namespace

std::string take_error() {
  const auto code = ERR_peek_error();
  ERR_clear_error();
  return code ? text_of(code) : std::string("unknown error");
}

Failure failure_of(const SSL* session) {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  const int reason = ERR_GET_REASON(code);
  Failure failure{kind_of(reason), text_of(code)};
  if (reason >= kAlerts) failure.text = "the peer says: " + failure.text;
  if (reason != SSL_R_CERTIFICATE_VERIFY_FAILED) return failure;
  const long result = SSL_get_verify_result(session);
  if (result == X509_V_ERR_HOSTNAME_MISMATCH) failure.why = HandshakeError::name;
  failure.text = fmt::format("the peer's certificate is not accepted: {}",
                             X509_verify_cert_error_string(result));
  return failure;
}

}  // namespace opensips::transport::tls
