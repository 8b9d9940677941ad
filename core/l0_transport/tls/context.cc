#include "l0_transport/tls/context.hh"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <functional>

#include <fmt/format.h>

#include "l0_transport/tls/callbacks.hh"
#include "l0_transport/tls/failure.hh"
#include "l0_transport/tls/pem.hh"

namespace opensips::transport::tls {

namespace {

constexpr long kTicketLife = static_cast<long>(TicketKeys::kLifeMs / 1000);

/// Builds one context. A step that finds something wrong returns false, with the problem set.
class Builder {
 public:
  Builder(const config::TlsDomain& domain, TicketKeys& keys) : domain_(domain), keys_(keys) {}

  std::expected<ContextPtr, Problem> build() {
    ERR_clear_error();
    context_.reset(SSL_CTX_new(domain_.server ? TLS_server_method() : TLS_client_method()));
    if (!context_) return std::unexpected(Problem{domain_.at, take_error()});
    set_basics();
    const bool good = set_versions() && set_ciphers() && set_certificate() && set_trust() &&
                      set_revocation() && set_key_exchange();
    if (!good) return std::unexpected(std::move(problem_));
    set_verification();
    if (domain_.server) set_server();
    return std::move(context_);
  }

 private:
  SSL_CTX* get() const { return context_.get(); }

  bool fail(std::string_view parameter, std::string text) {
    ERR_clear_error();
    problem_ = {domain_.place(parameter),
                fmt::format("TLS domain {}: {}", domain_.name, std::move(text)), domain_.row};
    return false;
  }

  bool in_file() const { return domain_.row.empty(); }
  /// "certificate FILE", or what a row has under that name.
  std::string shown(std::string_view parameter, const std::string& value) const {
    return in_file() ? fmt::format("{} {}", parameter, value) : std::string(parameter);
  }
  /// What a parameter has in PEM. None if its file cannot be read, which is said.
  BioPtr open(std::string_view parameter, const std::string& value) {
    if (!in_file()) return BioPtr(BIO_new_mem_buf(value.data(), static_cast<int>(value.size())));
    if (!readable(parameter, value)) return nullptr;
    BioPtr file(BIO_new_file(value.c_str(), "r"));
    if (!file) fail(parameter, fmt::format("{} {} cannot be read", parameter, value));
    return file;
  }

  /// What is wrong with a file, before OpenSSL says it worse.
  bool readable(std::string_view parameter, const std::string& path, bool directory = false) {
    struct stat found {};
    if (stat(path.c_str(), &found) != 0 || access(path.c_str(), R_OK) != 0) {
      return fail(parameter,
                  fmt::format("{} {} cannot be read: {}", parameter, path, std::strerror(errno)));
    }
    if (S_ISDIR(found.st_mode) == directory) return true;
    return fail(parameter, fmt::format("{} {} is not a {}", parameter, path,
                                       directory ? "directory" : "file"));
  }

  void set_basics() {
    SSL_CTX_set_options(get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    // An idle session keeps no buffers; a write that could not go may be tried again from
    // elsewhere.
    SSL_CTX_set_mode(get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(get(), SSL_SESS_CACHE_OFF);
  }

  bool set_versions() {
    if (SSL_CTX_set_min_proto_version(get(), domain_.lowest) == 1 &&
        SSL_CTX_set_max_proto_version(get(), domain_.highest) == 1) {
      return true;
    }
    return fail("tls_method", "tls_method is none that this OpenSSL speaks");
  }

  bool set_ciphers() {
    // OpenSSL has no ciphers for the versions before 1.2 unless told that security may be low.
    const bool old = domain_.lowest < config::kTls12 && domain_.ciphers_list.empty();
    const auto list = old ? std::string("DEFAULT:@SECLEVEL=0") : domain_.ciphers_list;
    if (list.empty() || SSL_CTX_set_cipher_list(get(), list.c_str()) == 1) return true;
    return fail("ciphers_list", fmt::format("ciphers_list {} has no cipher, expected those of "
                                            "openssl-ciphers(1)",
                                            list));
  }

  bool set_certificate() {
    if (domain_.certificate.empty()) {
      if (!domain_.server && domain_.private_key.empty()) return true;
      return fail("private_key", in_file() ? "no certificate, expected modparam(\"tls_mgm\", "
                                             "\"certificate\", \"[DOMAIN]FILE\")"
                                           : "no certificate, expected one in PEM");
    }
    // Both may be in one.
    const bool apart = !domain_.private_key.empty();
    const auto& key = apart ? domain_.private_key : domain_.certificate;
    const auto key_parameter = apart ? "private_key" : "certificate";
    const auto certificate_pem = open("certificate", domain_.certificate);
    const auto key_pem = certificate_pem ? open(key_parameter, key) : nullptr;
    if (!key_pem) return false;
    if (!use_certificate_chain(get(), certificate_pem.get())) {
      return fail("certificate",
                  fmt::format("{} is not a certificate in PEM: {}",
                              shown("certificate", domain_.certificate), take_error()));
    }
    if (use_private_key(get(), key_pem.get())) return true;
    const auto code = ERR_peek_last_error();
    const bool other = ERR_GET_LIB(code) == ERR_LIB_X509;
    if (other) {
      return fail(key_parameter, fmt::format("{} is not the key of {}", shown(key_parameter, key),
                                             in_file() ? domain_.certificate : "the certificate"));
    }
    return fail(key_parameter, fmt::format("{} is not a key in PEM without a passphrase: {}",
                                           shown(key_parameter, key), take_error()));
  }

  bool set_trust() {
    if (domain_.ca_list.empty() && domain_.ca_dir.empty()) {
      SSL_CTX_set_default_verify_paths(get());
      return true;
    }
    if (!domain_.ca_list.empty()) {
      const auto pem = open("ca_list", domain_.ca_list);
      if (!pem) return false;
      if (!trust(get(), pem.get(), domain_.server)) {
        return fail("ca_list", fmt::format("{} has no certificates in PEM: {}",
                                           shown("ca_list", domain_.ca_list), take_error()));
      }
    }
    if (domain_.ca_dir.empty()) return true;
    if (!readable("ca_dir", domain_.ca_dir, true)) return false;
    SSL_CTX_load_verify_dir(get(), domain_.ca_dir.c_str());
    return true;
  }

  bool set_revocation() {
    if (domain_.crl_dir.empty()) return true;
    if (!readable("crl_dir", domain_.crl_dir, true)) return false;
    X509_STORE* const store = SSL_CTX_get_cert_store(get());
    X509_LOOKUP* const lookup = X509_STORE_add_lookup(store, X509_LOOKUP_hash_dir());
    X509_LOOKUP_add_dir(lookup, domain_.crl_dir.c_str(), X509_FILETYPE_PEM);
    const unsigned long all = domain_.crl_check_all ? X509_V_FLAG_CRL_CHECK_ALL : 0;
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | all);
    return true;
  }

  bool set_key_exchange() {
    if (!domain_.ec_curve.empty() &&
        SSL_CTX_set1_groups_list(get(), domain_.ec_curve.c_str()) != 1) {
      return fail("ec_curve", fmt::format("ec_curve {} is unknown, expected one of openssl ecparam "
                                          "-list_curves",
                                          domain_.ec_curve));
    }
    if (domain_.dh_params.empty()) {
      SSL_CTX_set_dh_auto(get(), 1);
      return true;
    }
    const auto pem = open("dh_params", domain_.dh_params);
    if (!pem) return false;
    if (use_dh_params(get(), pem.get())) return true;
    return fail("dh_params", fmt::format("{} has no parameters for DH in PEM: {}",
                                         shown("dh_params", domain_.dh_params), take_error()));
  }

  void set_verification() {
    int mode = domain_.verify_cert ? SSL_VERIFY_PEER : SSL_VERIFY_NONE;
    if (domain_.server && domain_.verify_cert && domain_.require_cert) {
      mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    }
    SSL_CTX_set_verify(get(), mode, nullptr);
    SSL_CTX_set_cert_verify_callback(get(), verify_peer, nullptr);
  }

  void set_server() {
    SSL_CTX_set_client_hello_cb(get(), on_client_hello, nullptr);
    SSL_CTX_set_timeout(get(), kTicketLife);
    SSL_CTX_set_num_tickets(get(), 1);
    keys_.serve(get());
    // A session is taken up again in its own domain only, and not past a reload: who is trusted may
    // have changed.
    std::array<unsigned char, SSL_MAX_SID_CTX_LENGTH> id;
    RAND_bytes(id.data(), static_cast<int>(id.size()));
    SSL_CTX_set_session_id_context(get(), id.data(), static_cast<unsigned>(id.size()));
  }

  const config::TlsDomain& domain_;
  TicketKeys& keys_;
  ContextPtr context_;
  Problem problem_;
};

}  // namespace

std::expected<ContextPtr, Problem> make_context(const config::TlsDomain& domain, TicketKeys& keys) {
  return Builder(domain, keys).build();
}

}  // namespace opensips::transport::tls
