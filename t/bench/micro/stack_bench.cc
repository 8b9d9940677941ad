// What a message costs in all layers of a worker, without sockets and without a script, and what a
// call keeps in memory. The figures contain a copy of each message that goes out: the model's
// network keeps it.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.hh"
#include "l2_transaction/branch.hh"
#include "l3_dialog/proof.hh"
#include "model/model.hh"

namespace opensips::model {
namespace {

constexpr std::string_view kCaller = "127.0.0.1:5070";
constexpr std::string_view kCallee = "127.0.0.1:5080";

const std::string kSdp =
    "v=0\r\no=alice 3921745302 3921745302 IN IP4 192.0.2.10\r\ns=call\r\nc=IN IP4 "
    "192.0.2.10\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 9 8 0 101\r\na=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 "
    "0-15\r\na=sendrecv\r\n";

/// An INVITE of usual size, 900 bytes, of the call with that number.
Request invite_of(std::uint64_t call) {
  const auto number = std::to_string(call);
  Request request;
  request.branch = "z9hG4bKPj7c1f5e2b0d9a4-" + number;
  request.from_tag = "a91f36c0-" + number;
  request.call_id = number + "-2c7b5a1e9d@192.0.2.10";
  request.extra =
      "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, PRACK, REFER, NOTIFY, MESSAGE\r\n"
      "Supported: replaces, timer, norefersub\r\nUser-Agent: load-caller/1\r\n"
      "Content-Type: application/sdp\r\n";
  request.body = kSdp;
  return request;
}

/// A request inside the call, with the route that its INVITE was given.
std::string in_dialog(std::uint64_t call, std::string method, int cseq, const std::string& route) {
  Request request = invite_of(call);
  request.branch += method;
  request.uri = "sip:callee@127.0.0.1:5080";
  request.method = std::move(method);
  request.to_tag = "callee";
  request.cseq = cseq;
  request.extra = "Route: " + route + "\r\nUser-Agent: load-caller/1\r\n";
  request.body.clear();
  return request.bytes();
}

/// What was sent to the callee since the last call, one message per call.
std::vector<std::string> forwarded(Model& model) {
  const auto callee = *base::Address::parse_host_port(kCallee, 5060);
  std::vector<std::string> messages;
  for (auto& sent : model.take()) {
    if (sent.to.peer == callee) messages.push_back(std::move(sent.bytes));
  }
  return messages;
}

/// What happens between two messages of a server that is not busy: the kernel and others have used
/// the caches.
class Others {
 public:
  void run() {
    for (std::size_t i = 0; i < memory_.size(); i += 64) ++memory_[i];
    benchmark::ClobberMemory();
  }

 private:
  std::vector<char> memory_ = std::vector<char>(4UL << 20);
};

/// Calls that go through all that a call does, all of them one step at a time. The messages of a
/// step are made before its time is taken.
class Calls {
 public:
  static constexpr std::array kSteps = {"INVITE", "180", "200", "ACK", "BYE", "200_BYE"};

  /// `others` run before each message; their time does not count.
  Calls(Model& model, std::uint64_t first, std::size_t count, Others* others = nullptr)
      : model_(model), first_(first), count_(count), others_(others) {}

  void pending() {
    std::vector<std::string> messages;
    for (std::size_t i = 0; i < count_; ++i) messages.push_back(invite_of(first_ + i).bytes());
    step(0, messages, kCaller);
  }

  /// After pending(): to the end of the call.
  void rest() {
    const auto invites = forwarded(model_);
    if (invites.size() != count_) std::abort();
    step(1, answers(invites, 180), kCallee);
    step(2, answers(invites, 200), kCallee);
    std::vector<std::string> acks, byes;
    for (std::size_t i = 0; i < count_; ++i) {
      const auto route = values(invites[i], "Record-Route").at(0);
      acks.push_back(in_dialog(first_ + i, "ACK", 1, route));
      byes.push_back(in_dialog(first_ + i, "BYE", 2, route));
    }
    step(3, acks, kCaller);
    model_.take();
    step(4, byes, kCaller);
    step(5, answers(forwarded(model_), 200), kCallee);
    if (model_.take().size() != count_) std::abort();
  }

  const std::array<double, 6>& seconds() const { return seconds_; }

 private:
  static std::vector<std::string> answers(const std::vector<std::string>& requests, unsigned code) {
    std::vector<std::string> messages;
    for (const auto& request : requests) messages.push_back(answer(request, code));
    return messages;
  }

  void step(std::size_t number, const std::vector<std::string>& messages, std::string_view from) {
    using Clock = std::chrono::steady_clock;
    model_.network.sent.reserve(model_.network.sent.size() + 2 * messages.size());
    std::chrono::duration<double> spent{};
    auto begin = Clock::now();
    for (const auto& message : messages) {
      if (others_) {
        spent += Clock::now() - begin;
        others_->run();
        begin = Clock::now();
      }
      model_.receive(message, from);
    }
    spent += Clock::now() - begin;
    seconds_[number] += spent.count();
  }

  Model& model_;
  std::uint64_t first_;
  std::size_t count_;
  Others* others_;
  std::array<double, 6> seconds_{};
};

/// A whole call, among so many that have ended and linger; nanoseconds of each step beside it.
void whole_call(benchmark::State& state, Others* others = nullptr) {
  constexpr std::size_t kBatch = 256;
  Model model;  // lingers for 32 s
  const auto between = 32'000 * kBatch / static_cast<std::uint64_t>(state.range(0));
  std::array<double, 6> sums{};
  std::uint64_t call = 0;
  const auto some = [&] {
    Calls calls(model, call, kBatch, others);
    calls.pending();
    calls.rest();
    model.advance(between);
    model.take();
    call += kBatch;
    return calls.seconds();
  };
  for (std::int64_t i = 0; i < 2 * state.range(0); i += kBatch) some();
  std::int64_t measured = 0;
  while (state.KeepRunningBatch(kBatch)) {
    double all = 0;
    const auto seconds = some();
    for (std::size_t i = 0; i < sums.size(); ++i) all += seconds[i], sums[i] += seconds[i];
    state.SetIterationTime(all);
    measured += kBatch;
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    state.counters[Calls::kSteps[i]] = sums[i] * 1e9 / static_cast<double>(measured);
  }
}
void whole_call_warm(benchmark::State& state) {
  whole_call(state);
}
BENCHMARK(whole_call_warm)->Arg(1'024)->Arg(65'536)->UseManualTime();
void whole_call_cold(benchmark::State& state) {
  Others others;
  whole_call(state, &others);
}
BENCHMARK(whole_call_cold)->Arg(8'192)->UseManualTime();

/// So many pending INVITEs; then messages that find theirs, far apart so that the caches do not
/// help.
class Pending {
 public:
  explicit Pending(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      requests.push_back(invite_of(i).bytes());
      model.receive(requests.back(), kCaller);
    }
    for (const auto& invite : forwarded(model)) responses.push_back(answer(invite, 100));
  }
  void take(const std::vector<std::string>& messages, std::string_view from) {
    at_ = (at_ + 7919) % messages.size();
    model.receive(messages[at_], from);
    model.network.sent.clear();
  }

  Model model;
  std::vector<std::string> requests, responses;

 private:
  std::size_t at_ = 0;
};

/// A 100 of the callee: parsed, finds its client transaction, ends there.
void response_matched(benchmark::State& state) {
  Pending pending(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) pending.take(pending.responses, kCallee);
}
BENCHMARK(response_matched)->Arg(1)->Arg(20'000);

/// Its branch is not of our making: dropped by the MAC alone.
void response_forged(benchmark::State& state) {
  Pending pending(1);
  const auto at = pending.responses[0].find("branch=z9hG4bK") + 20;
  pending.responses[0][at] = pending.responses[0][at] == '0' ? '1' : '0';
  const auto strays = pending.model.stat("tm:stray_replies");
  for (auto _ : state) pending.take(pending.responses, kCallee);
  state.counters["strays"] = static_cast<double>(pending.model.stat("tm:stray_replies") - strays);
}
BENCHMARK(response_forged);

/// An INVITE again: parsed, finds its server transaction, gets the 100 again.
void retransmission_absorbed(benchmark::State& state) {
  Pending pending(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) pending.take(pending.requests, kCaller);
}
BENCHMARK(retransmission_absorbed)->Arg(1)->Arg(20'000);

/// A request that a program answers by itself: one message in, one out, a transaction that lingers.
void request_answered(benchmark::State& state) {
  Shared::Options options;
  options.timers.linger = 1000;
  Model model(options);
  model.program.on_request = model.reply_with(200);
  std::vector<std::string> requests;
  for (std::uint64_t i = 0; i < 4096; ++i) {
    Request request = invite_of(i);
    request.method = "OPTIONS";
    request.body.clear();
    requests.push_back(request.bytes());
  }
  std::size_t i = 0;
  for (auto _ : state) {
    model.receive(requests[i++ % requests.size()], kCaller);
    model.network.sent.clear();
    model.advance(1);  // after 1000 others this one has gone
  }
}
BENCHMARK(request_answered);

void branch_write(benchmark::State& state) {
  const auto key = base::SipKey::random();
  const transaction::Branch branch{0x12345678, loop::ClientId(1, 2, 3), 0x0123456789abcdef};
  for (auto _ : state) {
    alignas(16) char memory[256];
    base::Arena arena(memory, sizeof memory);
    benchmark::DoNotOptimize(
        transaction::write_branch(arena, key, branch, "17-2c7b5a1e9d@192.0.2.10"));
  }
}
BENCHMARK(branch_write);

void branch_read(benchmark::State& state) {
  const auto key = base::SipKey::random();
  alignas(16) char memory[256];
  base::Arena arena(memory, sizeof memory);
  const transaction::Branch branch{0x12345678, loop::ClientId(1, 2, 3), 0x0123456789abcdef};
  auto text = transaction::write_branch(arena, key, branch, "17-2c7b5a1e9d@192.0.2.10");
  for (auto _ : state) {
    benchmark::DoNotOptimize(text);
    const auto read = transaction::read_branch(key, text, "17-2c7b5a1e9d@192.0.2.10");
    if (!read) std::abort();
    benchmark::DoNotOptimize(read);
  }
}
BENCHMARK(branch_read);

void proof_write(benchmark::State& state) {
  const auto key = base::SipKey::random();
  const auto bytes = invite_of(1).bytes();
  const auto message = parser::Message::parse(bytes, {}).message;
  for (auto _ : state) {
    alignas(16) char memory[256];
    base::Arena arena(memory, sizeof memory);
    benchmark::DoNotOptimize(dialog::write_proof(arena, key, 7, *message));
  }
}
BENCHMARK(proof_write);

void proof_check(benchmark::State& state) {
  const auto key = base::SipKey::random();
  const auto invite = parser::Message::parse(invite_of(1).bytes(), {}).message;
  alignas(16) char memory[256];
  base::Arena arena(memory, sizeof memory);
  const auto proof = dialog::write_proof(arena, key, 7, *invite);
  const std::string text = "sip:127.0.0.1:5060;lr;" + std::string(proof);
  const auto bye = parser::Message::parse(in_dialog(1, "BYE", 2, "<" + text + ">"), {}).message;
  const auto route = parser::Uri::parse(text);
  for (auto _ : state) {
    if (!dialog::proves(key, *route, *bye)) std::abort();
  }
}
BENCHMARK(proof_check);

std::size_t bytes_in_use() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// Bytes of malloc that a call holds: while its INVITE is pending (server and client transaction,
/// both messages, the response context), and when it has ended and lingers (an INVITE and a BYE).
void memory_of_a_call(benchmark::State& state) {
  constexpr std::size_t kCalls = 20'000;
  const auto per_call = [](std::size_t before) {
    return static_cast<double>(bytes_in_use() - before) / kCalls;
  };
  for (auto _ : state) {
    Model model;
    Calls calls(model, 0, kCalls);
    const auto before = bytes_in_use();
    calls.pending();
    auto sent = model.take();
    state.counters["clients"] = static_cast<double>(model.stack.transactions.clients());
    std::size_t kept_by_model = sent.capacity() * sizeof sent[0];
    for (const auto& one : sent)
      kept_by_model += malloc_usable_size(const_cast<char*>(one.bytes.data())) + 8;
    state.counters["pending"] = per_call(before + kept_by_model);
    model.network.sent = std::move(sent);
    calls.rest();
    state.counters["lingering"] = per_call(before);
  }
}
BENCHMARK(memory_of_a_call)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace opensips::model
