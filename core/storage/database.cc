#include "storage/database.hh"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <future>
#include <utility>

#include <fmt/format.h>

#include "storage/carry_out.hh"

namespace opensips::storage {
namespace {

/// How exactly limits are kept.
constexpr std::chrono::milliseconds kTick{20};

void tell(std::vector<Answer>& answers) {
  for (Answer& answer : answers) answer.tell();
}

void add(std::vector<Answer>& answers, Task& task, Outcome outcome) {
  if (auto answer = answer_to(task, std::move(outcome))) answers.push_back(std::move(*answer));
}

/// The server has answered, whatever it said.
bool is_alive(const Outcome& outcome) {
  if (outcome) return true;
  const auto kind = outcome.error().kind;
  return kind != Error::Kind::unavailable && kind != Error::Kind::timed_out;
}

bool may_be_repeated(const std::vector<Outcome>& outcomes) {
  return std::ranges::all_of(outcomes, [](const Outcome& outcome) {
    return !outcome && outcome.error().untouched &&
           outcome.error().kind == Error::Kind::unavailable;
  });
}

}  // namespace

Database::Database(Backend& backend, Url url, const Options& options)
    : backend_(backend),
      url_(std::move(url)),
      name_(url_.shown()),
      options_(options),
      state_(options, backend.has_one_writer()) {
  using Line = TaskQueue::Line;
  {
    auto state = state_.lock();
    const unsigned lanes = backend.has_one_writer() ? 2 : std::max(1U, options.connections);
    for (unsigned i = 0; i < lanes; ++i) {
      const bool reads = backend.has_one_writer() && i > 0;
      state->lanes.push_back(
          std::make_unique<Lane>(Lane{.line = reads ? Line::reading : Line::main}));
    }
    for (unsigned i = 0; i < lanes; ++i) {
      start_thread(fmt::format("database/{}", i),
                   [this, &lane = *state->lanes[i]] { serve(lane); });
    }
  }
  start_thread("database/watch", [this] { watch(); });
}

Database::~Database() {
  stop(std::chrono::milliseconds(0));
}

void Database::start_thread(const std::string& name, std::move_only_function<void()> work) {
  // Signals are the control thread's: a thread inherits what is blocked when it is made.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  threads_.emplace_back(std::move(work));
  pthread_setname_np(threads_.back().native_handle(), name.c_str());
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Database::run(Job job) {
  const auto limit = job.limit.count() > 0 ? job.limit : options_.limit;
  auto task = std::make_shared<Task>(std::move(job), Clock::now() + limit);
  std::optional<Error> refusal;
  {
    auto state = state_.lock();
    if (state->stopping || !state->breaker.is_closed()) {
      refusal = down_error(*state);
    } else if (!state->queue.push(task)) {
      refusal = Error{Error::Kind::busy, fmt::format("{}: too much waits for it", name_), true};
    } else {
      work_of(state->queue.line_of(*task)).notify_one();
      if (state->watch_sleeps) watch_.notify_one();
    }
    if (refusal) ++state->report.refused;
  }
  if (refusal) answer_to(*task, std::unexpected(*std::move(refusal)))->tell();
}

Outcome Database::wait(std::vector<Query> queries, std::optional<std::chrono::milliseconds> limit,
                       std::uint64_t key) {
  std::promise<Outcome> promise;
  auto outcome = promise.get_future();
  run({.queries = std::move(queries),
       .key = key,
       .limit = limit.value_or(options_.limit),
       .to = nullptr,
       .done = [&promise](Outcome result) { promise.set_value(std::move(result)); }});
  return outcome.get();
}

/// What somebody is told who does not get to it, for that reason.
Error Database::refusal_for(const Error& trouble) const {
  const bool is_lasting =
      trouble.kind == Error::Kind::missing || trouble.kind == Error::Kind::corrupt;
  return {is_lasting ? trouble.kind : Error::Kind::unavailable,
          fmt::format("{}: {}", name_, trouble.text), true};
}

Error Database::down_error(const State& state) const {
  if (state.stopping) return {Error::Kind::unavailable, "the server is stopping", true};
  return refusal_for(state.trouble);
}

// A thread with a connection

void Database::serve(Lane& lane) {
  while (connect(lane)) {
    auto tasks = next_tasks(lane);
    if (!tasks.empty()) perform(lane, std::move(tasks));
  }
}

/// True: there is a connection. False: the database stops.
bool Database::connect(Lane& lane) {
  while (await_turn_to_connect(lane)) {
    if (lane.connection) return true;
    auto made = make_connection();
    if (made) {
      on_connected(lane, std::move(*made));
    } else {
      on_no_connection(lane, made.error());
    }
  }
  return false;
}

/// False: the database stops.
bool Database::await_turn_to_connect(Lane& lane) {
  std::unique_ptr<Connection> distrusted;  // closing takes time: without the lock
  auto state = state_.lock();
  while (!state->stopping) {
    const auto now = Clock::now();
    if (state->breaker.is_closed()) {
      if (lane.connection || now >= lane.rests_until) return true;
      state.wait_until(turn_, lane.rests_until,
                       [&] { return state->stopping || !state->breaker.is_closed(); });
      continue;
    }
    if (lane.connection) {
      // It was made before the database stopped answering: not to be trusted.
      distrusted = std::move(lane.connection);
      --state->report.connected;
    }
    if (state->breaker.begin_trial(now)) return true;
    const auto before = state->breaker.state();
    const auto has_changed = [&] { return state->stopping || state->breaker.state() != before; };
    if (before == Breaker::State::open) {
      state.wait_until(turn_, state->breaker.retry_at(), has_changed);
    } else {
      state.wait(turn_, has_changed);
    }
  }
  return false;
}

/// One that answers.
std::expected<std::unique_ptr<Connection>, Error> Database::make_connection() {
  auto made = backend_.connect(url_, {.limit = options_.connect_limit});
  if (!made) return made;
  const Statement probe{std::string(backend_.probe()), false};
  if (const auto answered = (*made)->execute(probe, {}); !answered) {
    return std::unexpected(answered.error());
  }
  return made;
}

void Database::on_connected(Lane& lane, std::unique_ptr<Connection> connection) {
  auto state = state_.lock();
  lane.connection = std::move(connection);
  ++state->report.connected;
  ++state->report.connects;
  if (state->breaker.is_closed()) return;
  state->breaker.recovered();
  wake_lanes();
  const auto down =
      std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - state->down_since);
  base::log_notice("{}: it answers again, after {} s", name_, down.count());
}

void Database::on_no_connection(Lane& lane, const Error& error) {
  Answers answers;
  {
    auto state = state_.lock();
    const Time now = Clock::now();
    state->report.last_error = error.text;
    state->trouble = error;
    if (!state->stopping) {
      base::log_limited(trouble_, base::LogLevel::err, "{}: cannot connect: {}", name_, error.text);
    }
    if (state->breaker.is_closed() && state->report.connected > 0 && !backend_.has_one_writer()) {
      lane.rests_until = now + options_.breaker.longest_pause;
      return;
    }
    if (state->breaker.is_closed()) state->down_since = now;
    state->breaker.failed(now);
    refuse_all(*state, error, answers);
    wake_lanes();
    idle_.notify_all();
  }
  tell(answers);
}

/// Empty: no connection is to be trusted, or the database stops.
std::vector<TaskPtr> Database::next_tasks(Lane& lane) {
  auto state = state_.lock();
  state.wait(work_of(lane.line), [&] {
    if (state->stopping || !state->breaker.is_closed()) return true;
    lane.tasks = state->queue.take(lane.line, options_.batch);
    return !lane.tasks.empty();
  });
  lane.interrupted = false;
  return lane.tasks;
}

void Database::perform(Lane& lane, std::vector<TaskPtr> tasks) {
  auto outcomes = carry_out(*lane.connection, tasks);
  if (may_be_repeated(outcomes)) {
    // The server has closed it while nothing was to be done: a new one may do.
    if (auto again = make_connection()) {
      {
        auto state = state_.lock();
        std::swap(lane.connection, *again);
        ++state->report.connects;
      }
      outcomes = carry_out(*lane.connection, tasks);
    }
  }
  finish(lane, std::move(outcomes));
}

void Database::finish(Lane& lane, std::vector<Outcome> outcomes) {
  Answers answers;
  std::unique_ptr<Connection> broken;
  {
    auto state = state_.lock();
    if (std::ranges::any_of(outcomes, is_alive) && !lane.interrupted) state->breaker.answered();
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (lane.tasks[i]->is_answered()) continue;
      if (outcomes[i]) {
        ++state->report.done;
      } else {
        note_failure(*state, outcomes[i].error());
      }
      add(answers, *lane.tasks[i], std::move(outcomes[i]));
    }
    state->queue.release(lane.tasks);
    lane.tasks.clear();
    if (!lane.connection->usable()) {
      broken = std::move(lane.connection);
      --state->report.connected;
    }
    work_of(lane.line).notify_all();  // others may wait for a key
    ++state->telling;
  }
  tell(answers);
  auto state = state_.lock();
  --state->telling;
  if (state->is_idle()) idle_.notify_all();
}

void Database::note_failure(State& state, const Error& error) {
  ++state.report.failed;
  state.report.last_error = error.text;
  if (!is_temporary(error.kind)) return;  // the matter of whoever asked
  base::log_limited(trouble_, base::LogLevel::err, "{}: {}: {}", name_, to_string(error.kind),
                    error.text);
}

void Database::wake_lanes() {
  for (auto& work : work_) work.notify_all();
  turn_.notify_all();
}

// The thread that watches the time

void Database::watch() {
  for (;;) {
    Answers answers;
    {
      auto state = state_.lock();
      state->watch_sleeps = true;
      state.wait(watch_, [&] { return state->stopping || !state->is_idle(); });
      state->watch_sleeps = false;
      if (state->stopping) return;
      state.wait_until(watch_, Clock::now() + kTick, [&] { return state->stopping; });
      expire(*state, Clock::now(), answers);
    }
    tell(answers);
  }
}

void Database::expire(State& state, Time now, Answers& answers) {
  const Error error{Error::Kind::timed_out, fmt::format("{}: no answer in time", name_)};
  bool opened = false;
  const auto give_up = [&](Task& task) {
    if (task.is_answered()) return;
    add(answers, task, std::unexpected(error));
    ++state.report.timed_out;
    state.report.last_error = error.text;
    opened = state.breaker.timed_out(now) || opened;
  };
  for (const TaskPtr& task : state.queue.take_expired(now)) give_up(*task);
  for (const auto& lane : state.lanes) {
    const bool over = std::ranges::any_of(
        lane->tasks, [now](const TaskPtr& task) { return task->deadline <= now; });
    if (!over || lane->interrupted) continue;
    for (const TaskPtr& task : lane->tasks) give_up(*task);
    lane->interrupted = true;
    if (lane->connection) lane->connection->interrupt();
  }
  if (!answers.empty()) {
    base::log_limited(trouble_, base::LogLevel::err, "{}: no answer in time", name_);
  }
  if (!opened) return;
  state.down_since = now;
  state.trouble = {Error::Kind::unavailable, "it did not answer in time"};
  base::log_error("{}: it does not answer, nobody waits for it any more", name_);
  refuse_all(state, state.trouble, answers);
  wake_lanes();
}

void Database::refuse_all(State& state, const Error& error, Answers& answers) {
  const Error refusal = refusal_for(error);
  for (const TaskPtr& task : state.queue.take_all()) {
    ++state.report.refused;
    add(answers, *task, std::unexpected(refusal));
  }
}

bool Database::State::is_idle() const {
  return queue.size() == 0 && telling == 0 &&
         std::ranges::all_of(lanes, [](const auto& lane) { return lane->tasks.empty(); });
}

void Database::settle() {
  auto state = state_.lock();
  state.wait(idle_, [&] { return state->stopping || state->is_idle(); });
}

void Database::stop(std::chrono::milliseconds patience) {
  Answers answers;
  {
    auto state = state_.lock();
    state.wait_until(idle_, Clock::now() + patience, [&] { return state->is_idle(); });
    state->stopping = true;
    refuse_all(*state, {Error::Kind::unavailable, "the server is stopping"}, answers);
    for (const auto& lane : state->lanes) {
      if (!lane->tasks.empty() && lane->connection) lane->connection->interrupt();
    }
    wake_lanes();
    watch_.notify_all();
  }
  tell(answers);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

Database::Report Database::report() const {
  const auto state = state_.lock();
  Report report = state->report;
  report.state = state->breaker.state();
  report.waiting = state->queue.size();
  return report;
}

}  // namespace opensips::storage
