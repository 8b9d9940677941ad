#!/bin/sh
# Usage: distcheck.sh TARBALL DIR: builds, tests, installs, uninstalls and cleans what the tarball holds, in DIR.
set -eu
tarball=$(realpath "$1") dir=$2
fail() { echo "distcheck: $*" >&2; exit 1; }
unlock() { test ! -d "$dir" || chmod -R u+w "$dir"; }
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL DESTDIR

unlock; rm -rf "$dir"; mkdir -p "$dir/build"; cd "$dir"
trap unlock EXIT
tar -xzf "$tarball"
source=$(echo "$dir"/opensips-*)
chmod -R a-w "$source"
(cd "$source" && find . | sort) >before

cd build
"$source/configure" --prefix=/usr --sysconfdir=/etc
make
export TOGETHER=  # now each file by itself, with all warnings: it includes what it needs
make WERROR=1
make WERROR=1 tests
for t in unit model; do
  if test -x t/$t; then (cd "$source" && "$dir/build/t/$t" --gtest_brief=1); fi
done
make install DESTDIR="$dir/root"
for f in usr/sbin/opensips etc/opensips/opensips.cfg usr/lib/systemd/system/opensips.service \
  usr/include/opensips/module/module.hh usr/include/opensips/abi.h usr/lib/pkgconfig/opensips.pc; do
  test -f "$dir/root/$f" || fail "install did not write $f"
done
make uninstall DESTDIR="$dir/root"
left=$(find "$dir/root" -type f); test -z "$left" || fail "uninstall left $left"
make dist
tar -tzf opensips-*.tar.gz | sort >"$dir/again"
tar -tzf "$tarball" | sort | cmp - "$dir/again" || fail "the tarball's own tarball differs"
make distclean
left=$(find . -type f); test -z "$left" || fail "distclean left $left"
(cd "$source" && find . | sort) | cmp - "$dir/before" || fail "the build wrote into the source tree"

cd /; unlock; rm -rf "$dir"
echo "distcheck: $(basename "$tarball") is good"
