#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dialplan/prefix.hh"
#include "dialplan/prefix_tree.hh"
#include "dialplan/rule.hh"

namespace opensips::dialplan {

/// Finds the few of many rules that may match a text: those that ask for just this text by a hash,
/// those that ask for a literal beginning by a prefix tree, and all others. It says no more than
/// "may", and knows nothing of case: letters are folded. Immutable.
class Index {
 public:
  /// `rules` in the order in which they are tried; their places in it are what candidates are.
  explicit Index(std::span<const Rule> rules);

  /// How many rules are candidates for every input.
  std::size_t unindexed() const { return unindexed_; }

 private:
  friend class Candidates;
  using Places = std::vector<std::uint32_t>;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  std::unordered_map<std::string, Places, Hash, std::equal_to<>> equal_;
  PrefixTree prefixes_;
  std::size_t unindexed_ = 0;
};

/// The candidates for one input, the first to be tried first, each once. Lives no longer than the
/// index and the input.
class Candidates {
 public:
  Candidates(const Index& index, std::string_view folded);

  /// The place of the next rule to try; nothing when there is none left.
  std::optional<std::uint32_t> next();

 private:
  void add(std::span<const std::uint32_t> places) { lists_[count_++] = places; }

  // One for equal texts, one for each length of a beginning.
  std::array<std::span<const std::uint32_t>, kMaxPrefixLength + 2> lists_;
  std::size_t count_ = 0;
};

}  // namespace opensips::dialplan
