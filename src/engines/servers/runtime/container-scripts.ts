import { MOVED, OVERTAKEN, TAKEN_OVER } from './host-scripts';
import { HostScript } from './ssh-connection';

/** What a script ends with if an earlier step still runs on the host. */
export const BUSY = 76;
/** What a script ends with if a container of that name is there, and no delivery has been on this host, or another delivery made it. */
export const FOREIGN = 77;

/** The container's name, of which the claim, the lock and the list of images are; the engine's CLI. The CLI does not get the lock: what it starts outlives it. */
const BEGIN = `
name=$1 cli=$2
shift 2
dir=$HOME/.projen-delivery/$name
engine() { "$cli" "$@" 9>&-; }
own_release() { engine container inspect --format '{{index .Config.Labels "projen-delivery.release"}}' "$1" 2>/dev/null; }
owner_of() { engine container inspect --format '{{index .Config.Labels "projen-delivery.owner"}}' "$1" 2>/dev/null; }
status_of() { engine container inspect --format '{{.State.Status}}' "$1" 2>/dev/null; }
`;

/** Only the newest process changes a host: what an earlier one sent, and what arrives late, does nothing. */
const CLAIMED = `${BEGIN}
token=$1
shift
check_claim() { [ "$(cat "$dir/claim")" = "$token" ] || { echo '${TAKEN_OVER}' >&2; exit ${OVERTAKEN}; }; }
`;

/** One step at a time: a script whose connection was lost still runs. The flock of BusyBox cannot wait for a limited time. */
const LOCKED = `
exec 9>"$dir/lock"
timeout "$1" flock 9 || { echo 'an earlier step still runs on this host' >&2; exit ${BUSY}; }
shift
`;

const SHOWN_LABELS = ['owner', 'release', 'version', 'sha', 'digest'].map((name) => `,"${name}":{{json (index .Config.Labels "projen-delivery.${name}")}}`).join('');

/** One line for each container of the delivery, and for the one that has its name. The first field of the live one's name is the name itself. */
const STATE_LINES = `
form='container {"name":{{json .Name}},"status":{{json .State.Status}},"image":{{json .Config.Image}}${SHOWN_LABELS}}'
ids=$(engine container ls --all --quiet --no-trunc --filter "label=projen-delivery.container=$name") || exit
[ -n "$(own_release "$name")" ] || ids="$ids $(engine container inspect --format '{{.Id}}' "$name" 2>/dev/null)"
for id in $ids; do engine container inspect --format "$form" "$id" 2>/dev/null; done
if [ -f "$dir/images" ]; then sed -n 's/^/image /p' "$dir/images"; fi
if [ -f "$dir/owned" ]; then echo owned; fi
`;

/** Arguments: name, CLI. Prints which containers the host has. */
export const READ: HostScript = { name: 'read', text: `${BEGIN}${STATE_LINES}` };

/**
 * Arguments: name, CLI, a format for the version of the engine, one for its folder, `AWKWARD`, the file with variables (or nothing), the network (or
 * nothing), the image that must be possible to restore (or nothing), folders that must be there. Prints the same, and what a deployment needs.
 */
export const PROBE: HostScript = {
  name: 'probe',
  text: `${BEGIN}
printf 'argument %s\\n' "$3"
for tool in cat cut date df env flock grep id mkdir mv sed tail tr timeout "$cli"; do
  command -v "$tool" >/dev/null 2>&1 || printf 'missing %s\\n' "$tool"
done
printf 'user %s\\n' "$(id -un)"
at=$dir
while [ ! -e "$at" ]; do at=\${at%/*}; at=\${at:-/}; done
[ -w "$at" ] || printf 'closed %s\\n' "$at"
command -v "$cli" >/dev/null 2>&1 || exit 0
version=$(engine version --format "$1" 2>&1) || { printf 'down %s\\n' "$(printf '%s\\n' "$version" | tail -n 1)"; exit 0; }
printf 'engine %s\\n' "$(printf '%s\\n' "$version" | tail -n 1)"
root=$(engine info --format "$2" 2>/dev/null) && printf 'disk %s\\n' "$(df -Pk "$root" 2>/dev/null | tail -n 1)"
image=$(engine container inspect --format '{{.Image}}' "$name" 2>/dev/null) && printf 'size %s\\n' "$(engine image inspect --format '{{.Size}}' "$image" 2>/dev/null)"
[ -z "$4" ] || [ -r "$4" ] || printf 'unread %s\\n' "$4"
[ -z "$5" ] || engine network inspect "$5" >/dev/null 2>&1 || printf 'unknown %s\\n' "$5"
[ -z "$6" ] || ! engine image inspect "$6" >/dev/null 2>&1 || echo held
shift 6
for one in "$@"; do
  [ ! -e "$one" ] || continue
  at=$one
  while [ ! -e "$at" ]; do at=\${at%/*}; at=\${at:-/}; done
  # the engine may see what this account cannot
  [ ! -x "$at" ] || printf 'unshared %s\\n' "$one"
done
${STATE_LINES}`,
};

/** Arguments: name, CLI, the token, how long an earlier step is waited for. Takes over from an earlier process. */
export const CLAIM: HostScript = {
  name: 'claim',
  text: `${BEGIN}
token=$1
shift
umask 077
mkdir -p "$dir" || exit
${LOCKED}
printf '%s\\n' "$token" > "$dir/claim.new" && mv "$dir/claim.new" "$dir/claim" || exit
${STATE_LINES}`,
};

/** Arguments: name, CLI, the token, the image. Nothing is pulled that the host has. */
export const PULL: HostScript = {
  name: 'pull',
  text: `${CLAIMED}
check_claim
if ! engine image inspect "$1" >/dev/null 2>&1; then
  engine pull --quiet "$1" </dev/null || exit
  check_claim
fi
{ grep -vxF -e "$1" "$dir/images" 2>/dev/null; printf '%s\\n' "$1"; } > "$dir/images.$$" && mv "$dir/images.$$" "$dir/images"
`,
};

/** A container that was run with --rm removes itself once it ends. */
const SET_ASIDE = `
set_aside() {
  tries=0
  until said=$(engine rename "$1" "$2" 2>&1); do
    case $(status_of "$1") in
      '') return 0 ;;
      removing) ;;
      *) tries=30 ;;
    esac
    [ "$tries" -lt 30 ] || { printf '%s\\n' "$said" >&2; return 1; }
    tries=$((tries + 1))
    sleep 1
  done
}
`;

/** A container that waits may not start any more: its network or a folder is gone. It stays, under the name of its release, until the new one is replaced. */
const MAKE_AGAIN = `
make_again() {
  for image in "$@"; do :; done
  engine image inspect "$image" >/dev/null 2>&1 || return
  engine container rm --force "$name.next" >/dev/null 2>&1
  engine create --name "$name.next" "$@" >/dev/null 2>&1 || return
  engine container rm --force "$name.$release" >/dev/null 2>&1
  engine rename "$name" "$name.$release" >/dev/null 2>&1 && engine rename "$name.next" "$name" >/dev/null 2>&1 || return
  engine start "$name" >/dev/null 2>&1 && return
  # the first one is what was verified
  engine container rm --force "$name" >/dev/null 2>&1 && engine rename "$name.$release" "$name" >/dev/null 2>&1
  return 1
}
`;

/**
 * Arguments: name, CLI, the token, how long an earlier step is waited for, the seconds that a container may take to end, the release's name, which release
 * must run now (or `any`), `new` or `kept`: whether a container of this release that waits is started again; whose container it is; then all that `create`
 * gets.
 *
 * The container is made before the old one stops, so that only its ports and its own start are left to fail. The old one stays, and is stopped.
 */
export const REPLACE: HostScript = {
  name: 'replace',
  text: `${CLAIMED}${LOCKED}${SET_ASIDE}${MAKE_AGAIN}
check_claim
grace=$1 release=$2 from=$3 how=$4 owner=$5
shift 5
said=$(engine version 2>&1) || { printf '%s\\n' "$said" >&2; exit 1; }
id=$(engine container inspect --format '{{.Id}}' "$name" 2>/dev/null)
now=$(own_release "$name")
if [ -n "$id" ] && [ -z "$now" ] && [ ! -f "$dir/owned" ]; then printf 'a container %s that no delivery made is there\\n' "$name" >&2; exit ${FOREIGN}; fi
theirs=$(owner_of "$name")
if [ "\${theirs:-$owner}" != "$owner" ]; then printf 'the container %s is that of another delivery, %s\\n' "$name" "$theirs" >&2; exit ${FOREIGN}; fi
shown=\${now:-\${id:+by-hand}}
if [ "$from" != any ] && [ "\${shown:-none}" != "$from" ] && [ "$now" != "$release" ]; then printf '%s runs %s meanwhile\\n' "$name" "\${shown:-nothing}" >&2; exit ${MOVED}; fi
: > "$dir/owned" || exit
# it could neither be stopped nor started
[ "$(status_of "$name")" != paused ] || engine unpause "$name" >/dev/null || exit
next=
if [ "$now" != "$release" ]; then
  next=$name.$release
  if [ "$how" = new ] || [ "$(own_release "$next")" != "$release" ]; then
    next=$name.next
    for one in "$next" "$name.$release"; do engine container rm --force "$one" >/dev/null 2>&1; done
    engine create --name "$next" "$@" >/dev/null || exit
  fi
  if [ -n "$id" ]; then
    engine stop -t "$grace" "$id" >/dev/null || exit
    # the same release, which an earlier process left
    [ -z "$now" ] || engine container rm --force "$name.$now" >/dev/null 2>&1
    set_aside "$id" "$name.\${now:-by-hand-$(printf '%s' "$id" | cut -c 1-12)}" || exit
  fi
  engine rename "$next" "$name" || exit
elif [ "$how" = anew ]; then
  engine stop -t "$grace" "$name" >/dev/null || exit
fi
[ "$(status_of "$name")" != running ] || exit 0
said=$(engine start "$name" 2>&1) && exit
if [ "$how" != new ] && [ "$next" != "$name.next" ]; then make_again "$@" && exit; fi
# the engine's last line says only that it failed
printf '%s\\n' "$said" | grep -v '^Error: failed to start containers' | tr '\\n' ' ' >&2
exit 1
`,
};

/**
 * What a container printed last, on standard output; and in one line, after a message, on standard error. Arguments: the message, and our own variables.
 * Lines with a value that the container or its file with variables holds are left out: a container may have values that the file had before.
 */
const LAST_LINES = `
variables_of() { engine "$1" inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$2" 2>/dev/null; }
find_values() {
  theirs=$(variables_of container "$name") && image=$(engine container inspect --format '{{.Image}}' "$name" 2>/dev/null) || return
  # ours, and those of the image, are no secrets
  { printf '%s\\n' "$@"; variables_of image "$image"; :; } > "$dir/known.$$" || return
  {
    printf '%s\\n' "$theirs" | grep -vxFf "$dir/known.$$"
    [ -z "$variables" ] || sed -e '/^[[:space:]]*#/d' -e '/=/!d' "$variables" 2>/dev/null
  } | tr -d '\\r' | sed -e 's/^[^=]*=//' -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//' -e p -e "s/^[\\"']\\(.*\\)[\\"']$/\\1/" -e p -e "s/[\\"']//g" | grep '......' > "$dir/hidden.$$"
  [ "$?" -le 1 ]
}
last_lines() {
  umask 077
  # each byte is a character
  LC_ALL=C
  export LC_ALL
  why=$1
  shift
  : > "$dir/log.$$"
  if find_values "$@"; then engine logs --tail 20 "$name" 2>&1 | grep -vFf "$dir/hidden.$$" > "$dir/log.$$"; fi
  cat "$dir/log.$$"
  printf '%s' "$why" >&2
  [ ! -s "$dir/log.$$" ] || { printf ': ' >&2; tail -n 3 "$dir/log.$$" | tr -s '\\r\\n' ' ' >&2; }
  rm -f "$dir/known.$$" "$dir/hidden.$$" "$dir/log.$$"
}
`;

/**
 * Arguments: name, CLI, the token, the file with variables (or nothing), for how many seconds it must run, how long the rest may take, a shell line (or
 * nothing), and variables as `NAME=value`. A container that ends, restarts or becomes unhealthy fails at once.
 */
export const CHECK: HostScript = {
  name: 'check',
  text: `${CLAIMED}${LAST_LINES}
check_claim
variables=$1 stays=$(($(date +%s) + $2)) until=$(($(date +%s) + $3)) line=$4
shift 4
cd "$dir" || exit 1
first=
while :; do
  state=$(engine container inspect --format '{{.State.Status}} {{.State.ExitCode}} {{json .State.StartedAt}} {{if .State.Health}}{{.State.Health.Status}}{{end}}' "$name") || exit
  status=\${state%% *} rest=\${state#* }
  code=\${rest%% *} rest=\${rest#* }
  begun=\${rest%% *} health=\${rest#* }
  first=\${first:-$begun}
  if [ "$status" != running ]; then last_lines "the container ended with exit code $code" "$@"; exit 1; fi
  if [ "$begun" != "$first" ]; then last_lines 'the container ended, and was started again' "$@"; exit 1; fi
  if [ "$health" = unhealthy ]; then last_lines 'the health check of the image fails' "$@"; exit 1; fi
  left=$((until - $(date +%s)))
  [ "$left" -gt 0 ] || left=1
  passed=0
  if [ -n "$line" ]; then
    timeout "$left" env "$@" sh -ec "$line"
    passed=$?
  fi
  if [ "$passed" -eq 0 ] && [ "$health" != starting ] && [ "$(date +%s)" -ge "$stays" ]; then exit 0; fi
  if [ "$(date +%s)" -ge "$until" ] && [ "$(date +%s)" -ge "$stays" ]; then break; fi
  sleep 1
done
if [ "$passed" -eq 0 ]; then last_lines 'the health check of the image did not succeed in time' "$@"; else last_lines "hostCheck ended with exit code $passed" "$@"; fi
exit 1
`,
};

/** Arguments: name, CLI, the token, how long an earlier step is waited for; `container NAME` or `image NAME`, as two words each. Never the live one. */
export const REMOVE: HostScript = {
  name: 'remove',
  text: `${CLAIMED}${LOCKED}
check_claim
while [ "$#" -gt 1 ]; do
  case $1 in
    container) [ "$2" = "$name" ] || engine container rm --force "$2" >/dev/null || exit ;;
    image)
      # one that a container uses, or that is gone, is none of ours any more
      engine image rm "$2" >/dev/null 2>&1
      { grep -vxF -e "$2" "$dir/images" 2>/dev/null; :; } > "$dir/images.$$" && mv "$dir/images.$$" "$dir/images" || exit
      ;;
  esac
  shift 2
done
`,
};
