#include "script_test/incomplete.hh"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "l1_parser/message.hh"

namespace opensips::script_test {
namespace {

using parser::Message;
using parser::Method;

constexpr std::uint64_t kLastMoments = 1000;  // ms

/// Requests of a call that have come, and those that have had their final answers: by what a
/// response has of its request (RFC 3261 17.1.3).
struct Transactions {
  std::set<std::string> begun, answered;
};

std::string name_of(const Message& message) {
  return fmt::format("{} {} {}", message.via().branch, message.cseq().number,
                     message.cseq().method_text);
}

void note_received(std::string_view bytes, Transactions& to) {
  const auto parsed = Message::parse(bytes, {});
  if (!parsed.message || !parsed.message->is_request()) return;
  if (parsed.message->method() != Method::ack) to.begun.insert(name_of(*parsed.message));
}

void note_sent(std::string_view bytes, Transactions& to) {
  const auto parsed = Message::parse(bytes, {});
  if (parsed.message && parsed.message->code() >= 200) to.answered.insert(name_of(*parsed.message));
}

}  // namespace

std::vector<bool> incomplete_calls(const Record& record) {
  std::vector<Transactions> transactions(record.calls.size());
  std::vector<std::uint64_t> last(record.calls.size());
  for (const auto& one : record.received) {
    note_received(one.bytes, transactions[one.call]);
    last[one.call] = std::max(last[one.call], one.at);
  }
  std::vector<bool> incomplete(record.calls.size());
  for (std::size_t i = 0; i < record.calls.size(); ++i) {
    for (const auto& one : record.calls[i].sent) {
      note_sent(one.bytes, transactions[i]);
      last[i] = std::max(last[i], one.at);
    }
    bool waits = false;
    for (const auto& one : record.calls[i].asked) {
      waits = waits || !one.answer;
      last[i] = std::max(last[i], one.answer ? one.answer->at : one.at);
    }
    incomplete[i] = waits || last[i] + kLastMoments >= record.end ||
                    !std::ranges::includes(transactions[i].answered, transactions[i].begun);
  }
  return incomplete;
}

}  // namespace opensips::script_test
