#!/bin/sh
# Usage: deps.sh build|test|bench: installs what building, testing or benchmarking needs and is not
# there, through the system's package manager. Does nothing when all is there. With what is new a
# module may be built that was left out: the build in $B (build) is then configured again.
set -eu
case ${1-} in
  build | test | bench) level=$1 ;;
  *) echo "usage: $0 build|test|bench" >&2; exit 2 ;;
esac

debian= fedora= suse=
# need COMMAND DEBIAN FEDORA SUSE: the packages to install when COMMAND fails; - for none.
need() {
  if sh -c "$1" >/dev/null 2>&1; then return; fi
  debian="$debian $2" fedora="$fedora $3" suse="$suse $4"
}
have() { need "command -v $1" "$2" "$3" "$4"; }
library() { need "pkg-config --exists '$1'" "$2" "$3" "$4"; }

have "${CXX:-g++}"    g++                gcc-c++               gcc-c++
have make             make               make                  make
have autoconf         autoconf           autoconf              autoconf
have aclocal          automake           automake              automake
have pkg-config       pkg-config         pkgconf-pkg-config    pkg-config
library "libevent_core libevent_pthreads" libevent-dev libevent-devel libevent-devel
library luajit        libluajit-5.1-dev  luajit-devel          luajit-devel
library spdlog        libspdlog-dev      spdlog-devel          spdlog-devel
library fmt           libfmt-dev         fmt-devel             fmt-devel
library nlohmann_json nlohmann-json3-dev json-devel           nlohmann_json-devel
library "openssl >= 3.0" libssl-dev    openssl-devel         libopenssl-3-devel
need "ls /usr/include/wslay/wslay.h" libwslay-dev wslay-devel  wslay-devel
library libcares      libc-ares-dev      c-ares-devel          c-ares-devel
library libcurl       libcurl4-openssl-dev libcurl-devel       libcurl-devel
library libpcre2-8    libpcre2-dev       pcre2-devel           pcre2-devel
library sqlite3       libsqlite3-dev     sqlite-devel          sqlite3-devel
library libmariadb    libmariadb-dev     mariadb-connector-c-devel libmariadb-devel
library "hiredis >= 0.14" libhiredis-dev hiredis-devel         hiredis-devel
# The headers come with perl itself here and there: what is missing is what it is linked with.
need "core=\$(perl -MConfig -e 'print \$Config{archlibexp}')/CORE && ls \$core/perl.h &&
      echo 'int main() {}' | ${CXX:-g++} -x c++ -o /dev/null - -L\$core -Wl,--no-as-needed -lperl" \
                      libperl-dev        "perl-devel perl-ExtUtils-Embed" perl
need "ls /usr/include/netinet/sctp.h" libsctp-dev lksctp-tools-devel lksctp-tools-devel
if test $level != build; then
  library gtest       libgtest-dev       gtest-devel           gtest
  library gmock       libgmock-dev       gmock-devel           gmock
  library benchmark   libbenchmark-dev   google-benchmark-devel benchmark-devel
  have sipp           sip-tester         sipp                  sipp
  have baresip        baresip            baresip               baresip
  have openssl        openssl            openssl               openssl
  have python3        python3            python3               python3
  have npm            "nodejs npm"       nodejs-npm            npm-default
  need "command -v chromium || command -v chromium-browser || command -v google-chrome" \
                      chromium           chromium              chromium
  need "PATH=\$PATH:/usr/sbin:/sbin command -v nsd" nsd nsd   nsd
  need "PATH=\$PATH:/usr/sbin:/sbin command -v unbound" unbound unbound unbound
  need "ls /usr/share/zoneinfo/Europe/Berlin" tzdata tzdata    timezone
  have ip             iproute2           iproute               iproute2
  need "PATH=\$PATH:/usr/sbin:/usr/libexec command -v mariadbd" mariadb-server mariadb-server mariadb
  have redis-server   redis-server       redis                 redis
  have redis-sentinel redis-sentinel     redis                 redis
fi
if test $level = test; then
  # Fedora and SUSE have no daemon of linphone's: t/scenario/real_phones is skipped there.
  need "! command -v apt-get || command -v linphone-daemon" linphone-cli - -
  # A NAT between network namespaces, for t/scenario/nat.
  need "PATH=\$PATH:/usr/sbin:/sbin command -v nft" nftables nftables nftables
  need "PATH=\$PATH:/usr/sbin:/sbin command -v sysctl" procps procps-ng procps
  # A guest kernel for the tests of SCTP (t/with-sctp-kernel), where this one has none and Debian has one to offer.
  sctp="python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)'"
  need "! command -v apt-get || test $(uname -m) != x86_64 || command -v linux.uml || $sctp" user-mode-linux - -
  need "ls /sbin/modprobe /usr/sbin/modprobe | grep ." kmod kmod kmod
  need "test -e /usr/share/bash-completion/bash_completion" bash-completion bash-completion bash-completion
  have clang-format   clang-format       clang-tools-extra     clang-tools
  # A clang that is there may be too old for the language, or without what fuzzers are linked with.
  need "for c in clang++-19 clang++; do printf '%s\n' '#include <expected>' 'std::expected<int, int> e;' \
          'extern \"C\" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }' |
          \$c -std=c++23 -fsanitize=fuzzer -x c++ -o /dev/null - && exit; done; exit 1" \
                      "clang-19 libclang-rt-19-dev" "clang compiler-rt" clang
fi
if test $level = bench; then
  have kamailio       kamailio           kamailio              kamailio
  need "ls /usr/lib*/kamailio/modules/tls.so /usr/lib/*/kamailio/modules/tls.so | grep -q ." \
                      kamailio-tls-modules kamailio-tls        kamailio-tls
  need "ls /usr/lib*/kamailio/modules/app_lua.so /usr/lib/*/kamailio/modules/app_lua.so | grep -q ." \
                      kamailio-lua-modules kamailio-lua        kamailio-lua
fi
test -n "$debian" || exit 0

sudo=
if test "$(id -u)" != 0; then
  command -v sudo >/dev/null || {
    echo "Missing packages (Debian's names):$debian. Run this as root, or install sudo." >&2; exit 1; }
  sudo=sudo
fi

if command -v apt-get >/dev/null; then
  echo "Installing with apt-get:$debian"
  # A package that brings a service (kamailio) must not start it: it would take port 5060.
  policy=/usr/sbin/policy-rc.d
  if test ! -e $policy; then
    trap '$sudo rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null
    $sudo chmod 755 $policy
  fi
  apt="$sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -y"
  install="$apt install --no-install-recommends -o Dpkg::Use-Pty=0"
  # Without package lists, or with lists that have aged, the first try fails.
  $install -s $debian >/dev/null 2>&1 && $install $debian || { $apt update && $install $debian; }
elif command -v dnf >/dev/null; then
  echo "Installing with dnf:$fedora"
  $sudo dnf install -y $fedora
elif command -v zypper >/dev/null; then
  echo "Installing with zypper:$suse"
  $sudo zypper --non-interactive install $suse
else
  echo "No apt-get, dnf or zypper here. Please install what Debian calls:$debian" >&2
  exit 1
fi
rm -f "${B:-build}/config.mk"
