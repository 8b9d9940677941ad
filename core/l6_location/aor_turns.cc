#include "l6_location/aor_turns.hh"

namespace opensips::location {

bool AorTurns::take(std::string aor, std::shared_ptr<loop::Mailbox> to, Go go) {
  {
    auto lines = lines_.lock();
    const auto [line, is_free] = lines->try_emplace(aor);
    if (!is_free) {
      if (line->second.size() >= kMostWaiting) return false;
      line->second.push_back({std::move(to), std::move(go)});
      return true;
    }
  }
  go(Turn(*this, std::move(aor)));
  return true;
}

std::optional<AorTurns::Turn> AorTurns::try_take(std::string aor) {
  if (!lines_.lock()->try_emplace(aor).second) return std::nullopt;
  return Turn(*this, std::move(aor));
}

void AorTurns::release(std::string aor) {
  Waiter next;
  {
    auto lines = lines_.lock();
    const auto line = lines->find(aor);
    if (line->second.empty()) {
      lines->erase(line);
      return;
    }
    next = std::move(line->second.front());
    line->second.pop_front();
  }
  // If that worker has gone, the turn ends with what was to be posted, and is the next one's.
  next.to->post([go = std::move(next.go), turn = Turn(*this, std::move(aor))]() mutable {
    go(std::move(turn));
  });
}

}  // namespace opensips::location
