#pragma once

#include <future>
#include <optional>
#include <type_traits>
#include <utility>

#include "loop/inbox.hh"

namespace opensips::loop {

/// Runs `work()` on the worker whose inbox that is, and waits for what it returns; nothing if the
/// worker has ended. For commands: never on a worker.
template <class Work>
std::optional<std::invoke_result_t<Work&>> ask(Inbox& inbox, Work work) {
  std::promise<std::invoke_result_t<Work&>> promise;
  auto result = promise.get_future();
  inbox.post([work = std::move(work), promise = std::move(promise)]() mutable {
    promise.set_value(work());
  });
  try {
    return result.get();
  } catch (const std::future_error&) {
    return std::nullopt;
  }
}

}  // namespace opensips::loop
