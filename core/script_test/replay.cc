#include "script_test/replay.hh"

#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/clock.hh"
#include "base/log.hh"
#include "base/random.hh"
#include "l1_parser/peek.hh"
#include "lp_routing/functions/flow_text.hh"
#include "script_test/recorded_names.hh"
#include "script_test/replayed_call.hh"
#include "script_test/test_server.hh"

namespace opensips::script_test {
namespace {

constexpr std::uint64_t kBegin = 1'000'000;  // ms, by the monotonic clock

/// The clocks, chance and the log while it runs.
class Surroundings {
 public:
  explicit Surroundings(std::int64_t wall_ms) : wall_ms_(wall_ms) {
    set(0);
    base::seed_random(1);
    base::log_divert([](base::LogLevel, std::string_view) {});
  }
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;
  ~Surroundings() {
    base::log_divert(nullptr);
    base::seed_random(std::nullopt);
    base::set_clocks(0, 0);
  }
  /// Milliseconds of the record.
  void set(std::uint64_t now) const {
    base::set_clocks(kBegin + now, (wall_ms_ + static_cast<std::int64_t>(now)) / 1000);
  }

 private:
  const std::int64_t wall_ms_;
};

class Replay final : private routing::Witnesses {
 public:
  Replay(const Record& record, const ReplaySetup& setup)
      : record_(record),
        surroundings_(record.began),
        setup_(setup),
        tables_(setup.mpath),
        names_(record.names) {
    for (const auto& call : record.calls) {
      calls_.push_back(call.lost || call.incomplete ? nullptr : make(call));
      if (calls_.back()) by_id_.emplace(call.id, calls_.back());
    }
  }

  std::expected<void, std::string> start() {
    journal_.begin();
    auto made = TestServer::make({.config = setup_.config,
                                  .config_text = {},
                                  .mpath = setup_.mpath,
                                  .sockets = record_.sockets,
                                  .witnesses = this},
                                 answers_, tables_, journal_);
    if (!made) return std::unexpected(std::move(made.error()));
    server_ = std::move(*made);
    // A name that was found in the cache was known before it was first needed.
    for (auto name = record_.names.rbegin(); name != record_.names.rend(); ++name) {
      server_->set_answer(name->question, name->answer);
    }
    return {};
  }

  Replayed run() {
    while (step()) {
    }
    pass_to(record_.end - 1);
    Replayed replayed;
    replayed.script = server_->fingerprint();
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      if (!calls_[i]) {
        ++(record_.calls[i].lost ? replayed.lost : replayed.incomplete);
        continue;
      }
      calls_[i]->finish();
      if (calls_[i]->differences().empty()) {
        ++replayed.same;
      } else {
        replayed.different.push_back({record_.calls[i].id, calls_[i]->differences()});
      }
    }
    return replayed;
  }

 private:
  /// An answer that is due.
  struct Due {
    std::uint64_t at;
    std::uint64_t number;
    std::shared_ptr<routing::Waker> waker;
    bool operator>(const Due& other) const {
      return std::tie(at, number) > std::tie(other.at, other.number);
    }
  };

  std::shared_ptr<ReplayedCall> make(const Record::Call& call) {
    const auto later = [this](std::uint64_t at, std::uint64_t number, routing::Waker waker) {
      due_.push({at, number, std::make_shared<routing::Waker>(std::move(waker))});
    };
    const auto share_a_name = [this](const std::string& to, const std::string& other) {
      const auto one = routing::parse_flow(to), two = routing::parse_flow(other);
      return one && two && names_.share(one->peer.bare_host(), two->peer.bare_host());
    };
    return std::make_shared<ReplayedCall>(
        call, ReplayedCall::Surroundings{[this] { return now_; }, later, share_a_name});
  }

  std::shared_ptr<routing::Witness> of(std::string_view call_id) override {
    const auto found = by_id_.find(std::string(call_id));
    return found == by_id_.end() ? nullptr : found->second;
  }

  /// The next thing that happens: a message comes, or an answer. False: nothing does any more.
  bool step() {
    const auto* const received =
        next_ < record_.received.size() ? &record_.received[next_] : nullptr;
    const bool answers =
        !due_.empty() && (!received || std::tie(due_.top().at, due_.top().number) <
                                           std::tie(received->at, received->number));
    if (answers) {
      const Due due = due_.top();
      due_.pop();
      if (due.at >= record_.end) return false;
      pass_to(due.at);
      due.waker->wake({});
      server_->settle();
    } else if (received) {
      ++next_;
      pass_to(received->at);
      auto& call = calls_[received->call];
      if (call) server_->receive(call->received(received->bytes), received->from);
    } else {
      return false;
    }
    take();
    return true;
  }

  /// Time passes: timers fire at theirs, and names come to mean something else.
  void pass_to(std::uint64_t time) {
    while (true) {
      const auto due = server_->next_due();
      if (!due || *due > kBegin + time) break;
      advance_to(*due > kBegin + now_ ? *due - kBegin : now_);
    }
    advance_to(time);
  }

  void advance_to(std::uint64_t time) {
    now_ = time;
    surroundings_.set(time);
    for (; name_ < record_.names.size() && record_.names[name_].at <= time; ++name_) {
      server_->set_answer(record_.names[name_].question, record_.names[name_].answer);
    }
    server_->advance_to(kBegin + time);
    take();
  }

  void take() {
    for (const auto& sent : server_->take()) {
      const auto call = by_id_.find(std::string(parser::peek(sent.bytes).call_id));
      if (call != by_id_.end()) call->second->sent(sent.bytes, routing::flow_text(sent.to));
    }
    server_->take_problems();
  }

  const Record& record_;
  const Surroundings surroundings_;
  const ReplaySetup& setup_;
  Journal journal_;
  Answers answers_{journal_};
  Tables tables_;
  std::vector<std::shared_ptr<ReplayedCall>> calls_;  // as the record has them
  std::unordered_map<std::string, std::shared_ptr<ReplayedCall>> by_id_;
  const RecordedNames names_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::size_t next_ = 0;  // of what was received
  std::size_t name_ = 0;  // likewise of names
  std::uint64_t now_ = 0;
  std::unique_ptr<TestServer> server_;
};

}  // namespace

std::expected<Replayed, std::string> replay(const Record& record, const ReplaySetup& setup) {
  Replay replay(record, setup);
  if (auto started = replay.start(); !started) return std::unexpected(started.error());
  return replay.run();
}

}  // namespace opensips::script_test
