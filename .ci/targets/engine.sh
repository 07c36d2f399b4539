# shellcheck shell=bash
# Sourced by the scripts beside it: starts and stops engines by process id. What is installed is kept between runs, what runs is not.
set -euo pipefail
shopt -s inherit_errexit
ENGINES="${ENGINES:-$HOME/.cache/engines}"
RUN=$(mktemp -d)
PORTS=/tmp/delivery-ports-$(id -u)
mkdir -p "$ENGINES"

start() { # NAME COMMAND...: in the background and in a process group of its own, output to $RUN/NAME.log
  local name=$1
  shift
  setsid "$@" > "$RUN/$name.log" 2>&1 < /dev/null &
  echo $! > "$RUN/$name.pid"
  disown
}

# Ends the group of each engine that was started: workers may outlive their parent.
stop_all() {
  local file
  for file in "$RUN"/*.pid; do
    [ -e "$file" ] || continue
    kill -TERM -- "-$(cat "$file")" 2> /dev/null || true
  done
  sleep 0.5
  for file in "$RUN"/*.pid; do
    [ -e "$file" ] || continue
    kill -KILL -- "-$(cat "$file")" 2> /dev/null || true
  done
  if [ -e "$RUN/ports" ]; then while read -r file; do rmdir "$PORTS/$file" 2> /dev/null || true; done < "$RUN/ports"; fi
  rm -rf "$RUN"
}

# Makes a folder with COMMAND, unless it is there. A second install waits for the first: the folder is complete when its last file is there.
install_once() { # FOLDER COMMAND...
  exec 8> "$1.lock"
  flock 8
  if [ ! -e "$1/complete" ]; then
    rm -rf "$1"
    mkdir -p "$1"
    "${@:2}"
    touch "$1/complete"
  fi
  flock -u 8
}

wait_for() { # SECONDS COMMAND...: until it succeeds
  local end=$((SECONDS + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || { echo "gave up waiting for: $*" >&2; return 1; }
    sleep 0.2
  done
}

# One that no other part takes, and no client is given: it may be listened on much later. Below those of the tests (test/free-ports.ts).
free_port() {
  local port
  mkdir -p "$PORTS"
  # of parts that were killed
  find "$PORTS" -mindepth 1 -maxdepth 1 -mmin +600 -delete 2> /dev/null || true
  while :; do
    port=$((10000 + RANDOM % 5000))
    mkdir "$PORTS/$port" 2> /dev/null || continue
    echo "$port" >> "$RUN/ports"
    ! node -e "require('node:net').createServer().on('error', () => process.exit(1)).listen($port, '127.0.0.1', function () { this.close() })" || break
  done
  echo "$port"
}
