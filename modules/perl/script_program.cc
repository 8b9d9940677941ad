#include "perl/script_program.hh"

#include <algorithm>
#include <functional>
#include <map>

#include "base/guarded.hh"

namespace opensips::perl {
namespace {

constexpr std::size_t kMostInterned = 10'000;

struct Texts {
  std::deque<std::string> all;  // they stay where they are
  std::map<std::string_view, std::uint32_t> numbers;
};

/// As long as the process: threads that were left to themselves may ask.
base::Guarded<Texts>& texts() {
  static auto& all = *new base::Guarded<Texts>;
  return all;
}

}  // namespace

std::optional<std::uint32_t> ScriptProgram::intern(std::string_view text) {
  const auto known = texts().lock();
  if (const auto found = known->numbers.find(text); found != known->numbers.end())
    return found->second;
  if (known->all.size() == kMostInterned) return std::nullopt;
  const auto number = static_cast<std::uint32_t>(known->all.size());
  known->numbers.emplace(known->all.emplace_back(text), number);
  return number;
}

std::string_view ScriptProgram::interned(std::uint32_t number) const {
  const auto known = texts().lock();
  return number < known->all.size() ? std::string_view(known->all[number]) : std::string_view();
}

routing::Value::Callback ScriptProgram::add_callback(std::string function) {
  callbacks_.push_back(std::move(function));
  return {static_cast<int>(callbacks_.size()) - 1};
}

bool ScriptProgram::set_event_handler(std::string_view event, routing::Value::Callback function) {
  if (std::ranges::find(named_.events, event, &Named::Event::name) != named_.events.end())
    return false;
  named_.events.push_back(
      {std::string(event), callbacks_[static_cast<std::size_t>(function.number)]});
  return true;
}

void ScriptProgram::add_timer(std::chrono::milliseconds period, routing::Value::Callback function,
                              bool each_worker) {
  named_.timers.push_back(
      {period, callbacks_[static_cast<std::size_t>(function.number)], each_worker});
}

}  // namespace opensips::perl
