# shellcheck shell=bash
# Sourced by the stand-ins of tools: writes down a call, and fails as the test says, once. `said KIND` prints what the tool says.
begin() { # CALL ARGUMENTS...
  local call=$1 fault how
  shift
  echo "$call" >> "$REGISTRY_STAND_IN/calls"
  printf '%s\n' "$*" >> "$REGISTRY_STAND_IN/argv"
  cat "/proc/$$/environ" >> "$REGISTRY_STAND_IN/tool-env"
  for fault in "$REGISTRY_STAND_IN/faults/$call".*; do
    [ -e "$fault" ] || continue
    how=${fault##*.}
    rm "$fault"
    case $how in
      kills) kill -KILL "$PPID"; exit 1 ;;
      hangs) exec sleep 1000000 ;;
      *) said "$how" >&2; exit 1 ;;
    esac
  done
}
