#!/bin/sh
# Usage: dozen.sh FILE.cc...: writes one source that compiles those files together (TOGETHER in the Makefile).
# In each the unnamed namespace holds one with the file's name, in which its own names come first. What is behind it is
# told to look there as well (in a test nothing is), and would take a neighbour's overload if that fitted better: what is
# called from there has a name of its own. Names that it uses and many files have, get the file's name too.
set -e
everybodys="kRows kUsage kFunctions kRetry kBegin"
for file; do
  name=${file##*/} name=${name%.cc} look=
  case $name in *_test | *_bench) ;; *) look=" using namespace ${name}_cc;" ;; esac
  for of in $everybodys; do echo "#define $of ${of}_$name"; done
  echo "# 1 \"$file\""
  sed "s/^namespace {\$/namespace { namespace ${name}_cc {/; s|^}  // namespace\$|}}$look|" "$file"
  for of in $everybodys; do echo "#undef $of"; done
done
