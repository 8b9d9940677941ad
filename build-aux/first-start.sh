#!/bin/sh
# Usage: first-start.sh PROGRAMS STATE
# Makes in the directory STATE what `make run` starts: opensips.cfg, which is etc/opensips.cfg with the paths of this tree
# in place of an installed server's, and, where there is none yet, a database with two users. Says who they are.
# PROGRAMS: the directory of opensips and opensipsctl, with modules/ in it.
set -eu
umask 077   # passwords, or what comes to the same
root=$(cd "$(dirname "$0")/.." && pwd)
programs=$(cd "$1" && pwd)
mkdir -p "$2"
state=$(cd "$2" && pwd)

{
  echo "# Made by \`make run\` from etc/opensips.cfg: change that one."
  echo "mpath=\"$programs/modules\""
  echo "lua_path=\"$root/lua\""
  sed "s|/var/lib/opensips|$state|g; s|^script=\"|&$root/etc/|" "$root/etc/opensips.cfg"
} >"$state/opensips.cfg"

database=$state/opensips.db
if test ! -e "$database"; then
  # Under another name until it is whole.
  rm -f "$database".new*
  "$programs/opensipsctl" db create "sqlite://$database.new" >/dev/null
  for user in alice bob; do
    "$programs/opensipsctl" user add "sqlite://$database.new" $user@127.0.0.1 --random
  done >"$state/users"
  mv "$database.new" "$database"
  echo "A database has been made, with two users: $database"
fi
echo "The users and their passwords:"
sed 's/^/  /' "$state/users"
