#include "l0_transport/tls/callbacks.hh"

#include <string_view>

#include "l0_transport/tls/peer_name.hh"
#include "l0_transport/tls/session.hh"

namespace opensips::transport::tls {

namespace {

/// Takes a number of that many bytes off the front; more than there can be if they are not there.
std::size_t take_number(std::string_view& from, std::size_t bytes) {
  if (from.size() < bytes) return SIZE_MAX;
  std::size_t number = 0;
  for (; bytes > 0; --bytes, from.remove_prefix(1)) {
    number = number << 8 | static_cast<unsigned char>(from.front());
  }
  return number;
}

/// The host name of a server_name extension (RFC 6066 3), which has one; empty if it has none.
std::string_view server_name(SSL* session) {
  const unsigned char* bytes = nullptr;
  std::size_t size = 0;
  if (SSL_client_hello_get0_ext(session, TLSEXT_TYPE_server_name, &bytes, &size) != 1) return {};
  std::string_view rest(reinterpret_cast<const char*>(bytes), size);
  if (take_number(rest, 2) != rest.size()) return {};
  if (take_number(rest, 1) != TLSEXT_NAMETYPE_host_name) return {};
  const auto length = take_number(rest, 2);
  return length <= rest.size() ? rest.substr(0, length) : std::string_view();
}

/// For the log and for scripts: what is not a name does not become any.
bool is_name(std::string_view text) {
  return text.size() <= TLSEXT_MAXLEN_host_name &&
         text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") ==
             std::string_view::npos;
}

/// Everything that a session has taken from the context it was made of and does not look up there.
void use(SSL* session, const Domain& domain) {
  SSL_CTX* const context = domain.context.get();
  SSL_set_SSL_CTX(session, context);
  SSL_set_verify(session, SSL_CTX_get_verify_mode(context), nullptr);
  SSL_set_min_proto_version(session, domain.setting.lowest);
  SSL_set_max_proto_version(session, domain.setting.highest);
  const auto& curves = domain.setting.ec_curve;
  if (!curves.empty()) SSL_set1_groups_list(session, curves.c_str());
}

}  // namespace

int on_client_hello(SSL* session, int* alert, void*) {
  auto& asked = *static_cast<Session*>(SSL_get_app_data(session));
  const auto name = server_name(session);
  if (!is_name(name)) {
    *alert = SSL_AD_DECODE_ERROR;
    return SSL_CLIENT_HELLO_ERROR;
  }
  asked.name = name;
  const Domain* const domain = asked.domains->for_client_of(asked.local, name);
  if (!domain) {
    asked.no_domain = true;
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_CLIENT_HELLO_ERROR;
  }
  use(session, *domain);
  return SSL_CLIENT_HELLO_SUCCESS;
}

int verify_peer(X509_STORE_CTX* chain, void*) {
  if (X509_verify_cert(chain) <= 0) return 0;
  const auto* const session =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto& expected = *static_cast<const Session*>(SSL_get_app_data(session));
  if (!expected.check_name) return 1;
  if (is_for(X509_STORE_CTX_get0_cert(chain), expected.name)) return 1;
  X509_STORE_CTX_set_error(chain, X509_V_ERR_HOSTNAME_MISMATCH);
  return 0;
}

}  // namespace opensips::transport::tls
