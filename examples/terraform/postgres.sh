#!/usr/bin/env bash
# A PostgreSQL of this example's own, from Debian's package, for Terraform's state: start, stop or env.
#
#   eval "$(./postgres.sh start)"   # starts it unless it runs, and exports PG_CONN_STR
#   ./postgres.sh stop
#
# It listens on 127.0.0.1 only. Data and password are in .postgres, or in $POSTGRES_DIR; the port is the first free one
# from 5433, or from $POSTGRES_PORT, on.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
place=${POSTGRES_DIR:-$here/.postgres}
data=$place/data
password=$place/password

say() { printf 'postgres.sh: %s\n' "$*" >&2; }
give_up() {
  say "$@"
  exit 1
}

# PostgreSQL refuses to run as root.
drop() {
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

# Sets `bin`: the programs of the version that made the data, else of the newest one.
find_programs() {
  local version='*'
  if [ -f "$data/PG_VERSION" ]; then version=$(cat "$data/PG_VERSION"); fi
  # shellcheck disable=SC2086 # the version may be a pattern
  bin=$(ls -d /usr/lib/postgresql/$version/bin 2>/dev/null | sort --version-sort | tail -n 1 || true)
  if [ -x "$bin/initdb" ]; then return; fi
  local package=postgresql
  if [ "$version" != '*' ]; then package=postgresql-$version; fi
  give_up "PostgreSQL isn't installed here. On Debian and Ubuntu: apt-get install -y --no-install-recommends $package"
}

make_place() {
  mkdir -p "$place"
  if [ "$(id -u)" = 0 ]; then chown postgres: "$place"; fi
  drop test -w "$place" ||
    give_up "$(drop id -un), as whom PostgreSQL runs, can't write to $place. Give another directory: POSTGRES_DIR=/var/tmp/cozeform-postgres $0 start"
  drop chmod 700 "$place"
}

# A cluster that wasn't finished has no password yet, and is created again.
make_cluster() {
  if [ -f "$password" ] && [ -f "$data/PG_VERSION" ]; then return; fi
  say "making a cluster in $place"
  drop rm -rf "$data" "$password"
  # shellcheck disable=SC2016 # the inner shell reads its own arguments
  drop sh -c 'umask 077; od -An -N24 -tx1 /dev/urandom | tr -d " \n" > "$1"' sh "$password.new"
  drop "$bin/initdb" --pgdata="$data" --username=terraform --pwfile="$password.new" --auth=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8 >/dev/null
  echo 'CREATE DATABASE terraform' | drop "$bin/postgres" --single -c log_checkpoints=off -D "$data" postgres >/dev/null
  drop mv "$password.new" "$password"
}

is_running() { [ -d "$data" ] && drop "$bin/pg_ctl" status --pgdata="$data" >/dev/null 2>&1; }

start() {
  make_place
  make_cluster
  if is_running; then return; fi
  local first=${POSTGRES_PORT:-5433} port log=$place/log
  for port in $(seq "$first" $((first + 99))); do
    # Readable for its owner only, as the log is: without a directory there is no socket that others could find.
    local options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories="
    drop rm -f "$log"
    if drop "$bin/pg_ctl" start --wait --silent --pgdata="$data" --log="$log" --options="$options" >/dev/null 2>&1; then
      return
    fi
    if ! drop grep -q 'Address already in use' "$log"; then
      drop tail -n 5 "$log" >&2 || true
      give_up "PostgreSQL doesn't start; the lines above are from $log"
    fi
  done
  give_up "no port from $first to $((first + 99)) is free. Give another first one: POSTGRES_PORT=6433 $0 start"
}

# The fourth line of a running server's file is its port.
print_env() {
  is_running || give_up "it doesn't run: $0 start"
  local port
  port=$(drop sed -n 4p "$data/postmaster.pid")
  printf "export PG_CONN_STR='postgres://terraform:%s@127.0.0.1:%s/terraform?sslmode=disable'\n" \
    "$(drop cat "$password")" "$port"
}

case ${1:-} in
  start)
    find_programs
    start
    print_env
    ;;
  stop)
    find_programs
    if is_running; then drop "$bin/pg_ctl" stop --mode=fast --wait --silent --pgdata="$data"; fi
    ;;
  env)
    find_programs
    print_env
    ;;
  *) give_up "usage: $0 start | stop | env" ;;
esac
