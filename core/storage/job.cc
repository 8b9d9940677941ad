#include "storage/job.hh"

#include <algorithm>
#include <utility>

namespace opensips::storage {

bool Job::writes() const {
  return std::ranges::any_of(queries, [](const Query& one) { return one.statement->writes; });
}

void Answer::tell() {
  if (!to) return done(std::move(outcome));
  to->post(
      [then = std::move(done), result = std::move(outcome)]() mutable { then(std::move(result)); });
}

std::optional<Answer> answer_to(Task& task, Outcome outcome) {
  if (task.is_answered()) return std::nullopt;
  return Answer{task.to, std::exchange(task.done, nullptr), std::move(outcome)};
}

}  // namespace opensips::storage
