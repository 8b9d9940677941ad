#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lp_routing/functions/request_copy.hh"
#include "lp_routing/functions/waiting.hh"
#include "perl/data.hh"

namespace opensips::perl {

/// The way from a thread of Perl's to the worker whose request or other run a call is for: a
/// function that needs the server is called there, while the handler waits for Perl, and this
/// thread for it. For that moment the request there is as the thread has made it, and what the
/// function changes in it comes back.
class Asking {
 public:
  /// `worker` is of the wait that the call is.
  Asking(routing::Continuation worker, std::chrono::milliseconds limit)
      : worker_(std::move(worker)), limit_(limit) {}

  struct Question {
    const routing::Function* row;
    routing::Object self;
    std::vector<Data> arguments;
    std::optional<routing::Changes> changes;  ///< in the request; none: since the last question
  };
  struct Answer {
    Data value;
    std::optional<std::string> problem;        ///< why there is none
    std::optional<routing::Changes> changes;   ///< in the request, if the function has changed it
    bool answered = false, cancelled = false;  ///< the request, by now
  };
  /// On a thread of Perl's, and once only at a time. The error is what the call dies of: a wrong
  /// call, a request that has ended, a worker that does not answer, or not before the call
  /// `is_over`.
  std::expected<Answer, std::string> ask(Question question,
                                         const std::function<bool()>& is_over) const;

 private:
  routing::Continuation worker_;
  std::chrono::milliseconds limit_;
};

/// Whether a row can be asked for so: a function that does not wait, has no function among its
/// arguments, and does not say what becomes of the request.
bool can_be_asked(const routing::Function& row);

}  // namespace opensips::perl
