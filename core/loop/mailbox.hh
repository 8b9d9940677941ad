#pragma once

#include <concepts>
#include <utility>

#include "base/guarded.hh"
#include "loop/inbox.hh"

namespace opensips::loop {

/// The way to an inbox for those who may outlive it: who shares the Mailbox may post at any time,
/// from any thread.
class Mailbox {
 public:
  explicit Mailbox(Inbox& inbox) : inbox_(&inbox) {}

  /// Has `work` run on the inbox's consumer; false, and it is destroyed, if that has gone.
  template <std::invocable F>
  bool post(F work) {
    const auto inbox = inbox_.lock();  // Inbox::post() locks nothing
    if (!*inbox) return false;
    (*inbox)->post(std::move(work));
    return true;
  }

  /// The inbox goes.
  void close() { *inbox_.lock() = nullptr; }

 private:
  base::Guarded<Inbox*> inbox_;
};

}  // namespace opensips::loop
