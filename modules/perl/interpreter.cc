#include "perl/interpreter.hh"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "perl/bindings.hh"
#include "perl/convert.hh"
#include "perl/prelude.hh"
#include "perl/runtime.hh"

#include "perl/perl_headers.hh"

EXTERN_C void boot_DynaLoader(pTHX_ CV* cv);

namespace opensips::perl {
namespace {

void start_modules(pTHX) {
  static char file[] = "opensips";
  newXS("DynaLoader::boot_DynaLoader", boot_DynaLoader, file);
}

/// What Perl calls where it would handle a signal that came meanwhile.
void stop_here(pTHX) {
  Perl_croak(aTHX_ "stopped, it ran for too long");
}

/// %SIG keeps its hooks for warnings and errors; the rest of it is a hash like any other.
void leave_signals_alone(pTHX) {
  HV* const hash = get_hv("SIG", GV_ADD);
  for (const char* const name : {"__WARN__", "__DIE__"})
    static_cast<void>(hv_fetch(hash, name, static_cast<I32>(strlen(name)), 1));
  hv_iterinit(hash);
  while (HE* const entry = hv_iternext(hash)) {
    if (HePV(entry, PL_na)[0] != '_') sv_unmagic(HeVAL(entry), PERL_MAGIC_sigelem);
  }
  sv_unmagic(reinterpret_cast<SV*>(hash), PERL_MAGIC_sig);
}

/// Does the work where an error that nothing has caught, or an exit of a module in C, ends only
/// that. False if one did.
bool guarded(pTHX_ const std::function<void()>& work) {
  const I32 scope = PL_scopestack_ix;
  dJMPENV;
  int left = 0;
  JMPENV_PUSH(left);
  if (left == 0) {
    work();
  } else {
    dounwind(-1);
    while (PL_scopestack_ix > scope) LEAVE;
    FREETMPS;
  }
  JMPENV_POP;
  return left == 0;
}

SV* ctx_of(pTHX_ const Data& data) {
  return std::holds_alternative<Data::Map>(data.any) ? write(aTHX_ data)
                                                     : newRV_noinc(reinterpret_cast<SV*>(newHV()));
}

/// An error may be as long as a script likes: it begins with what, and ends with where.
std::string shortened(std::string_view error) {
  constexpr std::size_t kBegin = 768, kEnd = 256;
  error = error.substr(0, error.find_last_not_of(" \r\n") + 1);
  if (error.size() <= kBegin + kEnd) return std::string(error);
  return fmt::format("{} … {}", error.substr(0, kBegin), error.substr(error.size() - kEnd));
}

constexpr std::string_view kGone = "perl has ended what it ran";

}  // namespace

/// What an interpreter has beside Perl's own.
struct Interpreter::Host {
  explicit Host(const Script& script)
      : program(*script.functions, script.version, script.events ? *script.events : kNone),
        bindings(program, script.events != nullptr) {}
  static inline const manage::EventTypes kNone;
  ScriptProgram program;
  Bindings bindings;
};

std::string with_place_first(std::string_view text) {
  constexpr std::string_view kAt = " at ", kLine = " line ";
  const auto line = text.substr(0, text.find('\n'));
  for (auto at = line.find(kAt); at != line.npos; at = line.find(kAt, at + 1)) {
    auto rest = line.substr(at + kAt.size());
    const auto file = rest.substr(0, rest.find(' '));
    rest.remove_prefix(file.size());
    if (file.empty() || !rest.starts_with(kLine)) continue;
    rest.remove_prefix(kLine.size());
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc()) continue;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return fmt::format("{}:{}: {}{}", file, number, line.substr(0, at), rest == "." ? "" : rest);
  }
  return std::string(text);
}

Interpreter::Interpreter(Script script)
    : script_(std::move(script)), host_(std::make_unique<Host>(script_)) {
  begin_perl();
  PerlInterpreter* const my_perl = perl_ = perl_alloc();
  PERL_SET_CONTEXT(my_perl);
  PL_perl_destruct_level = 2;
  perl_construct(my_perl);
  PL_perl_destruct_level = 2;
  PL_origalen = 1;  // $0 is not the server's
  PL_signalhook = stop_here;
}

Interpreter::~Interpreter() {
  end();
  PerlInterpreter* const my_perl = perl_;
  PERL_SET_CONTEXT(my_perl);
  perl_free(my_perl);
}

void Interpreter::end() {
  if (std::exchange(has_ended_, true)) return;
  PerlInterpreter* const my_perl = perl_;
  PERL_SET_CONTEXT(my_perl);
  Bindings* const before = std::exchange(current_bindings, &host_->bindings);
  host_->bindings.is_ending = true;
  // What an interrupt came too late for is not stopped here.
  __atomic_store_n(&PL_sig_pending, 0, __ATOMIC_RELAXED);
  perl_destruct(my_perl);
  current_bindings = before;
}

std::expected<void, std::string> Interpreter::load(bool only_checked) {
  PerlInterpreter* const my_perl = perl_;
  PERL_SET_CONTEXT(my_perl);
  Bindings* const before = std::exchange(current_bindings, &host_->bindings);
  std::expected<void, std::string> loaded =
      std::unexpected(fmt::format("{}: {}", script_.file, kGone));
  guarded(aTHX_[&] { loaded = load_in_perl(only_checked); });
  current_bindings = before;
  return loaded;
}

std::expected<void, std::string> Interpreter::load_in_perl(bool only_checked) {
  PerlInterpreter* const my_perl = perl_;
  std::vector<std::string> words{"opensips"};
  for (const auto& path : script_.paths) words.push_back("-I" + path);
  words.insert(words.end(), {"-e", "0"});
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  if (perl_parse(my_perl, start_modules, static_cast<int>(words.size()), argv.data(), nullptr) != 0)
    return std::unexpected(script_.file + ": perl does not start");
  leave_signals_alone(aTHX);
  if (!only_checked) PL_exit_flags |= PERL_EXIT_DESTRUCT_END;  // END blocks run in end()
  host_->bindings.install(my_perl);
  const auto run = [&](const std::string& text) {
    ENTER;
    SAVETMPS;
    eval_sv(sv_2mortal(newSVpvn(text.data(), text.size())), G_VOID | G_DISCARD);
    const std::string problem = error_text();
    FREETMPS;
    LEAVE;
    return problem;
  };
  if (const auto problem = run(prelude()); !problem.empty())
    return std::unexpected(script_.file + ": " + problem);
  sv_setpv(get_sv("0", GV_ADD), script_.file.c_str());
  // A return in front: what follows is compiled all the same.
  const auto problem = run(fmt::format("{}\n#line 1 \"{}\"\n{}", only_checked ? "return 1;" : "",
                                       script_.file, script_.text));
  if (problem.empty()) return {};
  const auto placed = with_place_first(problem);
  return std::unexpected(placed == problem ? script_.file + ": " + problem : placed);
}

bool Interpreter::has(std::string_view function) const {
  PerlInterpreter* const my_perl = perl_;
  PERL_SET_CONTEXT(my_perl);
  CV* const code = get_cvn_flags(function.data(), function.size(), 0);
  return code && (CvROOT(code) || CvXSUB(code));
}

const ScriptProgram::Named& Interpreter::named() const {
  return host_->program.named();
}

/// $@ as text of some 1 KB at most, of the eval just now; empty if it is none.
std::string Interpreter::error_text() const {
  PerlInterpreter* const my_perl = perl_;
  SV* const error = ERRSV;
  if (!SvROK(error)) return SvTRUE_NN(error) ? shortened(SvPV_nolen(error)) : std::string();
  // An object's text is made by code of its own, which may die too, but is not to be stopped.
  __atomic_store_n(&PL_sig_pending, 0, __ATOMIC_RELAXED);
  std::string text = "an error that is no text";
  dSP;
  ENTER;
  SAVETMPS;
  PUSHMARK(SP);
  XPUSHs(sv_2mortal(newSVsv(error)));
  PUTBACK;
  const int count = call_pv("OpenSIPS::error_text", G_SCALAR | G_EVAL);
  SPAGAIN;
  SV* const answer = count == 1 ? POPs : &PL_sv_undef;
  if (SvPOK(answer)) text = shortened(SvPV_nolen(answer));
  PUTBACK;
  FREETMPS;
  LEAVE;
  return text;
}

Outcome Interpreter::call(const Request& request) {
  PerlInterpreter* const my_perl = perl_;
  PERL_SET_CONTEXT(my_perl);
  // An interrupt of the call before may have come too late for it.
  __atomic_store_n(&PL_sig_pending, 0, __ATOMIC_RELAXED);
  Bindings& bindings = host_->bindings;
  Bindings* const before = std::exchange(current_bindings, &bindings);
  if (request.copy && request.copy->has_request())
    bindings.replica = std::make_unique<routing::Replica>(*request.copy);
  bindings.worker = request.worker ? &*request.worker : nullptr;
  bindings.known.reset();
  bindings.decides = request.decides;
  bindings.ctx = ctx_of(aTHX_ request.ctx);
  Outcome outcome;
  outcome.error = kGone;
  guarded(aTHX_[&] { call_in_perl(request, outcome); });
  SvREFCNT_dec(std::exchange(bindings.ctx, nullptr));
  outcome.actions = std::exchange(bindings.actions, {});
  if (bindings.replica) outcome.changes = bindings.replica->changes();
  bindings.replica.reset();
  bindings.worker = nullptr;
  __atomic_store_n(&PL_sig_pending, 0, __ATOMIC_RELAXED);
  current_bindings = before;
  return outcome;
}

void Interpreter::call_in_perl(const Request& request, Outcome& outcome) {
  PerlInterpreter* const my_perl = perl_;
  const Bindings& bindings = host_->bindings;
  dSP;
  ENTER;
  SAVETMPS;
  PUSHMARK(SP);
  EXTEND(SP, static_cast<SSize_t>(request.arguments.size()) + 1);
  PUSHs(bindings.replica ? sv_2mortal(write(my_perl, Data{bindings.replica->request()}))
                         : &PL_sv_undef);
  for (const Data& one : request.arguments) PUSHs(sv_2mortal(write(my_perl, one)));
  PUTBACK;
  const int count = call_pv(request.function.c_str(), G_SCALAR | G_EVAL);
  SPAGAIN;
  SV* const result = count == 1 ? POPs : &PL_sv_undef;
  PUTBACK;
  outcome.error = error_text();
  if (outcome.error.empty() && !read(my_perl, result, outcome.result, outcome.problem))
    outcome.result = {};
  std::string problem;
  if (!read(my_perl, bindings.ctx, outcome.ctx, problem) && outcome.problem.empty())
    outcome.problem = "ctx: " + problem;
  FREETMPS;
  LEAVE;
}

void Interpreter::interrupt() {
  PerlInterpreter* const my_perl = perl_;
  __atomic_store_n(&PL_sig_pending, 1, __ATOMIC_RELAXED);
}

}  // namespace opensips::perl
