#include "perl/asking.hh"

#include <algorithm>
#include <future>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "perl/convert.hh"
#include "perl/script_program.hh"

namespace opensips::perl {
namespace {

using routing::Call;
using routing::Changes;
using routing::Function;
using routing::ObjectKind;
using routing::Run;
using routing::Value;

/// A call that is over is to end soon: the server waits for it when it stops.
constexpr std::chrono::milliseconds kLook{20};

using Told = std::expected<Asking::Answer, std::string>;

/// What the function gives, as another thread can have it.
Told told(const Function& row, const Value& value) {
  Asking::Answer answer;
  if (const auto* const misuse = value.get<routing::Misuse>()) return std::unexpected(misuse->text);
  if (const auto* const problem = value.get<routing::Problem>()) {
    answer.problem = problem->text;
    return answer;
  }
  const auto* const object = value.get<routing::Object>();
  auto copy = object && !class_of(object->kind) ? std::nullopt : copy_of(value);
  if (!copy) return std::unexpected(row.full_name() + ": what it gives cannot be passed to Perl");
  answer.value = *std::move(copy);
  return answer;
}

/// On the worker.
Told answer(const Asking::Question& question, const Call& waiting) {
  const Function& row = *question.row;
  Run& run = *waiting.run;
  if ((row.places & routing::place_of(run.handler)) == 0)
    return std::unexpected(row.full_name() + " cannot be called in this handler");
  std::optional<Changes> before;
  if (run.request) {
    if (question.changes) question.changes->apply_to(*run.request);
    before.emplace(run.request->edits());
  }
  const auto& program_of_run = waiting.program;
  ScriptProgram program(program_of_run.functions(), program_of_run.generation(),
                        program_of_run.event_types());
  Call call{row, program, waiting.services, &run, question.self};
  std::vector<Value> arguments;
  for (const Data& one : question.arguments) arguments.push_back(view_of(one));
  Told given = told(row, row.thunk(call, arguments));
  if (!given) return given;
  if (run.request) {
    Changes after(run.request->edits());
    if (after != *before) given->changes = std::move(after);
  }
  given->answered = run.answered;
  given->cancelled = run.cancelled;
  return given;
}

}  // namespace

std::expected<Asking::Answer, std::string> Asking::ask(Question question,
                                                       const std::function<bool()>& is_over) const {
  auto promise = std::make_shared<std::promise<Told>>();
  auto later = promise->get_future();
  const auto name = question.row->full_name();
  worker_.meanwhile([promise = std::move(promise), question = std::move(question)](Call& waiting) {
    promise->set_value(answer(question, waiting));
  });
  const auto until = std::chrono::steady_clock::now() + limit_;
  while (later.wait_for(std::min(kLook, limit_)) != std::future_status::ready) {
    if (!is_over() && std::chrono::steady_clock::now() < until) continue;
    return std::unexpected(name + ": the worker does not answer");
  }
  try {
    return later.get();
  } catch (const std::future_error&) {  // it was not run
    return std::unexpected(name + ": this request has ended");
  }
}

bool can_be_asked(const Function& row) {
  const auto is_function = [](const routing::ArgumentType& type) {
    return type.type.contains("function") || type.type.ends_with("handler");
  };
  if (row.waits || (row.places & routing::kInHandlers) == 0) return false;
  if (std::ranges::any_of(row.types, is_function)) return false;
  // Perl has its own, and what there is of it waits.
  return !(row.object == ObjectKind::request && row.name == "ctx") &&
         !(row.object == ObjectKind::sip && row.name == "location");
}

}  // namespace opensips::perl
