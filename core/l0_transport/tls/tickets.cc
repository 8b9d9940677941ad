#include "l0_transport/tls/tickets.hh"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstring>

#include "base/clock.hh"

namespace opensips::transport::tls {

namespace {

int place_of_keys() {
  static const int place = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return place;
}

bool set_mac_key(EVP_MAC_CTX* mac, TicketKeys::Key& key) {
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  return EVP_MAC_CTX_set_params(mac, params) == 1;
}

/// What OpenSSL asks for: 1 good, 2 good and to be renewed, 0 not ours, -1 an error.
int on_ticket(SSL* session, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
              EVP_MAC_CTX* mac, int making) {
  auto& keys =
      *static_cast<TicketKeys*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), place_of_keys()));
  const auto now = base::monotonic_ms();
  TicketKeys::Key key;
  bool fresh = true;
  if (making) {
    key = keys.current(now);
    std::memcpy(name, key.name.data(), key.name.size());
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return -1;
  } else if (!keys.find(name, now, key, fresh)) {
    return 0;
  }
  const auto start = making ? EVP_EncryptInit_ex : EVP_DecryptInit_ex;
  const bool good = start(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), iv) == 1 &&
                    set_mac_key(mac, key);
  OPENSSL_cleanse(&key, sizeof key);
  if (!good) return -1;
  return fresh ? 1 : 2;
}

}  // namespace

void TicketKeys::serve(SSL_CTX* context) {
  SSL_CTX_set_ex_data(context, place_of_keys(), this);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
}

void TicketKeys::drop_old(std::deque<Key>& keys, std::uint64_t now_ms) {
  while (!keys.empty() && now_ms - keys.back().made_at >= 2 * kLifeMs) {
    OPENSSL_cleanse(&keys.back(), sizeof(Key));
    keys.pop_back();
  }
}

TicketKeys::Key TicketKeys::current(std::uint64_t now_ms) {
  const auto keys = keys_.lock();
  drop_old(*keys, now_ms);
  if (keys->empty() || now_ms - keys->front().made_at >= kLifeMs) {
    Key made{};
    made.made_at = now_ms;
    RAND_bytes(made.name.data(), static_cast<int>(made.name.size()));
    RAND_priv_bytes(made.cipher.data(), static_cast<int>(made.cipher.size()));
    RAND_priv_bytes(made.mac.data(), static_cast<int>(made.mac.size()));
    keys->push_front(made);
  }
  return keys->front();
}

bool TicketKeys::find(const unsigned char* name, std::uint64_t now_ms, Key& key, bool& fresh) {
  const auto keys = keys_.lock();
  drop_old(*keys, now_ms);
  for (const auto& one : *keys) {
    if (std::memcmp(one.name.data(), name, one.name.size()) != 0) continue;
    key = one;
    fresh = now_ms - one.made_at < kLifeMs;
    return true;
  }
  return false;
}

}  // namespace opensips::transport::tls
