#include "perl/runtime.hh"

#include <dlfcn.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <initializer_list>

#include "perl/perl_headers.hh"

namespace opensips::perl {
namespace {

OP* refuse(pTHX) {
  return Perl_die(aTHX_ "%s is refused here, it is about the whole server; expected a return",
                  PL_op_desc[PL_op->op_type]);
}

/// Code is compiled to what stands in this table.
void refuse_what_is_about_the_process() {
  for (const auto op : {OP_EXIT, OP_DUMP, OP_FORK, OP_EXEC, OP_SYSTEM, OP_WAIT, OP_WAITPID, OP_KILL,
                        OP_ALARM, OP_CHDIR, OP_CHROOT, OP_UMASK, OP_SETPGRP, OP_SETPRIORITY}) {
    PL_ppaddr[op] = refuse;
  }
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
