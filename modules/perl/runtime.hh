#pragma once

/// Perl in this process: one for all interpreters, begun once and never ended.
namespace opensips::perl {

/// So that Perl does not set the locale of the process. While there is one thread.
void leave_locale_alone();

/// Begins Perl, the first time. From then on the server's signals, environment, and its life are
/// none of Perl's: an interpreter that does nothing owns the environment, and what ends or changes
/// the whole process is refused in all of them (`exit`, `fork`, `kill`, `chdir` …). Control thread.
void begin_perl();

}  // namespace opensips::perl
