#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/flow.hh"
#include "base/ref.hh"

namespace opensips::parser {
struct Uri;
}

namespace opensips::location {

class Binding;
void retain(const Binding* binding);
void release(const Binding* binding);
using BindingRef = base::Ref<const Binding>;

/// q as thousandths; a contact without q counts as 1.0 (RFC 3261 16.6).
inline constexpr std::uint16_t kHighestQ = 1000;
/// Of a contact that does not say which methods it takes.
inline constexpr std::uint32_t kAllMethods = 0xffffffff;

/// One contact of an AoR (RFC 3261 10). Immutable and one allocation, texts included; any thread
/// may hold and read it, the last one frees it.
class Binding {
 public:
  struct Fields {
    std::string_view contact = {};  ///< the URI as the client wrote it
    std::string_view host = {};     ///< its host, within `contact`; needs_flow() asks it
    std::string_view params = {};   ///< the Contact's, but q and expires; no leading ';'
    std::string_view call_id = {};
    std::string_view user_agent = {};
    std::string_view path = {};     ///< Path headers, in their order, comma separated (RFC 3327)
    base::Flow received = {};       ///< how the REGISTER came: the socket of ours and the peer
    std::uint64_t expires_at = 0;   ///< monotonic ms; from then on the binding is not there
    std::uint64_t modified_at = 0;  ///< monotonic ms
    std::uint32_t cseq = 0;
    std::uint32_t contact_key = 0;  ///< contact_key() of `contact`
    std::uint16_t q = kHighestQ;
    std::uint32_t methods = kAllMethods;  ///< what the client takes: bits by Method
    bool behind_nat = false;              ///< leads_elsewhere(contact, received)
    std::uint64_t id = 0;                 ///< of the row in a database: new_contact_id()
  };
  /// The most that all texts together may have.
  static constexpr std::size_t kMaxText = 0xffff;

  /// Copies the fields. None if the texts are longer than kMaxText together.
  static BindingRef make(const Fields& fields);

  std::string_view contact() const { return text(0); }
  std::string_view host() const { return {contact().data() + host_begin_, host_size_}; }
  std::string_view params() const { return text(1); }
  std::string_view call_id() const { return text(2); }
  std::string_view user_agent() const { return text(3); }
  std::string_view path() const { return text(4); }
  const base::Flow& received() const { return received_; }
  std::uint64_t expires_at() const { return expires_at_; }
  std::uint64_t modified_at() const { return modified_at_; }
  std::uint32_t cseq() const { return cseq_; }
  std::uint32_t contact_key() const { return contact_key_; }
  std::uint16_t q() const { return q_; }
  std::uint32_t methods() const { return methods_; }
  /// Its client is reached by `received` alone, and only as long as that way is kept open.
  bool behind_nat() const { return behind_nat_; }
  /// The same for as long as the contact is registered, and different from all others.
  std::uint64_t id() const { return id_; }

  bool expired(std::uint64_t now_ms) const { return expires_at_ <= now_ms; }
  /// Seconds left, rounded up, so that a binding made just now has all it was granted.
  std::uint64_t remaining(std::uint64_t now_ms) const {
    return expired(now_ms) ? 0 : (expires_at_ - now_ms + 999) / 1000;
  }
  /// Whether the contact is that URI in the sense of RFC 3261 19.1.4. `key` is contact_key(uri).
  bool is_for(const parser::Uri& uri, std::uint32_t key) const;

  Binding(const Binding&) = delete;
  Binding& operator=(const Binding&) = delete;

 private:
  static constexpr unsigned kTexts = 5;

  explicit Binding(const Fields& fields);
  ~Binding() = default;
  char* texts() { return reinterpret_cast<char*>(this + 1); }
  std::string_view text(unsigned which) const {
    const std::size_t begin = which == 0 ? 0 : ends_[which - 1];
    return {reinterpret_cast<const char*>(this + 1) + begin, ends_[which] - begin};
  }

  friend void retain(const Binding* binding);
  friend void release(const Binding* binding);

  mutable std::atomic<std::uint32_t> refs_{0};
  std::uint32_t cseq_;
  std::uint64_t expires_at_;
  std::uint64_t modified_at_;
  std::uint64_t id_;
  std::uint32_t methods_;
  std::uint32_t contact_key_;
  std::uint16_t q_;
  std::uint16_t ends_[kTexts];
  std::uint16_t host_begin_ = 0, host_size_ = 0;
  bool behind_nat_;
  base::Flow received_;
};

inline void retain(const Binding* binding) {
  binding->refs_.fetch_add(1, std::memory_order_relaxed);
}

/// For a contact that is registered anew: never 0, and of so many that none is given twice, by this
/// process or another one. Any thread.
std::uint64_t new_contact_id();

/// Equal for equivalent URIs (RFC 3261 19.1.4): a cheap filter before the real comparison. It is no
/// secret, and nothing is found by it alone.
std::uint32_t contact_key(const parser::Uri& uri);

/// The client is not where its contact says: the REGISTER was found to come from behind a NAT, or
/// came from another host than the contact names, or from a browser, which names none. A name may
/// be anything's. False if it is not known how the REGISTER came.
bool leads_elsewhere(const parser::Uri& contact, const base::Flow& received);

}  // namespace opensips::location
