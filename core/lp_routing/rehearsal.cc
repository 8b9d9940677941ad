#include "lp_routing/rehearsal.hh"

#include <utility>

#include <fmt/format.h>

#include "manage/command.hh"

namespace opensips::routing {
namespace {

using manage::Json;

/// Many times of what a large record takes.
constexpr std::uint64_t kMostMemory = std::uint64_t{8} << 30;
constexpr int kNothingCompared = 2;  // the status of opensips replay

std::uint64_t number(const Json& line, const char* name) {
  const auto found = line.find(name);
  return found != line.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::string text(const Json& json) {
  return json.is_string() ? json.get<std::string>() : std::string();
}

std::string text(const Json& line, const char* name) {
  const auto found = line.find(name);
  return found != line.end() ? text(*found) : std::string();
}

/// {"call": …, "differences": [ … ]} as a line, with the first of them.
std::string shown(const Json& line) {
  const auto all = line.find("differences");
  if (all == line.end() || !all->is_array() || all->empty()) return text(line, "call");
  return fmt::format("{}: {}", text(line, "call"), text(all->front()));
}

}  // namespace

std::expected<void, std::string> Rehearsal::begin(const std::string& record, Done done) {
  auto words = words_;
  words.push_back(record);
  outcome_ = {};
  has_counts_ = false;
  error_.clear();
  auto child = loop::ChildProcess::begin(
      control_, {std::move(words), limit_, kMostMemory},
      [this](std::string_view line) { read(line); }, [this](const auto& ended) { end(ended); });
  if (!child) return std::unexpected(std::move(child.error()));
  child_ = *std::move(child);
  done_ = std::move(done);
  return {};
}

void Rehearsal::read(std::string_view said) {
  const Json line = Json::parse(said, nullptr, false);
  if (!line.is_object()) return;
  if (line.contains("call")) {
    if (outcome_.shown.size() < kMostShown) outcome_.shown.push_back(shown(line));
    return;
  }
  if (line.contains("error")) {
    error_ = text(line, "error");
    return;
  }
  has_counts_ = line.contains("same") && line.contains("different");
  outcome_.same = number(line, "same");
  outcome_.different = number(line, "different");
  outcome_.left_out = number(line, "lost") + number(line, "incomplete");
  outcome_.fingerprint = text(line, "script");
}

void Rehearsal::end(const loop::ChildProcess::Ended& ended) {
  const auto gone = std::exchange(child_, nullptr);
  auto done = std::exchange(done_, nullptr);
  if (ended.is_late) {
    return done(std::unexpected(
        fmt::format("the replay took longer than {} s",
                    std::chrono::duration_cast<std::chrono::seconds>(limit_).count())));
  }
  const bool has_compared = has_counts_ && outcome_.same + outcome_.different > 0;
  if (ended.status >= 0 && ended.status < kNothingCompared && has_compared)
    return done(std::move(outcome_));
  done(std::unexpected(why(ended)));
}

/// Of one that has compared nothing, a line.
std::string Rehearsal::why(const loop::ChildProcess::Ended& ended) const {
  if (ended.signal != 0) return fmt::format("the replay was ended by signal {}", ended.signal);
  const std::string& said = error_.empty() ? ended.errors : error_;
  auto line = said.substr(0, said.find('\n'));
  return line.empty() ? "the replay ended without a word" : line;
}

void Rehearsal::give_up(std::string reason) {
  child_.reset();
  std::exchange(done_, nullptr)(std::unexpected(std::move(reason)));
}

}  // namespace opensips::routing
