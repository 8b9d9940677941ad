#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>

#include "auth/credential_source.hh"

namespace opensips::auth {

/// Users that the configuration names. Filled before there are workers, then only read.
class ConfiguredUsers final : public CredentialSource {
 public:
  /// "alice@example.com: password=TEXT", or "alice@example.com: ha1=DIGITS; ha1_sha256=DIGITS;
  /// ha1_sha512t256=DIGITS". The error is what was expected.
  std::expected<void, std::string> add(std::string_view text);

  std::optional<Lookup> find(std::string_view username, std::string_view realm) override;
  /// Everything is known: find() never says nothing.
  void fetch(std::string_view username, std::string_view realm, Done done) override;
  std::size_t size() const { return users_.size(); }

 private:
  struct Key {
    std::string username, realm;
  };
  struct Less {
    using is_transparent = void;
    using View = std::pair<std::string_view, std::string_view>;
    static View view(const Key& key) { return {key.username, key.realm}; }
    static View view(const View& key) { return key; }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return view(a) < view(b);
    }
  };
  std::map<Key, std::shared_ptr<const Secret>, Less> users_;
  std::shared_ptr<const Secret> nobody_ = nobodys_secret(Kept::as_password);  // or as the first is
};

}  // namespace opensips::auth
