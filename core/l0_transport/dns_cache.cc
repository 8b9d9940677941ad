#include "l0_transport/dns_cache.hh"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "base/log.hh"

namespace opensips::transport {

namespace {

/// How long a name server that says nothing, or nonsense, is not asked the same again: the calls
/// that come in that time fail at once.
constexpr std::uint64_t kFailureMs = 2000;

}  // namespace

std::size_t DnsCache::Hash::operator()(const DnsQuestion& question) const {
  const auto type = static_cast<unsigned>(question.type);
  const char low = static_cast<char>(type & 0xff);
  return base::TableHasher(key_).update(question.name).update({&low, 1}).finish();
}

DnsCache::DnsCache(loop::Context& context, NameServers* names, const DnsCacheOptions& options)
    : context_(context),
      names_(names),
      options_(options),
      hits_(context.statistics.counter("net:dns_hits")),
      misses_(context.statistics.counter("net:dns_misses")),
      queries_(context.statistics.counter("net:dns_queries")),
      failures_(context.statistics.counter("net:dns_failures")),
      timeouts_(context.statistics.counter("net:dns_timeouts")),
      cached_(context.statistics.gauge("net:dns_cached")) {}

std::shared_ptr<const DnsAnswer> DnsCache::find(const DnsQuestion& question) {
  const auto found = answers_.find(question);
  if (found == answers_.end() || found->second.until <= context_.now()) {
    context_.stats.add(misses_);
    return nullptr;
  }
  context_.stats.add(hits_);
  by_age_.splice(by_age_.end(), by_age_, found->second.age);
  if (listener_) listener_(question, *found->second.answer);
  return found->second.answer;
}

void DnsCache::ask(const DnsQuestion& question, Waiter& waiter) {
  const auto [place, first] = asked_.try_emplace(question);
  place->second.push_back(waiter);
  if (!first) return;
  if (!names_ || asked_.size() > options_.questions) {
    DnsAnswer none;
    none.status = names_ ? DnsAnswer::Status::busy : DnsAnswer::Status::unreachable;
    return context_.defer(
        [this, question, none]() mutable { answered(question, std::move(none)); });
  }
  context_.stats.add(queries_);
  names_->ask(question,
              [this, question](DnsAnswer answer) { answered(question, std::move(answer)); });
}

void DnsCache::answered(const DnsQuestion& question, DnsAnswer answer) {
  const auto waiting = asked_.extract(question);
  if (listener_) listener_(question, answer);
  if (!answer.is_sure()) count(question, answer);
  const auto shared = std::make_shared<const DnsAnswer>(std::move(answer));
  if (shared->status != DnsAnswer::Status::busy) keep(question, shared);
  if (!waiting) return;
  while (auto* const waiter = waiting.mapped().pop_front()) waiter->answered(*shared);
}

void DnsCache::keep(const DnsQuestion& question, std::shared_ptr<const DnsAnswer> answer) {
  forget(question);
  if (answers_.size() >= options_.size) forget(DnsQuestion(by_age_.front()));
  const auto until = context_.now() + lifetime(*answer);
  by_age_.push_back(question);
  answers_.insert_or_assign(question, Entry{std::move(answer), until, std::prev(by_age_.end())});
  context_.stats.add(cached_);
}

void DnsCache::forget(const DnsQuestion& question) {
  const auto found = answers_.find(question);
  if (found == answers_.end()) return;
  by_age_.erase(found->second.age);
  answers_.erase(found);
  context_.stats.subtract(cached_);
}

void DnsCache::flush() {
  context_.stats.subtract(cached_, answers_.size());
  answers_.clear();
  by_age_.clear();
}

void DnsCache::count(const DnsQuestion& question, const DnsAnswer& answer) {
  static base::RateLimit limit{std::chrono::seconds(1)};
  const bool late = answer.status == DnsAnswer::Status::timed_out;
  context_.stats.add(late ? timeouts_ : failures_);
  base::log_limited(limit, base::LogLevel::warn, "DNS: {} {}: {}", to_string(question.type),
                    question.name, to_string(answer.status));
}

/// In milliseconds.
std::uint64_t DnsCache::lifetime(const DnsAnswer& answer) const {
  if (!answer.is_sure()) return kFailureMs;
  const bool none =
      answer.status == DnsAnswer::Status::no_data || answer.status == DnsAnswer::Status::no_name;
  const auto most = none ? options_.longest_none : options_.longest;
  return std::max(std::min<std::uint64_t>(answer.ttl * 1000ULL, most), options_.shortest);
}

}  // namespace opensips::transport
