#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace opensips::storage {

/// The prepared statements of one connection, found by their text; the ones used longest ago are
/// dropped, so that a program that makes texts up as it goes does not fill the memory. Belongs to
/// the connection's thread.
template <class Handle>
class PreparedStatements {
 public:
  explicit PreparedStatements(std::size_t most = 256) : most_(most) {}

  /// Null if it has not been prepared.
  Handle* find(std::string_view text) {
    const auto found = index_.find(text);
    if (found == index_.end()) return nullptr;
    all_.splice(all_.begin(), all_, found->second);
    return &found->second->second;
  }

  Handle& add(std::string text, Handle handle) {
    if (all_.size() >= most_) {
      index_.erase(all_.back().first);
      all_.pop_back();
    }
    all_.emplace_front(std::move(text), std::move(handle));
    index_.emplace(all_.front().first, all_.begin());
    return all_.front().second;
  }

  void clear() {
    index_.clear();
    all_.clear();
  }

  std::size_t size() const { return all_.size(); }

 private:
  using All = std::list<std::pair<std::string, Handle>>;  // the one used last is in front

  std::size_t most_;
  All all_;
  std::unordered_map<std::string_view, typename All::iterator> index_;  // keys are in all_
};

}  // namespace opensips::storage
