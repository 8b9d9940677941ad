#pragma once

#include <poll.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/guarded.hh"
#include "loop/inbox.hh"
#include "loop/mailbox.hh"
#include "storage/backend.hh"

namespace opensips::storage {

/// A database that does what a test says, and remembers what it was asked.
class FakeBackend final : public Backend {
 public:
  struct State {
    std::vector<std::string> log;  ///< statements, and "begin", "commit", "rollback"
    bool refuses = false;          ///< connections
    bool hangs = false;            ///< until interrupted, or told otherwise
    unsigned hanging = 0;
    unsigned connects = 0;
    std::string failing;  ///< a statement
    Error::Kind failure = Error::Kind::statement;
    bool breaks = false;  ///< each connection, at its next statement but the probe
  };

  explicit FakeBackend(bool one_writer = false) : one_writer_(one_writer) {}
  /// One without SQL, of that scheme.
  static FakeBackend without_sql(std::string_view scheme) { return FakeBackend(false, scheme); }

  std::string_view scheme() const override { return scheme_; }
  bool is_sql() const override { return scheme_ == "fake"; }
  bool has_one_writer() const override { return one_writer_; }
  std::string declare(const Column& column) const override { return "T" + constraints_of(column); }

  std::expected<std::unique_ptr<Connection>, Error> connect(const Url&,
                                                            const ConnectOptions&) override {
    auto state = state_.lock();
    if (state->refuses) return std::unexpected(Error{Error::Kind::unavailable, "refused"});
    ++state->connects;
    changed_.notify_all();
    return std::make_unique<FakeConnection>(*this);
  }

  base::Guarded<State>::Access<State> lock() { return state_.lock(); }
  void change(auto change) {
    change(*state_.lock());
    changed_.notify_all();
  }
  /// Waits until it is so.
  void await(auto ready) {
    auto state = state_.lock();
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    ASSERT_TRUE(state.wait_until(changed_, limit, [&] { return ready(*state); }));
  }
  std::vector<std::string> log() { return state_.lock()->log; }

 private:
  class FakeConnection final : public Connection {
   public:
    explicit FakeConnection(FakeBackend& backend) : backend_(backend) {}

    Outcome execute(const Statement& statement, std::span<const Value>) override {
      if (statement.text == "SELECT 1") return Rows{};
      auto state = backend_.state_.lock();
      state->log.push_back(statement.text);
      if (state->breaks) {
        state->breaks = false;
        usable_ = false;
        return std::unexpected(Error{Error::Kind::unavailable, "gone", true});
      }
      ++state->hanging;
      backend_.changed_.notify_all();
      state.wait(backend_.changed_, [&] { return !state->hangs || interrupted_; });
      --state->hanging;
      if (interrupted_) {
        usable_ = false;
        return std::unexpected(Error{Error::Kind::timed_out, "interrupted"});
      }
      if (statement.text == state->failing) {
        return std::unexpected(Error{state->failure, "it fails"});
      }
      return Rows{.columns = {"said"}, .rows = {{statement.text}}, .affected = 1};
    }
    std::expected<void, Error> transaction(Step step) override {
      static constexpr const char* kNames[] = {"begin", "commit", "rollback"};
      backend_.state_.lock()->log.emplace_back(kNames[static_cast<int>(step)]);
      return {};
    }
    void interrupt() override {
      interrupted_ = true;
      backend_.changed_.notify_all();
    }
    bool usable() const override { return usable_; }

   private:
    FakeBackend& backend_;
    std::atomic<bool> interrupted_ = false;
    bool usable_ = true;
  };

  FakeBackend(bool one_writer, std::string_view scheme)
      : one_writer_(one_writer), scheme_(scheme) {}

  bool one_writer_;
  std::string_view scheme_ = "fake";
  base::Guarded<State> state_;
  std::condition_variable changed_;
};

/// A worker as a database sees it: an inbox, whose work the test does.
class FakeWorker {
 public:
  ~FakeWorker() { mailbox->close(); }

  void work_until(auto ready) {
    for (int turn = 0; !ready() && turn < 2000; ++turn) {
      pollfd waiting{.fd = inbox.wake_fd(), .events = POLLIN, .revents = 0};
      poll(&waiting, 1, 10);
      while (inbox.drain(100)) {
      }
    }
    ASSERT_TRUE(ready());
  }

  loop::Inbox inbox{1000};
  std::shared_ptr<loop::Mailbox> mailbox = std::make_shared<loop::Mailbox>(inbox);
};

}  // namespace opensips::storage
