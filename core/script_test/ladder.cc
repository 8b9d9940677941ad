#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "script_test/journal.hh"

namespace opensips::script_test {
namespace {

using Entry = Journal::Entry;

constexpr std::size_t kTime = 10;      // columns of the time
constexpr std::size_t kDistance = 22;  // from one party's line to the next one's

/// "INVITE", "180 Ringing": what fits on an arrow.
std::string short_form(std::string_view start_line) {
  constexpr std::string_view kVersion = "SIP/2.0 ";
  if (start_line.starts_with(kVersion)) return std::string(start_line.substr(kVersion.size()));
  return std::string(start_line.substr(0, start_line.find(' ')));
}

/// The parties of a ladder, from left to right: who speaks first, the server, the others.
class Ladder {
 public:
  explicit Ladder(const std::vector<Entry>& entries) {
    for (const auto& one : entries) {
      if (one.kind == Entry::Kind::message) meet(one.from), meet(one.to);
    }
    const auto server = std::ranges::find(parties_, kServer);
    if (server == parties_.end()) {
      parties_.emplace_back(kServer);
    } else if (server == parties_.begin() && parties_.size() > 1) {
      std::iter_swap(server, server + 1);  // it spoke first itself
    }
  }

  std::string head() const {
    std::string line = fmt::format("{:>{}}", "seconds", kTime - 2);
    for (std::size_t i = 0; i < parties_.size(); ++i) {
      const auto half = std::min(parties_[i].size() / 2, kDistance / 2 - 1);
      line.resize(std::max(line.size(), place(i) - half), ' ');
      line += fmt::format("{:.{}} ", parties_[i], kDistance - 2);
    }
    return line + '\n';
  }

  std::string row(const Entry& entry) const {
    auto line = fmt::format("{:>{}.3f}", static_cast<double>(entry.at_ms) / 1000, kTime - 2);
    line.resize(place(parties_.size() - 1) + 1, ' ');
    for (std::size_t i = 0; i < parties_.size(); ++i) line[place(i)] = '|';
    if (entry.kind == Entry::Kind::message) draw_arrow(line, entry);
    auto text = entry.text;
    std::ranges::replace_if(
        text, [](char c) { return c >= 0 && c < ' '; }, ' ');
    return fmt::format("{}  {}\n", line, text);
  }

 private:
  void meet(const std::string& name) {
    if (std::ranges::find(parties_, name) == parties_.end()) parties_.push_back(name);
  }
  static std::size_t place(std::size_t party) { return kTime + kDistance / 2 + party * kDistance; }
  std::size_t place_of(const std::string& name) const {
    return place(static_cast<std::size_t>(std::ranges::find(parties_, name) - parties_.begin()));
  }

  void draw_arrow(std::string& line, const Entry& entry) const {
    const auto [from, to] = std::pair(place_of(entry.from), place_of(entry.to));
    const auto left = std::min(from, to) + 1;
    const auto right = std::max(from, to) - 1;
    if (right < left) return;  // to itself
    std::fill(line.begin() + static_cast<std::ptrdiff_t>(left),
              line.begin() + static_cast<std::ptrdiff_t>(right) + 1, '-');
    line[from < to ? right : left] = from < to ? '>' : '<';
    const auto label = fmt::format(" {:.{}} ", short_form(entry.text), kDistance - 8);
    line.replace(left + (right - left + 1 - label.size()) / 2, label.size(), label);
  }

  std::vector<std::string> parties_;
};

}  // namespace

std::string ladder(const std::vector<Entry>& entries) {
  const Ladder picture(entries);
  std::string text = picture.head();
  for (const auto& one : entries) text += picture.row(one);
  return text;
}

}  // namespace opensips::script_test
