#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.hh"
#include "base/log.hh"
#include "storage/backend.hh"
#include "storage/breaker.hh"
#include "storage/job.hh"
#include "storage/task_queue.hh"

namespace opensips::storage {

/// One database, and the threads that wait for it so that nobody else has to: some with a
/// connection each, and one that watches the time. Any thread may give it a job at any time, and
/// hears of it within its limit whatever the database does.
class Database {
 public:
  struct Options {
    unsigned connections = 4;          ///< of a kind that may write over several
    std::size_t queue_limit = 10'000;  ///< statements that wait
    std::size_t batch = 500;           ///< rows written in one transaction
    std::chrono::milliseconds limit{1500};
    std::chrono::milliseconds connect_limit{2000};
    Breaker::Options breaker;
  };

  /// What an operator wants to know of it. Counts are since the start.
  struct Report {
    Breaker::State state = Breaker::State::closed;
    unsigned connected = 0;
    std::size_t waiting = 0;
    std::uint64_t done = 0;
    std::uint64_t failed = 0;  ///< but for the next two
    std::uint64_t timed_out = 0;
    std::uint64_t refused = 0;  ///< at once: it could not be reached, or too much waited
    std::uint64_t connects = 0;
    std::string last_error;
  };

  /// Connects on its own threads. `backend` outlives it.
  Database(Backend& backend, Url url, const Options& options);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  /// Any thread. Never blocks; `job.done` is not called before this has returned, if it has a
  /// mailbox. When too much waits or the database is known not to answer, that is the outcome.
  void run(Job job);
  /// The same, and waits: for start-up and commands, never on a worker.
  Outcome wait(std::vector<Query> queries, std::optional<std::chrono::milliseconds> limit = {},
               std::uint64_t key = 0);

  /// Waits until all that it was given is done and has been told: for tests.
  void settle();
  /// Gives what waits so long to be done, refuses the rest, and ends the threads. Twice is once.
  void stop(std::chrono::milliseconds patience);

  Report report() const;
  Backend& backend() const { return backend_; }
  const Url& url() const { return url_; }
  /// Its URL without the password.
  const std::string& name() const { return name_; }

 private:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  /// A thread with a connection. `connection` changes under the lock, and by its thread only.
  struct Lane {
    TaskQueue::Line line;
    std::unique_ptr<Connection> connection = nullptr;
    std::vector<TaskPtr> tasks = {};  // being done
    bool interrupted = false;
    Time rests_until = {};  // it could not connect, while others can
  };
  struct State {
    State(const Options& options, bool reading_apart)
        : queue(options.queue_limit, reading_apart), breaker(options.breaker) {}
    TaskQueue queue;
    Breaker breaker;
    std::vector<std::unique_ptr<Lane>> lanes;
    Report report;
    Time down_since;
    Error trouble{Error::Kind::unavailable};  // why it is down
    bool watch_sleeps = false;
    unsigned telling = 0;  // lanes that tell of what they have done
    bool stopping = false;

    bool is_idle() const;
  };
  using Answers = std::vector<Answer>;

  void serve(Lane& lane);
  bool connect(Lane& lane);
  bool await_turn_to_connect(Lane& lane);
  std::expected<std::unique_ptr<Connection>, Error> make_connection();
  void on_connected(Lane& lane, std::unique_ptr<Connection> connection);
  void on_no_connection(Lane& lane, const Error& error);
  std::vector<TaskPtr> next_tasks(Lane& lane);
  void perform(Lane& lane, std::vector<TaskPtr> tasks);
  void finish(Lane& lane, std::vector<Outcome> outcomes);
  void watch();
  void expire(State& state, Time now, Answers& answers);
  void refuse_all(State& state, const Error& error, Answers& answers);
  std::condition_variable& work_of(TaskQueue::Line line) {
    return work_[static_cast<std::size_t>(line)];
  }
  void wake_lanes();
  Error refusal_for(const Error& trouble) const;
  Error down_error(const State& state) const;
  void note_failure(State& state, const Error& error);
  void start_thread(const std::string& name, std::move_only_function<void()> work);

  Backend& backend_;
  const Url url_;
  const std::string name_;
  const Options options_;
  base::Guarded<State> state_;
  std::array<std::condition_variable, 2> work_;  // for lanes with a connection, by their line
  std::condition_variable turn_;                 // for those without
  std::condition_variable watch_;                // for watch()
  std::condition_variable idle_;                 // for stop()
  base::RateLimit trouble_{std::chrono::seconds(10)};
  std::vector<std::thread> threads_;
};

}  // namespace opensips::storage
