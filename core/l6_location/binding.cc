#include "l6_location/binding.hh"

#include <cassert>
#include <cstring>
#include <new>

#include "base/siphash.hh"
#include "l1_parser/chars.hh"
#include "l1_parser/uri.hh"
#include "l6_location/unescape.hh"

namespace opensips::location {
namespace {

/// FNV-1a.
class KeyHash {
 public:
  void add(char c) { value_ = (value_ ^ static_cast<unsigned char>(c)) * 16777619U; }
  void add_folded(std::string_view text) {
    for (char c : text) add(parser::chars::lower(c));
  }
  std::uint32_t value() const { return value_; }

 private:
  std::uint32_t value_ = 2166136261U;
};

}  // namespace

BindingRef Binding::make(const Fields& fields) {
  const std::size_t size = fields.contact.size() + fields.params.size() + fields.call_id.size() +
                           fields.user_agent.size() + fields.path.size();
  if (size > kMaxText) return {};
  void* memory = ::operator new(sizeof(Binding) + size);
  return BindingRef(new (memory) Binding(fields));
}

Binding::Binding(const Fields& fields)
    : cseq_(fields.cseq),
      expires_at_(fields.expires_at),
      modified_at_(fields.modified_at),
      id_(fields.id),
      methods_(fields.methods),
      contact_key_(fields.contact_key),
      q_(fields.q),
      behind_nat_(fields.behind_nat),
      received_(fields.received) {
  const std::string_view all[kTexts] = {fields.contact, fields.params, fields.call_id,
                                        fields.user_agent, fields.path};
  std::size_t end = 0;
  for (unsigned i = 0; i < kTexts; ++i) {
    if (!all[i].empty()) std::memcpy(texts() + end, all[i].data(), all[i].size());
    end += all[i].size();
    ends_[i] = static_cast<std::uint16_t>(end);
  }
  if (!fields.host.empty()) {
    assert(fields.host.data() >= fields.contact.data());
    assert(fields.host.end() <= fields.contact.end());
    host_begin_ = static_cast<std::uint16_t>(fields.host.data() - fields.contact.data());
    host_size_ = static_cast<std::uint16_t>(fields.host.size());
  }
}

void release(const Binding* binding) {
  if (binding->refs_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  binding->~Binding();
  ::operator delete(const_cast<Binding*>(binding));
}

bool Binding::is_for(const parser::Uri& uri, std::uint32_t key) const {
  if (contact_key_ != key) return false;
  if (contact() == uri.text) return true;
  const auto mine = parser::Uri::parse(contact());
  return mine && equivalent(*mine, uri);
}

std::uint64_t new_contact_id() {
  static const base::SipKey key = base::SipKey::random();
  static std::atomic<std::uint64_t> last{0};
  const std::uint64_t number = last.fetch_add(1, std::memory_order_relaxed);
  const std::string_view bytes(reinterpret_cast<const char*>(&number), sizeof number);
  return base::siphash(key, bytes) >> 1 | 1;
}

bool leads_elsewhere(const parser::Uri& contact, const base::Flow& received) {
  if (!received.peer) return false;
  if (received.no_connect || base::is_websocket(received.transport)) return true;
  return !received.peer.is_host(contact.host).value_or(true);
}

std::uint32_t contact_key(const parser::Uri& uri) {
  KeyHash hash;
  hash.add(static_cast<char>(uri.scheme));
  if (!uri.is_sip()) return hash.value();  // tel: separators do not count, others: rare
  for (std::size_t at = 0; at < uri.user.size();) {
    if (uri.user[at] != '%') {
      hash.add(uri.user[at++]);
    } else {
      const Unescaped next = unescape_at(uri.user, at);
      hash.add(next.c);
      at += next.size;
    }
  }
  // One IPv6 address has many spellings.
  if (!uri.host.starts_with('[')) hash.add_folded(uri.host);
  hash.add(static_cast<char>(uri.port & 0xff));
  hash.add(static_cast<char>(uri.port >> 8));
  return hash.value();
}

}  // namespace opensips::location
