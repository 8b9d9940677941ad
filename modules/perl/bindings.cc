#include "perl/bindings.hh"

#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "perl/coerce.hh"
#include "perl/convert.hh"

// Perl leaves a sub that dies by longjmp(), which runs no destructors: so what is C++ has ended
// when one here dies. They are made of two halves therefore: `work`, which never dies, and enter().
#include "perl/perl_headers.hh"

namespace opensips::perl {
namespace {

using routing::Function;
using routing::Object;
using routing::ObjectKind;
using routing::Value;

/// What a sub has to give back: values on Perl's stack, or what it dies of.
struct Answer {
  SV* values[2] = {};
  int count = 0;
  SV* error = nullptr;
};

using Arguments = std::span<SV* const>;
using Work = void (*)(pTHX_ const Bindings::Bound* bound, Arguments given, Answer& answer);

void die(pTHX_ Answer& answer, std::string_view why) {
  answer.error = sv_2mortal(newSVpvn(why.data(), why.size()));
}

void give(pTHX_ Answer& answer, SV* value) {
  answer.values[answer.count++] = sv_2mortal(value);
}

void refuse(pTHX_ const Bindings::Bound*, Arguments, Answer& answer) {
  die(aTHX_ answer, "of OpenSIPS:: there is but log when the script ends");
}

/// `kAtEnd`: what it does while the interpreter ends.
template <Work kWork, Work kAtEnd = refuse>
void enter(pTHX_ CV* cv) {
  dXSARGS;
  for (SSize_t i = 0; i < items; ++i) SvGETMAGIC(ST(i));
  Answer answer;
  const Work work = current_bindings->is_ending ? kAtEnd : kWork;
  work(aTHX_ static_cast<const Bindings::Bound*>(CvXSUBANY(cv).any_ptr),
       {&ST(0), static_cast<std::size_t>(items)}, answer);
  if (answer.error) croak("%" SVf, SVfARG(answer.error));
  if (answer.count > items) EXTEND(SP, answer.count - items);
  for (int i = 0; i < answer.count; ++i) ST(i) = answer.values[i];
  XSRETURN(answer.count);
}

/// The arguments of a call, converted, and as a row takes them.
struct Converted {
  std::vector<Data> owned;
  std::vector<Value> views;
};

bool convert(pTHX_ const Function& row, Arguments given, Converted& to, Answer& answer) {
  to.owned.resize(given.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    std::string why;
    if (read(aTHX_ given[i], to.owned[i], why)) {
      if (i < row.types.size()) coerce(row.types[i], to.owned[i]);
      continue;
    }
    die(aTHX_ answer, fmt::format("{}: argument {} {}", row.full_name(), i + 1, why));
    return false;
  }
  for (const Data& one : to.owned) to.views.push_back(view_of(one));
  return true;
}

/// Whether the message that an object is of is here.
bool is_here(const Object& object) {
  const auto& replica = current_bindings->replica;
  if (!object.run) return true;
  if (!replica || replica->request().run != object.run) return false;
  return object.response == Object::kRequest || object.response < replica->responses();
}

std::optional<Object> self_of(pTHX_ const Function& row, Arguments given, Answer& answer) {
  Data self;
  std::string why;
  const Object* object = nullptr;
  if (!given.empty() && SvROK(given[0]) && read(aTHX_ given[0], self, why))
    object = std::get_if<Object>(&self.any);
  if (!object || object->kind != row.object) {
    die(aTHX_ answer, fmt::format("{} is called without its object", row.full_name()));
  } else if (!is_here(*object)) {
    die(aTHX_ answer, fmt::format("{}: this request has ended", row.full_name()));
  } else {
    return *object;
  }
  return std::nullopt;
}

void deliver(pTHX_ const Value& value, Answer& answer) {
  if (const auto* const misuse = value.get<routing::Misuse>())
    return die(aTHX_ answer, misuse->text);
  if (const auto* const problem = value.get<routing::Problem>()) {
    give(aTHX_ answer, newSV(0));
    if (GIMME_V == G_LIST) give(aTHX_ answer, write(aTHX_ Value(problem->text)));
    return;
  }
  give(aTHX_ answer, write(aTHX_ value));
}

/// On the worker: what is not done here.
void ask(pTHX_ const Function& row, const Object& self, Converted arguments, Answer& answer) {
  const auto told = current_bindings->ask(row, self, std::move(arguments.owned), [my_perl] {
    return __atomic_load_n(&PL_sig_pending, __ATOMIC_RELAXED) != 0;
  });
  if (!told) return die(aTHX_ answer, told.error());
  give(aTHX_ answer, write(aTHX_ told->value));
  if (told->problem && GIMME_V == G_LIST)
    give(aTHX_ answer, write(aTHX_ Value(std::string_view(*told->problem))));
}

void call_row(pTHX_ const Function& row, const Object& self, Arguments given, Answer& answer) {
  Bindings& bindings = *current_bindings;
  Converted arguments;
  if (!convert(aTHX_ row, given, arguments, answer)) return;
  if (!routing::works_on_replicas(row)) return ask(aTHX_ row, self, std::move(arguments), answer);
  if (!bindings.replica && !(row.places & routing::kTopLevel))
    return die(aTHX_ answer, row.full_name() + " needs a request");
  const Value value = routing::call_on_replica(bindings.replica.get(), row, self, arguments.views,
                                               bindings.program);
  deliver(aTHX_ value, answer);
  bindings.program.forget();
}

void plain(pTHX_ const Bindings::Bound* bound, Arguments given, Answer& answer) {
  call_row(aTHX_ * bound->row, {}, given, answer);
}

/// OpenSIPS::log while the interpreter ends: the row is the core's, which stays; what makes text of
/// an object may have gone.
void log_at_end(pTHX_ const Bindings::Bound* bound, Arguments given, Answer& answer) {
  if (std::ranges::any_of(given, [](SV* one) { return SvROK(one); }))
    return die(aTHX_ answer, "OpenSIPS::log: there is but text when the script ends");
  call_row(aTHX_ * bound->row, {}, given, answer);
}

void method(pTHX_ const Bindings::Bound* bound, Arguments given, Answer& answer) {
  if (const auto self = self_of(aTHX_ * bound->row, given, answer))
    call_row(aTHX_ * bound->row, *self, given.subspan(1), answer);
}

/// Reads the field, or with an argument assigns it.
void field(pTHX_ const Bindings::Bound* bound, Arguments given, Answer& answer) {
  const auto self = self_of(aTHX_ * bound->row, given, answer);
  if (!self) return;
  const Function* const row = given.size() > 1 ? bound->setter : bound->row;
  if (!row) return die(aTHX_ answer, fmt::format("{} cannot be assigned", bound->row->full_name()));
  call_row(aTHX_ * row, *self, given.subspan(1), answer);
}

/// tostring() gets two arguments more from Perl's overloading.
void text(pTHX_ const Bindings::Bound* bound, Arguments given, Answer& answer) {
  if (const auto self = self_of(aTHX_ * bound->row, given, answer))
    call_row(aTHX_ * bound->row, *self, {}, answer);
}

/// "route.pl:12"
std::string place(pTHX) {
  return fmt::format("{}:{}", CopFILE(PL_curcop) ? CopFILE(PL_curcop) : "?", CopLINE(PL_curcop));
}

void note(pTHX_ const Function& row, const Object& self, Arguments given, std::string then,
          Answer& answer) {
  Bindings& bindings = *current_bindings;
  if (!bindings.decides) {
    return die(aTHX_ answer,
               row.full_name() + ": what becomes of the request is not for this function to say");
  }
  Converted arguments;
  if (!convert(aTHX_ row, given, arguments, answer)) return;
  bindings.actions.push_back(
      {&row, self, std::move(arguments.owned), then, std::move(then), place(aTHX)});
  give(aTHX_ answer, newSViv(1));
}

/// Something to be done with the request when the handler has ended.
void act(pTHX_ const Bindings::Bound* bound, Arguments given, Answer& answer) {
  if (const auto self = self_of(aTHX_ * bound->row, given, answer))
    note(aTHX_ * bound->row, *self, given.subspan(1), {}, answer);
}

std::string text_of(pTHX_ SV* from) {
  Data data;
  std::string why;
  if (!read(aTHX_ from, data, why)) return {};
  const auto* const owned = std::get_if<std::string>(&data.any);
  return owned ? *owned : std::string();
}

/// OpenSIPS::follow($on_reply, $on_failure): of the last action.
void follow(pTHX_ const Bindings::Bound*, Arguments given, Answer& answer) {
  auto& actions = current_bindings->actions;
  if (given.size() != 2 || actions.empty()) return die(aTHX_ answer, "nothing to follow");
  actions.back().on_reply = text_of(aTHX_ given[0]);
  actions.back().on_failure = text_of(aTHX_ given[1]);
}

/// The object whose method it is, in front of its arguments; what has none is a plain function.
std::optional<Object> self_of_later(pTHX_ const Function& row, Arguments& given, Answer& answer) {
  if (row.kind != Function::Kind::method || !class_of(row.object))
    return Object{.kind = row.object};
  const auto self = self_of(aTHX_ row, given, answer);
  if (self) given = given.subspan(1);
  return self;
}

/// OpenSIPS::later($handler, $function, @arguments)
void later(pTHX_ const Bindings::Bound*, Arguments given, Answer& answer) {
  const auto handler = given.size() < 2 ? std::string() : text_of(aTHX_ given[0]);
  if (handler.empty())
    return die(aTHX_ answer, "OpenSIPS::later: expected a handler's name and a function's");
  const auto name = text_of(aTHX_ given[1]);
  const Function* const row = current_bindings->find_waiting(name);
  if (!row) {
    return die(aTHX_ answer,
               fmt::format("OpenSIPS::later: there is no function {:.80} that waits", name));
  }
  given = given.subspan(2);
  if (const auto self = self_of_later(aTHX_ * row, given, answer))
    note(aTHX_ * row, *self, given, handler, answer);
}

/// OpenSIPS::on_event($name, $handler) and OpenSIPS::every($time, $handler, $options): the
/// handler's name stands for the function of Lua's.
void name_handler(pTHX_ const Bindings::Bound* bound, Arguments given, Answer& answer) {
  constexpr std::size_t kHandler = 1;
  const Function& row = *bound->row;
  Bindings& bindings = *current_bindings;
  if (bindings.worker || !bindings.has_handlers()) {
    return die(aTHX_ answer, row.full_name() + " is for the top level of a routing script");
  }
  Converted arguments;
  if (!convert(aTHX_ row, given, arguments, answer)) return;
  if (arguments.owned.size() > kHandler) {
    const auto* const name = std::get_if<std::string>(&arguments.owned[kHandler].any);
    if (!name) return die(aTHX_ answer, row.full_name() + ": expected the name of a function");
    arguments.views[kHandler] = bindings.program.add_callback(*name);
  }
  routing::Call call{row, bindings.program, nullptr, nullptr, {}};
  deliver(aTHX_ row.thunk(call, arguments.views), answer);
}

/// What handlers of one request leave to the next.
void ctx(pTHX_ const Bindings::Bound*, Arguments, Answer& answer) {
  SV* const kept = current_bindings->ctx;
  if (!kept) return die(aTHX_ answer, "OpenSIPS::Request::ctx: this request has ended");
  give(aTHX_ answer, newSVsv(kept));
}

std::string package_of(const routing::FunctionTable& functions, const Function& row) {
  if (const char* const name = class_of(row.object)) return name;
  auto table = functions.name(row.object);
  if (table == "sip") return "OpenSIPS";
  if (table.starts_with("sip.")) table.remove_prefix(4);
  return fmt::format("OpenSIPS::{}", table);
}

/// What has to be done where the request is, and says what becomes of it: it is noted.
bool is_action(const Function& row) {
  const bool is_of_message =
      row.object == ObjectKind::request || row.object == ObjectKind::response;
  return is_of_message && row.kind == Function::Kind::method && !routing::works_on_replicas(row) &&
         row.name != "create_dialog";
}

/// It names handlers that Perl has, too, and needs no server for that.
bool names_a_handler(const Function& row) {
  return row.object == ObjectKind::sip && (row.name == "on_event" || row.name == "every");
}

}  // namespace

void Bindings::define(interpreter* my_perl, const std::string& name, const Function& row,
                      void (*sub)(interpreter*, cv*)) {
  Bound& bound = bound_.emplace_back(Bound{&row});
  CV* const code = newXS(name.c_str(), sub, "opensips");
  CvXSUBANY(code).any_ptr = &bound;
}

void Bindings::install_row(interpreter* my_perl, const Function& row) {
  using enum Function::Kind;
  const std::string package = package_of(program.functions(), row);
  const std::string name = fmt::format("{}::{}", package, row.name);
  const bool has_class = class_of(row.object) != nullptr;
  if (row.object == ObjectKind::sip && row.name == "log")
    return define(my_perl, name, row, enter<plain, log_at_end>);
  if (is_action(row)) return define(my_perl, name, row, enter<act>);
  if (names_a_handler(row)) return define(my_perl, name, row, enter<name_handler>);
  if (!routing::works_on_replicas(row) && !can_be_asked(row)) return;
  if (!has_class && row.kind != function && row.kind != getter) return;  // an object of a module's
  switch (row.kind) {
    case setter: {
      // It stands right behind its getter.
      const bool is_read = !bound_.empty() && bound_.back().row->name == row.name;
      if (is_read) bound_.back().setter = &row;
      return;
    }
    case method: return define(my_perl, name, row, enter<perl::method>);
    case text: return define(my_perl, name, row, enter<perl::text>);
    case getter: return define(my_perl, name, row, has_class ? enter<field> : enter<plain>);
    case element: return define(my_perl, package + "::get", row, enter<perl::method>);
    case set_element: return define(my_perl, package + "::set", row, enter<perl::method>);
    default: return define(my_perl, name, row, enter<plain>);
  }
}

void Bindings::install(interpreter* my_perl) {
  const auto& functions = program.functions();
  for (unsigned kind = 0; kind < functions.kinds(); ++kind) {
    for (const Function& row : functions.rows(static_cast<ObjectKind>(kind)))
      install_row(my_perl, row);
  }
  newXS("OpenSIPS::follow", enter<follow>, "opensips");
  newXS("OpenSIPS::later", enter<later>, "opensips");
  newXS("OpenSIPS::Request::ctx", enter<perl::ctx>, "opensips");
}

const Function* Bindings::find_waiting(std::string_view full_name) const {
  const auto& functions = program.functions();
  for (unsigned kind = 0; kind < functions.kinds(); ++kind) {
    const auto object = static_cast<ObjectKind>(kind);
    for (const Function& row : functions.rows(object)) {
      if (row.waits && row.full_name() == full_name) return &row;
    }
  }
  return nullptr;
}

std::expected<Asking::Answer, std::string> Bindings::ask(const Function& row, const Object& self,
                                                         std::vector<Data> arguments,
                                                         const std::function<bool()>& is_over) {
  if (!worker) return std::unexpected(row.full_name() + " needs the server, and is for handlers");
  Asking::Question question{&row, self, std::move(arguments), {}};
  if (replica) {
    auto now = replica->changes();
    if (now != known) question.changes = now;
    known = std::move(now);
  }
  auto answer = worker->ask(std::move(question), is_over);
  if (!answer || !replica) return answer;
  if (answer->changes) {
    replica->apply(*answer->changes);
    known = std::move(answer->changes);
  }
  replica->set_state(answer->answered, answer->cancelled);
  return answer;
}

}  // namespace opensips::perl
