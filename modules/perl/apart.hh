#pragma once

#include <chrono>
#include <functional>

namespace opensips::perl {

/// Does `work` on a thread of its own, without signals, and waits for it: what does not end, or
/// waits for something, holds up nobody for longer than twice `limit`. After the first it is
/// interrupted, and again until it has ended; one that cannot even be interrupted is left to
/// itself, with what `work` holds. False: it was.
bool do_apart(std::function<void()> work, const std::function<void()>& interrupt,
              std::chrono::milliseconds limit);

}  // namespace opensips::perl
