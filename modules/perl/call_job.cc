#include "perl/call_job.hh"

#include <utility>

#include "base/log.hh"

namespace opensips::perl {

void CallJob::perform(unsigned thread) {
  auto outcome = interpreters_->of(thread).call(request_);
  if (is_first()) {
    if (!outcome.error.empty()) errors_->fetch_add(1, std::memory_order_relaxed);
    return done_(std::move(outcome));
  }
  static base::RateLimit limit{std::chrono::seconds(1)};
  base::log_limited(limit, base::LogLevel::err, "perl: {}, which was given up, has ended: {}",
                    request_.function, outcome.error.empty() ? "it returned" : outcome.error);
}

void CallJob::interrupt(unsigned thread) {
  interpreters_->of(thread).interrupt();
}

void CallJob::give_up(bool begun) {
  static base::RateLimit limit{std::chrono::seconds(1)};
  if (begun) {
    base::log_limited(limit, base::LogLevel::err,
                      "perl: {} runs for longer than time_limit, what it was called for goes on "
                      "without it",
                      request_.function);
  }
  if (is_first()) done_(std::unexpected(begun ? Late::running : Late::in_queue));
}

}  // namespace opensips::perl
