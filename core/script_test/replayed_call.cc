#include "script_test/replayed_call.hh"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "lp_routing/functions/outside.hh"
#include "lp_routing/functions/program.hh"
#include "lp_routing/functions/services.hh"
#include "lp_routing/recording/call_record.hh"

namespace opensips::script_test {

using routing::Call;
using routing::Outside;
using routing::Problem;
using routing::Run;
using routing::Value;

namespace {

/// What is sent so much earlier or later is something else. Less may be the machine's.
constexpr std::uint64_t kLate = 5000;  // ms
constexpr std::size_t kMostText = 200;

std::string at_place(const std::string& place) {
  return place.empty() ? std::string() : fmt::format(" ({})", place);
}

std::string shown(std::string_view bytes, const std::string& to, const std::string& place) {
  return fmt::format("{} to {}{}", start_line(bytes), to, at_place(place));
}

std::string shown(std::string_view question, const std::string& place) {
  return fmt::format("asks {:.{}}{}", question, kMostText, at_place(place));
}

/// The question is one of those that nobody misses.
bool is_of_chance(const Record::Asked& asked) {
  using enum routing::ObjectKind;
  for (const auto& row : routing::FunctionTable::core().rows(sip)) {
    if (row.full_name() == asked.name) return outside(row) == Outside::unasked;
  }
  return false;
}

}  // namespace

void ReplayedCall::differs(std::string_view then, std::string_view now) {
  differences_.push_back(fmt::format("then {}, now {}", then, now));
}

void ReplayedCall::sent(std::string_view bytes, const std::string& to) {
  const auto hash = std::hash<std::string_view>()(bytes);
  if (std::ranges::find(copies_, hash) != copies_.end()) return;
  copies_.push_back(hash);
  if (const auto* const then = then_sent(kind_of(bytes), to)) return compare(*then, bytes);
  differs("nothing", shown(bytes, to, place_));
}

/// What is not paired yet, of that kind: what went there, else to another server of the same name,
/// which was drawn at random (RFC 2782).
const Record::Sent* ReplayedCall::then_sent(const std::string& kind, const std::string& to) {
  const Record::Sent* found = nullptr;
  for (const auto& then : call_.sent) {
    const auto place = static_cast<std::size_t>(&then - call_.sent.data());
    if (is_sent_[place] || kind_of(then.bytes) != kind) continue;
    if (then.to == to) {
      found = &then;
      break;
    }
    if (!found && around_.share_a_name(to, then.to)) found = &then;
  }
  if (found) is_sent_[static_cast<std::size_t>(found - call_.sent.data())] = true;
  return found;
}

void ReplayedCall::compare(const Record::Sent& then, std::string_view bytes) {
  if (const auto found = difference(then.bytes, bytes, made_up_)) {
    return differs(fmt::format("\"{}\" in {}", found->then, shown(then.bytes, then.to, then.place)),
                   fmt::format("\"{}\"{}", found->now, at_place(place_)));
  }
  const auto now = around_.now();
  const auto apart = now > then.at ? now - then.at : then.at - now;
  if (apart <= kLate) return;
  differs(shown(then.bytes, then.to, then.place),
          fmt::format("{:.1f} s {}", static_cast<double>(apart) / 1000,
                      now > then.at ? "later" : "earlier"));
}

void ReplayedCall::finish() {
  for (std::size_t i = 0; i < call_.sent.size(); ++i) {
    const auto& one = call_.sent[i];
    if (!is_sent_[i]) differs(shown(one.bytes, one.to, one.place), "nothing");
  }
  for (std::size_t i = 0; i < call_.asked.size(); ++i) {
    const auto& one = call_.asked[i];
    if (!is_asked_[i] && !is_of_chance(one)) differs(shown(one.question, one.place), "nothing");
  }
}

const Record::Asked* ReplayedCall::find(const std::string& question) {
  for (std::size_t i = 0; i < call_.asked.size(); ++i) {
    if (is_asked_[i] || call_.asked[i].question != question) continue;
    is_asked_[i] = true;
    return &call_.asked[i];
  }
  return nullptr;
}

Value ReplayedCall::unknown(Call& call, std::span<const Value> arguments,
                            const std::string& question) {
  const auto how = outside(call.function);
  if (how == Outside::unasked) return call.function.thunk(call, arguments);
  differs("nothing", shown(question, place_));
  if (how == Outside::also) return call.function.thunk(call, arguments);
  return Problem{"nothing answers"};
}

Value ReplayedCall::call(Call& call, std::span<const Value> arguments) {
  const auto question = question_text(routing::recording::question(call, arguments));
  const auto* const asked = find(question);
  if (!asked) return unknown(call, arguments, question);
  if (!asked->answer) return Value::Wait{};
  const Waiting waiting{&*asked->answer, call.services, &call.program.functions()};
  if (asked->n == 0) {
    Value value = give(*call.run, waiting);
    const bool is_done = outside(call.function) == Outside::also && !value.get<Problem>();
    return is_done ? call.function.thunk(call, arguments) : std::move(value);
  }
  waiting_[call.run->id.bits] = waiting;
  around_.later(around_.now() + (asked->answer->at - std::min(asked->at, asked->answer->at)),
                asked->answer->number, routing::waker_of(call));
  return Value::Wait{};
}

/// Does again what the function did to the request then, and gives what it gave.
Value ReplayedCall::give(Run& run, const Waiting& waiting) {
  const auto& did = waiting.answer->did;
  if (did.is_object() && run.request) {
    routing::recording::make_changes(*run.request, did);
    if (did.contains("reply")) {
      const auto reply = routing::recording::reply_of(did["reply"]);
      static_cast<void>(waiting.services->reply(run, reply.code, reply.reason,
                                                {reply.headers, reply.type, reply.body}));
    }
    if (did.contains("dropped")) waiting.services->drop(run);
  }
  auto value = routing::recording::value_of(waiting.answer->gave, *waiting.functions);
  return value ? *std::move(value) : Value(Problem{"the record has no value here"});
}

/// What woke it is the record's answer, unless the caller has given up.
Value ReplayedCall::woken(Run& run, Value result) {
  const auto waiting = waiting_.extract(run.id.bits);
  if (!waiting || result.get<Problem>()) return result;
  return give(run, waiting.mapped());
}

}  // namespace opensips::script_test
