#!/bin/sh
# Usage: dozen.sh FILE.cc...: writes one source that compiles those files together (TOGETHER in the Makefile).
# What tests call the same in files of their own stays apart: the unnamed namespace of a test or benchmark gets its
# file's name. Other files are included; of what nearly each of them has, each has its own.
set -e
everybodys="kRows kSip"
for file; do
  name=${file##*/} name=${name%.cc}
  case $name in
    *_test | *_bench)
      echo "# 1 \"$file\""
      sed "s/^namespace {\$/namespace $name {/" "$file" ;;
    *)
      for of in $everybodys; do echo "#define $of ${of}_$name"; done
      echo "#include \"$file\""
      for of in $everybodys; do echo "#undef $of"; done ;;
  esac
done
