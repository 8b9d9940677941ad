#!/bin/sh
# Usage: debootstrap-check.sh [--keep] [--suite SUITE] [--target TARGET] [DIR]
# Makes a bare Debian with git and make in DIR (default: a temporary one), clones HEAD into it and
# runs `make TARGET` there (default: check). Mirror and proxy are those of the apt of this machine.
# Needs root and debootstrap.
set -eu
suite=$(. /etc/os-release; echo "$VERSION_CODENAME") target=check keep= dir=
while test $# -gt 0; do
  case $1 in
    --keep) keep=1 ;;
    --suite) suite=$2; shift ;;
    --target) target=$2; shift ;;
    -*) sed -n '2,5s/^# //p' "$0"; exit 2 ;;
    *) dir=$1 ;;
  esac
  shift
done
test "$(id -u)" = 0 || { echo "$0: needs root" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "$0: needs debootstrap" >&2; exit 1; }
source=$(cd "$(dirname "$0")/.." && pwd)
dir=$(realpath "${dir:-$(mktemp -d)}")
root=$dir/root
mkdir -p "$root"

mounted=
finish() {
  for m in $mounted; do umount -l "$root/$m"; done
  test -n "$keep" || rm -rf --one-file-system "$root"
  test -n "$keep" || rmdir --ignore-fail-on-non-empty "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM

# The mirror is the first repository apt knows for this suite; apt's own settings go along.
mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
         awk -v suite="$suite" '$2 == suite { print $1; exit }')
test -n "$mirror" || { echo "$0: apt has no repository of $suite" >&2; exit 1; }
http_proxy=${http_proxy-} https_proxy=${https_proxy-}
eval "$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy)"
export http_proxy https_proxy
include=git,make
case $mirror in https:*) include=$include,ca-certificates ;; esac

if test ! -e "$root/etc/debian_version"; then
  echo "debootstrap $suite into $root"
  debootstrap --variant=minbase --include=$include "$suite" "$root" "$mirror" >"$dir/debootstrap.log" 2>&1 ||
    { tail -20 "$dir/debootstrap.log" >&2; exit 1; }
  rm -f "$dir/debootstrap.log"
fi
rm -f "$root"/etc/apt/sources.list
cp -rL /etc/apt/sources.list* "$root/etc/apt/"
apt-config dump | grep -i '^Acquire::' >"$root/etc/apt/apt.conf.d/99host"
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"

rm -rf "$root/src"
git clone -q "$source" "$root/src"
mount -t proc proc "$root/proc"; mounted="proc $mounted"
for m in sys dev; do mount --rbind /$m "$root/$m"; mount --make-rslave "$root/$m"; mounted="$m $mounted"; done
mkdir -p "$root/dev/shm"

echo "make $target of $(git -C "$source" rev-parse --short HEAD), log in $dir/check.log"
status=0
chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/ TERM=dumb LANG=C.UTF-8 \
  http_proxy="$http_proxy" https_proxy="$https_proxy" \
  make -C /src "$target" >"$dir/check.log" 2>&1 || status=$?
grep -E '^[0-9]+ passed, [0-9]+ failed$' "$dir/check.log" | tail -1 | grep . || tail -5 "$dir/check.log"
test $status = 0 || { keep=1; echo "failed; everything is kept in $dir" >&2; }
test -n "$keep" || rm -f "$dir/check.log"
exit $status
