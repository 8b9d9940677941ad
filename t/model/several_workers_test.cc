// Two workers in threads of their own, each with all layers: a call stays with its owner, whoever
// reads its messages.

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <set>
#include <thread>

#include "base/guarded.hh"
#include "l1_parser/peek.hh"
#include "loop/worker.hh"
#include "model/model.hh"

namespace opensips::model {
namespace {

struct Sent {
  std::string bytes;
  unsigned worker;
};

/// What all workers would send.
class Outside {
 public:
  void add(Sent one) {
    all_.lock()->push_back(std::move(one));
    changed_.notify_all();
  }
  /// Takes what was sent, once it is that much.
  std::vector<Sent> take(std::size_t count) {
    auto all = all_.lock();
    all.wait(changed_, [&] { return all->size() >= count; });
    return std::exchange(*all, {});
  }

 private:
  base::Guarded<std::vector<Sent>> all_;
  std::condition_variable changed_;
};

class Bottom final : public loop::Layer {
 public:
  Bottom(Outside& outside, unsigned worker) : outside_(outside), worker_(worker) {}
  loop::Verdict up(loop::Walk&) override { return loop::Verdict::up; }
  loop::Verdict down(loop::Walk& walk) override {
    outside_.add({std::string(walk.wire->view()), worker_});
    return loop::Verdict::done;
  }

 private:
  Outside& outside_;
  unsigned worker_;
};

struct Unit {
  Unit(loop::Worker& worker, Outside& outside, Shared& shared)
      : bottom(outside, worker.context().worker()), stack(worker.context(), bottom, shared) {
    program.on_request = [this](routing::Run& run) {
      const routing::Target target{as_uri("sip:callee@127.0.0.1:5080"), std::nullopt, {}, false};
      static_cast<void>(stack.routing.proxy().fork(run, {&target, 1}, {}));
      return routing::Engine::Progress::finished;
    };
  }
  Bottom bottom;
  Program program;
  Stack stack;
};

class SeveralWorkers : public ::testing::Test {
 protected:
  static constexpr unsigned kWorkers = 2;

  SeveralWorkers() : shared(options()) {
    shared.sockets.add(base::Transport::udp, *base::Address::parse("127.0.0.1", 5060), "", 0);
    const loop::Worker::Options worker_options{
        1000, [](std::string_view bytes) { return parser::peek(bytes).call_id; }};
    for (unsigned i = 0; i < kWorkers; ++i) {
      workers.push_back(std::make_unique<loop::Worker>(i, shared.epoch, shared.owners, shared.stats,
                                                       worker_options));
      units.push_back(std::make_unique<Unit>(*workers[i], outside, shared));
    }
    shared.generations.publish(generation_of(1, {&units[0]->program, &units[1]->program}));
    for (const auto& worker : workers) worker->meet(workers);
    for (const auto& worker : workers) threads.emplace_back([&worker] { worker->run(); });
  }
  ~SeveralWorkers() override {
    for (const auto& worker : workers) worker->stop();
    threads.clear();
    base::RefCounted::inherit_all();
  }

  static Shared::Options options() {
    Shared::Options options;
    options.workers = kWorkers;
    options.timers.linger = 100;
    options.timers.t4 = 100;
    return options;
  }
  /// The worker reads these bytes from a socket.
  void read_on(unsigned worker, std::string bytes) {
    workers[worker]->inbox().post([this, worker, bytes = std::move(bytes)] {
      base::Flow from;
      from.peer = *base::Address::parse("127.0.0.1", 5070);
      from.socket = 0;
      workers[worker]->receive(bytes, from);
    });
  }

  Shared shared;
  Outside outside;
  std::vector<std::unique_ptr<loop::Worker>> workers;
  std::vector<std::unique_ptr<Unit>> units;
  std::vector<std::jthread> threads;
};

TEST_F(SeveralWorkers, CallsStayWithTheirOwnersWhoeverReads) {
  constexpr unsigned kCalls = 40;
  for (unsigned i = 0; i < kCalls; ++i) {
    const auto number = std::to_string(i);
    read_on(i % kWorkers,
            Request{.branch = "z9hG4bK" + number, .call_id = "call-" + number}.bytes());
  }
  std::set<unsigned> seen;
  unsigned reader = 0;
  for (const auto& one : outside.take(2 * kCalls)) {
    const auto owner = shared.owners.owner_of(values(one.bytes, "Call-ID").at(0));
    EXPECT_EQ(one.worker, owner);
    seen.insert(one.worker);
    if (one.bytes.starts_with("INVITE ")) read_on(reader++ % kWorkers, answer(one.bytes, 200));
  }
  EXPECT_EQ(seen.size(), kWorkers);
  for (const auto& one : outside.take(kCalls)) {
    EXPECT_TRUE(one.bytes.starts_with("SIP/2.0 200 ")) << one.bytes;
    EXPECT_EQ(one.worker, shared.owners.owner_of(values(one.bytes, "Call-ID").at(0)));
  }
  while (shared.stats.value("tm:inuse_transactions") != 0) {  // timer L runs on both
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

TEST_F(SeveralWorkers, CallIdIsTheSameHoweverItIsWritten) {
  const std::string spellings[] = {"Call-ID: ",      "i: ",  "CALL-ID:", "call-id :\t",
                                   "Call-ID:\r\n  ", "I:   "};
  unsigned count = 0;
  for (const auto& spelling : spellings) {
    for (unsigned worker = 0; worker < kWorkers; ++worker) {
      const auto number = std::to_string(++count);
      auto bytes =
          Request{.branch = "z9hG4bK" + number, .call_id = "call-" + number + "  "}.bytes();
      const auto at = bytes.find("Call-ID: ");
      bytes.replace(at, 9, spelling);
      read_on(worker, bytes);
      for (const auto& one : outside.take(2)) {
        EXPECT_EQ(one.worker, shared.owners.owner_of("call-" + number)) << spelling;
      }
    }
  }
}

TEST_F(SeveralWorkers, MessageWithoutACallIdIsRefusedWhereItIsRead) {
  auto bytes = Request{}.bytes();
  bytes.erase(bytes.find("Call-ID"), std::string("Call-ID: call-1\r\n").size());
  for (unsigned worker = 0; worker < kWorkers; ++worker) {
    read_on(worker, bytes);
    const auto sent = outside.take(1);
    EXPECT_TRUE(sent[0].bytes.starts_with("SIP/2.0 400 ")) << sent[0].bytes;
    EXPECT_EQ(sent[0].worker, worker);
  }
}

}  // namespace
}  // namespace opensips::model
