#include "perl/runtime.hh"

#include <dlfcn.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "perl/perl_headers.hh"

namespace opensips::perl {
namespace {

OP* refuse(pTHX) {
  return Perl_die(aTHX_ "%s is refused here, it is about the whole server; expected a return",
                  PL_op_desc[PL_op->op_type]);
}

/// Whether open() with that mode, or with that and nothing else (`is_alone`), begins a program.
bool is_pipe(std::string_view mode, bool is_alone) {
  constexpr std::string_view kSpace = " \t\n\v\f\r";
  if (!is_alone) return mode.find('|') != mode.npos;
  const auto begin = mode.find_first_not_of("+ \t\n\v\f\r");
  return begin != mode.npos && (mode[begin] == '|' || mode[mode.find_last_not_of(kSpace)] == '|');
}

Perl_ppaddr_t open_of_perl;

/// The open() of Perl, for all but pipes to programs. What it is told is made a text here, so that
/// an object does not say one thing now and another then.
OP* open_no_program(pTHX) {
  const SSize_t mark = *PL_markstack_ptr;
  const SSize_t count = PL_stack_sp - PL_stack_base - mark;
  SV* const handle = PL_stack_base[mark + 1];
  SV* given = nullptr;
  if (count > 1)
    given = PL_stack_base[mark + 2];
  else if (count == 1 && isGV_with_GP(handle))
    given = GvSV(reinterpret_cast<GV*>(handle));  // `open FILE` takes $FILE
  if (!given || !SvOK(given)) return open_of_perl(aTHX);
  STRLEN size = 0;
  const char* const text = SvPV(given, size);
  if (is_pipe({text, size}, count < 3))
    return Perl_die(aTHX_ "a pipe to a program is refused here, it forks the whole server");
  if (count > 1)
    PL_stack_base[mark + 2] = newSVpvn_flags(text, size, SVs_TEMP | (SvUTF8(given) ? SVf_UTF8 : 0));
  return open_of_perl(aTHX);
}

/// Code is compiled to what stands in this table.
void refuse_what_is_about_the_process() {
  for (const auto op :
       {OP_EXIT, OP_DUMP, OP_FORK, OP_EXEC, OP_SYSTEM, OP_BACKTICK, OP_SYSCALL, OP_WAIT, OP_WAITPID,
        OP_KILL, OP_ALARM, OP_CHDIR, OP_CHROOT, OP_UMASK, OP_SETPGRP, OP_SETPRIORITY}) {
    PL_ppaddr[op] = refuse;
  }
  open_of_perl = std::exchange(PL_ppaddr[OP_OPEN], open_no_program);
}

/// Perl's modules in C do not name the library that they need: it has to be there for all.
void show_library() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&perl_alloc), &info) != 0)
    dlopen(info.dli_fname, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD);
}

}  // namespace

void leave_locale_alone() {
  setenv("PERL_SKIP_LOCALE_INIT", "1", 1);
}

void begin_perl() {
  static const bool begun = [] {
    show_library();
    static char name[] = "opensips";
    static char* words[] = {name, nullptr};
    static char** argv = words;
    static int argc = 1;
    struct sigaction before;
    sigaction(SIGFPE, nullptr, &before);
    PERL_SYS_INIT3(&argc, &argv, &environ);
    sigaction(SIGFPE, &before, nullptr);
    // Only the first interpreter of a process may change its environment.
    PerlInterpreter* const my_perl = perl_alloc();
    PERL_SET_CONTEXT(my_perl);
    perl_construct(my_perl);
    refuse_what_is_about_the_process();
    return true;
  }();
  static_cast<void>(begun);
}

}  // namespace opensips::perl
