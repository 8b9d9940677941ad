#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/guarded.hh"
#include "l6_location/aor_turns.hh"

namespace opensips::location {

/// Which contacts have to be written to the database, or deleted from it: as they are when their
/// turn comes. Any thread notes, one writes.
class ContactNotes {
 public:
  struct Note {
    std::uint64_t id;
    std::string aor;
    std::uint64_t since_ms;
  };
  /// A note that is being written. Nobody else writes its AoR meanwhile.
  struct Batch {
    std::vector<Note> notes;
    std::vector<AorTurns::Turn> turns;
  };
  /// More are not kept.
  static constexpr std::size_t kMost = 2'000'000;

  /// False: there are too many.
  bool add(std::uint64_t id, std::string_view aor, std::uint64_t now_ms);

  /// Up to `most`, the oldest first, but for AoRs that somebody is writing. They are under way
  /// until settle().
  Batch take(std::size_t most, AorTurns& turns);
  /// What was under way is written; or it is not, and waits again.
  void settle(Batch batch, bool written);

  /// Whether the contact is noted, or under way.
  bool contains(std::uint64_t id) const;
  /// Those under way too.
  std::size_t size() const;
  /// Milliseconds for which the oldest one has been waiting; 0 if there is none.
  std::uint64_t lag(std::uint64_t now_ms) const;

 private:
  struct State {
    std::deque<Note> waiting;
    std::unordered_set<std::uint64_t> ids;        // that wait
    std::unordered_set<std::uint64_t> under_way;  // ids
    std::uint64_t oldest_under_way = 0;           // its since_ms
  };

  base::Guarded<State> state_;
};

}  // namespace opensips::location
