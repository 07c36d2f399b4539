# shellcheck shell=bash
# Sourced by the scripts beside it: starts and stops engines by process id. What is installed is kept between runs, what runs is not.
set -euo pipefail
shopt -s inherit_errexit
ENGINES="${ENGINES:-$HOME/.cache/engines}"
RUN=$(mktemp -d)
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

free_port() {
  node -e 'const server = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(server.address().port); server.close() })'
}
