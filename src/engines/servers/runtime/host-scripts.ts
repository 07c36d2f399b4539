import { HostScript } from './ssh-connection';

/** What a script ends with if another delivery has taken over. */
export const OVERTAKEN = 75;
/** What a script ends with if someone moved the pointer, or replaced the container. */
export const MOVED = 78;

/** What it says then. */
export const TAKEN_OVER = 'another delivery has taken over';

/** The file of each release that names it. It comes last, so a release that has it is complete. */
export const MARKER = '.delivery-release.json';

/** Only the newest process changes a host: what an earlier one sent, and what arrives late, does nothing. */
const CLAIMED = `
dir=$1 token=$2
shift 2
check_claim() { [ "$(cat "$dir/.delivery/claim")" = "$token" ] || { echo '${TAKEN_OVER}' >&2; exit ${OVERTAKEN}; }; }
check_claim
`;

const STATE_LINES = `
if [ -L "$dir/current" ]; then printf 'pointer %s\\n' "$(readlink "$dir/current")"; fi
if [ -f "$dir/current/${MARKER}" ]; then printf 'marker %s\\n' "$(head -n 1 "$dir/current/${MARKER}")"; fi
if [ -f "$dir/.delivery/running" ]; then printf 'running %s\\n' "$(head -n 1 "$dir/.delivery/running")"; fi
ls -1td "$dir"/releases/*/${MARKER} 2>/dev/null | while IFS= read -r path; do
  path=\${path%/*}
  printf 'release %s\\n' "\${path##*/}"
done
`;

/** Arguments: the directory. Prints what the host serves and has. */
export const READ: HostScript = { name: 'read', text: `dir=$1\n${STATE_LINES}` };

/** A login shell that is not POSIX changes it. */
export const AWKWARD = 'it\'s "$HOME" `id` \\\\ * !';

/** Arguments: the directory, `AWKWARD`, a place that must be there (or nothing), the shared paths. Prints the same, and what a deployment needs. */
export const PROBE: HostScript = {
  name: 'probe',
  text: `dir=$1
printf 'argument %s\\n' "$2"
case $3 in '' | /*) place=$3 ;; *) place=$dir/$3 ;; esac
[ -z "$place" ] || [ -d "$place" ] || printf 'gone %s\\n' "$place"
shift 3
for tool in cat cut date df env head id ln ls mkdir mv readlink rm sha256sum tail tar timeout; do
  command -v "$tool" >/dev/null 2>&1 || printf 'missing %s\\n' "$tool"
done
mv --help 2>&1 | grep -q -- '-T' || echo 'missing mv -T'
printf 'user %s\\n' "$(id -un)"
at=$dir
while [ ! -e "$at" ]; do at=\${at%/*}; at=\${at:-/}; done
for one in "$at" "$dir/releases" "$dir/.delivery"; do
  [ ! -e "$one" ] || { [ -d "$one" ] && [ -w "$one" ] && [ -x "$one" ]; } || printf 'closed %s\\n' "$one"
done
if [ -e "$dir/current" ] && [ ! -L "$dir/current" ]; then echo 'solid'; fi
for one in "$@"; do [ -e "$dir/shared/$one" ] || printf 'unshared %s\\n' "$one"; done
printf 'disk %s\\n' "$(df -Pk "$at" | tail -n 1)"
${STATE_LINES}`,
};

/**
 * Arguments: the directory, the token. Takes over from an earlier process, and removes what it left half done. That comes first, because the disk may
 * be full of it. It is moved away before: a script that still unpacks files there must neither stop the removal nor complete a release without them.
 */
export const CLAIM: HostScript = {
  name: 'claim',
  text: `dir=$1 token=$2
umask 022
mkdir -p "$dir/releases" "$dir/.delivery" || exit
for one in "$dir"/.delivery/incoming.*; do
  [ ! -e "$one" ] || mv -T "$one" "$dir/.delivery/old.$token.\${one##*/}"
done
rm -rf "$dir"/.delivery/old.* 2>/dev/null
printf '%s\\n' "$token" > "$dir/.delivery/claim.$token" && mv -T "$dir/.delivery/claim.$token" "$dir/.delivery/claim" || exit
${STATE_LINES}`,
};

/**
 * Arguments: the directory, the token, the file that was uploaded, its SHA-256, the folder in it, the release's name, its marker, the shared paths.
 * The release appears with its last step, and is complete then. It is unpacked in a folder of this process: an earlier one, whose connection was lost, may
 * still be at work.
 */
export const UNPACK: HostScript = {
  name: 'unpack',
  text: `${CLAIMED}
tar=$1 sum=$2 folder=$3 name=$4 marker=$5
shift 5
umask 022
to=$dir/releases/$name
if [ -f "$to/${MARKER}" ]; then rm -f "$tar"; exit 0; fi
printf '%s  %s\\n' "$sum" "$tar" | sha256sum -c - >/dev/null 2>&1 || { echo 'the upload did not arrive as it was sent' >&2; exit 1; }
own=$tar.$$
mkdir "$own" && tar -x -m -o -f "$tar" -C "$own" "$folder" || exit
new=$own/$folder
for one in "$@"; do
  rm -rf "$new/$one" || exit
  case $one in */*) mkdir -p "$new/\${one%/*}" || exit ;; esac
  ln -s "$dir/shared/$one" "$new/$one" || exit
done
rm -rf "$new/${MARKER}" && printf '%s\\n' "$marker" > "$new/${MARKER}" || exit
check_claim
if [ ! -f "$to/${MARKER}" ]; then
  if [ -e "$to" ]; then mv -T "$to" "$dir/.delivery/old.$token.$$" || exit; fi
  mv -T "$new" "$to" || exit
fi
rm -rf "$tar" "$own" "$dir/.delivery/old.$token.$$"
`,
};

/** Arguments: the directory, the token, where the pointer must lead now (or `any`), where it is to lead. */
export const SWITCH: HostScript = {
  name: 'switch',
  text: `${CLAIMED}
from=$1 to=$2
now=none
[ ! -L "$dir/current" ] || now=$(readlink "$dir/current")
case $to in /*) path=$to ;; *) path=$dir/$to ;; esac
[ -d "$path" ] || { printf 'there is no %s\\n' "$path" >&2; exit 1; }
if [ "$now" != "$to" ] && [ "$from" != any ] && [ "$now" != "$from" ]; then printf 'current leads to %s meanwhile\\n' "$now" >&2; exit ${MOVED}; fi
rm -f "$dir/.delivery/running" || exit
[ "$now" != "$to" ] || exit 0
rm -f "$dir/.delivery/next" && ln -s "$to" "$dir/.delivery/next" && mv -T "$dir/.delivery/next" "$dir/current"
`,
};

/** How long a restart waits for an earlier one, in seconds. */
const BUSY_SECONDS = 30;

/**
 * Arguments: the directory, the token, a shell line, and variables as `NAME=value`. An earlier restart, whose connection was lost or whose process was
 * killed, may still run: two at the same time could leave either release running. It is waited for, but not for ever.
 */
export const RESTART: HostScript = {
  name: 'restart',
  text: `${CLAIMED}
line=$1 busy=$dir/.delivery/restarting waited=0
shift
# after the host was started anew, another process may have its number
is_restart() {
  [ -r "/proc/$1/cmdline" ] || return 0
  case $(cat "/proc/$1/cmdline") in sh-s--restart*) ;; *) return 1 ;; esac
}
while pid=$(cat "$busy" 2>/dev/null) && { kill -0 "$pid" && is_restart "$pid"; } 2>/dev/null && [ "$waited" -lt ${BUSY_SECONDS} ]; do
  [ "$waited" -ne 0 ] || echo 'an earlier restart still runs on this host'
  sleep 1
  waited=$((waited + 1))
done
check_claim
printf '%s\\n' "$$" 2>/dev/null > "$busy"
cd "$dir/current" || exit 1
env "$@" sh -ec "$line"
code=$?
rm -f "$busy"
[ "$code" -lt 255 ] || code=254
exit "$code"
`,
};

/** Arguments: the directory, the token, a shell line, for how many seconds it is repeated, and variables as `NAME=value`. */
export const CHECK: HostScript = {
  name: 'check',
  text: `${CLAIMED}
cd "$dir/current" || exit 1
line=$1
until=$(($(date +%s) + $2))
shift 2
while :; do
  left=$((until - $(date +%s)))
  [ "$left" -gt 0 ] || left=1
  timeout "$left" env "$@" sh -ec "$line"
  code=$?
  [ "$code" -ne 0 ] || exit 0
  [ "$(date +%s)" -lt "$until" ] || break
  sleep 1
done
[ "$code" -lt 255 ] || code=254
exit "$code"
`,
};

/** Arguments: the directory, the token, where the pointer leads. Writes down that the host runs it. */
export const RUNS: HostScript = {
  name: 'runs',
  text: `${CLAIMED}
[ "$(readlink "$dir/current")" = "$1" ] || { echo 'current leads elsewhere meanwhile' >&2; exit ${MOVED}; }
printf '%s\\n' "$1" > "$dir/.delivery/running.new" && mv -T "$dir/.delivery/running.new" "$dir/.delivery/running"
`,
};

/** Arguments: the directory, the token, names of releases. */
export const REMOVE: HostScript = {
  name: 'remove',
  text: `${CLAIMED}
for one in "$@"; do
  check_claim
  [ "$(readlink "$dir/current")" != "releases/$one" ] || continue
  mv -T "$dir/releases/$one" "$dir/.delivery/old.$one" && rm -rf "$dir/.delivery/old.$one" || exit
done
`,
};
