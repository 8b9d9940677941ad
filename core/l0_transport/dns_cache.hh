#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <unordered_map>
#include <utility>

#include "base/intrusive_list.hh"
#include "base/siphash.hh"
#include "base/stats.hh"
#include "l0_transport/name_servers.hh"
#include "loop/context.hh"

namespace opensips::transport {

/// What the operator says about the cache; times in milliseconds.
struct DnsCacheOptions {
  std::size_t size = 4096;               ///< answers of one worker
  std::uint64_t shortest = 1'000;        ///< an answer is kept at least for so long …
  std::uint64_t longest = 86'400'000;    ///< … and at most, whatever its TTL
  std::uint64_t longest_none = 300'000;  ///< likewise one that there is nothing (RFC 2308 5)
  std::size_t questions = 1024;          ///< on their way at a time; more fail at once
};

/// The answers that one worker has got, for as long as their TTL says, and the questions that it is
/// asking: each once, however many wait for it. A cache for each worker, since a lookup then takes
/// no lock; all it costs is that a name server gets a question once from each worker.
class DnsCache {
 public:
  /// Who waits for an answer. It stops waiting when it ends.
  class Waiter : private base::ListHook<> {
   public:
    virtual ~Waiter() = default;
    /// May end this waiter, and any other.
    virtual void answered(const DnsAnswer& answer) = 0;

   private:
    friend class base::IntrusiveList<Waiter, void>;
  };

  /// `names`: none, and every question is answered that no server can be reached.
  DnsCache(loop::Context& context, NameServers* names, const DnsCacheOptions& options);

  /// The answer, if it is known and has not become too old.
  std::shared_ptr<const DnsAnswer> find(const DnsQuestion& question);
  /// Asks, or waits with others who have asked. The waiter is told later.
  void ask(const DnsQuestion& question, Waiter& waiter);
  /// Forgets all answers.
  void flush();
  /// Tells `listener` of every answer that is used.
  using Listener = std::function<void(const DnsQuestion& question, const DnsAnswer& answer)>;
  void set_listener(Listener listener) { listener_ = std::move(listener); }

  /// Calls `visit(question, answer, milliseconds it is still good for)` for each answer.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [question, entry] : answers_) {
      const auto now = context_.now();
      if (entry.until > now) visit(question, *entry.answer, entry.until - now);
    }
  }

 private:
  /// Keyed, since the peers choose the names.
  class Hash {
   public:
    Hash() : key_(base::SipKey::random()) {}
    std::size_t operator()(const DnsQuestion& question) const;

   private:
    base::SipKey key_;
  };
  struct Entry {
    std::shared_ptr<const DnsAnswer> answer;
    std::uint64_t until;
    std::list<DnsQuestion>::iterator age;
  };
  using Waiters = base::IntrusiveList<Waiter>;

  void answered(const DnsQuestion& question, DnsAnswer answer);
  void keep(const DnsQuestion& question, std::shared_ptr<const DnsAnswer> answer);
  void forget(const DnsQuestion& question);
  void count(const DnsQuestion& question, const DnsAnswer& answer);
  std::uint64_t lifetime(const DnsAnswer& answer) const;

  loop::Context& context_;
  NameServers* names_;
  DnsCacheOptions options_;
  Listener listener_;
  std::unordered_map<DnsQuestion, Entry, Hash> answers_;
  std::list<DnsQuestion> by_age_;  // the one that was used last at the end
  std::unordered_map<DnsQuestion, Waiters, Hash> asked_;
  base::Counter hits_, misses_, queries_, failures_, timeouts_, cached_;
};

}  // namespace opensips::transport
