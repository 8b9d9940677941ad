#include "l6_location/contact_loader.hh"

#include <pthread.h>

#include <chrono>
#include <csignal>
#include <mutex>

#include "base/clock.hh"

namespace opensips::location {
namespace {

constexpr std::chrono::milliseconds kRetry{500};
constexpr std::chrono::milliseconds kTurnRetry{10};
constexpr std::chrono::seconds kReadLimit{10};

}  // namespace

void ContactLoader::load(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "location/load");
  const auto began = base::monotonic_ms();
  ContactStore::Loaded all;
  std::int64_t last_id = INT64_MIN;
  for (std::size_t rows = ContactStore::kPage; rows == ContactStore::kPage;) {
    const auto page = ask(stop, store_.next_page(last_id));
    if (!page) return;
    rows = page->rows.size();
    const auto loaded = store_.load(*page, last_id);
    all.contacts += loaded.contacts;
    all.expired += loaded.expired;
    all.unreadable += loaded.unreadable;
  }
  read_unread(stop);
  if (stop.stop_requested()) return;
  store_.end_loading();
  base::log_notice("{} contacts loaded in {} ms; {} have expired, {} could not be read",
                   all.contacts, base::monotonic_ms() - began, all.expired, all.unreadable);
}

std::optional<storage::Rows> ContactLoader::ask(const std::stop_token& stop,
                                                const storage::Query& query) {
  while (!stop.stop_requested()) {
    auto outcome = store_.database().wait({query}, kReadLimit);
    if (outcome) return std::move(*outcome);
    base::log_limited(trouble_, base::LogLevel::err, "contacts are not loaded yet: {}",
                      outcome.error().text);
    rest(stop, kRetry);
  }
  return std::nullopt;
}

/// What pages had of these was passed over.
void ContactLoader::read_unread(const std::stop_token& stop) {
  while (const auto aor = store_.unread()) {
    const auto turn = store_.turns().try_take(*aor);
    if (!turn) {
      rest(stop, kTurnRetry);
    } else if (store_.claim(*aor)) {
      const auto rows = ask(stop, store_.query_for(*aor));
      if (!rows) return;
      store_.adopt(*aor, *rows);
    }
    if (stop.stop_requested()) return;
  }
}

void ContactLoader::rest(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace opensips::location
