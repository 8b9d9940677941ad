#include "script_test/journal.hh"

#include <utility>

#include <fmt/format.h>

#include "base/clock.hh"

namespace opensips::script_test {
namespace {

std::string_view name_of(base::LogLevel level) {
  switch (level) {
    case base::LogLevel::debug: return "debug";
    case base::LogLevel::info: return "info";
    case base::LogLevel::notice: return "notice";
    case base::LogLevel::warn: return "warn";
    default: return "error";
  }
}

}  // namespace

void Journal::begin() {
  began_ = base::monotonic_ms();
  entries_.lock()->clear();
  of_others_.lock()->clear();
  log_lines_.lock()->clear();
}

void Journal::add(Entry entry) {
  entry.at_ms = base::monotonic_ms() - began_;
  auto& list = std::this_thread::get_id() == owner_ ? entries_ : of_others_;
  list.lock()->push_back(std::move(entry));
}

void Journal::catch_up() {
  for (auto& one : std::exchange(*of_others_.lock(), {}))
    entries_.lock()->push_back(std::move(one));
}

void Journal::message(std::string from, std::string to, std::string start_line) {
  add({.kind = Entry::Kind::message,
       .from = std::move(from),
       .to = std::move(to),
       .text = std::move(start_line)});
}

void Journal::note(std::string text) {
  add({.kind = Entry::Kind::note, .text = std::move(text)});
}

void Journal::log(base::LogLevel level, std::string text) {
  add({.kind = Entry::Kind::log, .text = fmt::format("log {}: {}", name_of(level), text)});
  log_lines_.lock()->push_back(std::move(text));
}

}  // namespace opensips::script_test
