#include "lp_routing/rehearsal.hh"

#include <utility>

#include <fmt/format.h>

#include "manage/command.hh"

namespace opensips::routing {
namespace {

using manage::Json;

constexpr int kNothingCompared = 2;  // the status of opensips replay

std::uint64_t number(const Json& line, const char* name) {
  const auto found = line.find(name);
  return found != line.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::string text(const Json& json) {
  return json.is_string() ? json.get<std::string>() : std::string();
}

/// {"call": …, "differences": [ … ]} as a line, with the first of them.
std::string shown(const Json& line) {
  const Json& all = line["differences"];
  if (!all.is_array() || all.empty()) return text(line["call"]);
  return fmt::format("{}: {}", text(line["call"]), text(all.front()));
}

}  // namespace

std::expected<void, std::string> Rehearsal::begin(const std::string& record, Done done) {
  auto words = words_;
  words.push_back(record);
  outcome_ = {};
  has_counts_ = false;
  auto child = loop::ChildProcess::begin(
      control_, {std::move(words), limit_}, [this](std::string_view line) { read(line); },
      [this](const auto& ended) { end(ended); });
  if (!child) return std::unexpected(std::move(child.error()));
  child_ = *std::move(child);
  done_ = std::move(done);
  return {};
}

void Rehearsal::read(std::string_view said) {
  Json line = Json::parse(said, nullptr, false);
  if (!line.is_object()) return;
  if (line.contains("call")) {
    if (outcome_.shown.size() < kMostShown) outcome_.shown.push_back(shown(line));
    return;
  }
  has_counts_ = line.contains("same") && line.contains("different");
  outcome_.same = number(line, "same");
  outcome_.different = number(line, "different");
  outcome_.left_out = number(line, "lost") + number(line, "incomplete");
  outcome_.fingerprint = text(line["script"]);
}

void Rehearsal::end(const loop::ChildProcess::Ended& ended) {
  const auto gone = std::exchange(child_, nullptr);
  auto done = std::exchange(done_, nullptr);
  if (ended.is_late) {
    return done(std::unexpected(
        fmt::format("the replay took longer than {} s",
                    std::chrono::duration_cast<std::chrono::seconds>(limit_).count())));
  }
  if (ended.status >= 0 && ended.status < kNothingCompared && has_counts_)
    return done(std::move(outcome_));
  auto why = ended.errors.substr(0, ended.errors.find('\n'));
  if (why.empty()) why = "the replay ended without a word";
  done(std::unexpected(std::move(why)));
}

}  // namespace opensips::routing
