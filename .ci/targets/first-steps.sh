# shellcheck shell=bash
# Sourced after engine.sh: what the newcomers' scripts share. They run a page of the documentation word by word; $page is that page, $name the script.
# shellcheck disable=SC2154

fail() {
  printf '%s: %s\n' "$name" "$*" >&2
  exit 1
}

block() { # NUMBER LANGUAGE: that block of the page
  # node expands the templates, not the shell
  # shellcheck disable=SC2016
  node -e '
    const [page, number, language] = process.argv.slice(1);
    const found = [...require("node:fs").readFileSync(page, "utf8").matchAll(/^```(\S+)[^\n]*\n([\s\S]*?)^```$/gm)].filter(([, one]) => one === language);
    process.stdout.write(found[Number(number) - 1][2]);
  ' "$page" "$1" "$2"
}

# What front_up makes curl trust.
front_ca=()

# The https URL of an API leads to the emulator.
front_up() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=api" -addext "subjectAltName=DNS:*.execute-api.$AWS_REGION.amazonaws.com" \
    -keyout "$RUN/front.key" -out "$RUN/front.pem" 2> /dev/null
  local front
  front=$(free_port)
  start front node .ci/targets/aws-front.cjs "$front" "$AWS_ENDPOINT_URL" "$RUN/front.key" "$RUN/front.pem"
  wait_for 300 curl -fsS -o /dev/null "http://127.0.0.1:$front/"
  front_ca=(--cacert "$RUN/front.pem")
  export HTTPS_PROXY=http://127.0.0.1:$front NODE_EXTRA_CA_CERTS=$RUN/front.pem NO_PROXY=127.0.0.1,localhost
}

# An engineer at a laptop.
newcomer() {
  export GIT_AUTHOR_NAME=engineer GIT_AUTHOR_EMAIL=engineer@example.com GIT_COMMITTER_NAME=engineer GIT_COMMITTER_EMAIL=engineer@example.com
  # where CI is set, projen asks for the lock file that a new project does not have
  unset CI
  export npm_config_audit=false npm_config_fund=false npm_config_prefer_offline=true npm_config_update_notifier=false
  started=$SECONDS
}

step() { # what is done, with the time since the newcomer began
  printf '%4s s  %s\n' "$((SECONDS - started))" "$*"
}

run_lines() { # LOG WHAT LINES: of a block; where they fail, the end of their log is shown
  bash -euo pipefail -c "$3" > "$RUN/$1.log" 2>&1 || { tail -60 "$RUN/$1.log" >&2; fail "$2"; }
}

# Lines that ask a package registry.
run_online() {
  (unset HTTPS_PROXY NODE_EXTRA_CA_CERTS; run_lines "$@")
}

url_of_status() { # of the first environment
  sed -n '/^\[/,$p' | node -p 'JSON.parse(require("node:fs").readFileSync(0, "utf8"))[0].url'
}

expect_served() { # URL COMMIT: users get this release
  local got
  got=$(curl -fsS "${front_ca[@]}" "$1")
  [ "$(node -p 'JSON.parse(process.argv[1]).version' "$got")" = "$2" ] || fail "users get $got"
}

# Inserts what it reads into $1, before its line `project.synth()`.
before_synth() {
  local ends
  ends=$(grep -c '^project.synth()' "$1")
  [ "$ends" = 1 ] || fail "$1 has $ends lines with project.synth()"
  { grep -v '^project.synth()' "$1"; cat; grep '^project.synth()' "$1"; } > "$RUN/definition"
  mv "$RUN/definition" "$1"
}

# Lines that make a project: with the projen of this repository, and the packed tarball in place of the package.
run_new() { # BLOCK [FROM]: FROM is what npm installs instead of the tarball's path
  local tarball projen
  tarball=$(cd "$root" && .ci/tarball "$RUN")
  projen=$(node -p "require('$root/node_modules/projen/package.json').version")
  run_lines new 'npx projen new' "$(block "$1" sh | sed -e "s#npx projen new#npx --yes projen@$projen new#" -e "s#--save-dev projen #--save-dev projen@$projen #" \
    -e "s#^npm install\(.*\) projen-delivery\$#${2:+cp $tarball $2; }npm install\1 ${2:-$tarball}#")"
}

# What asks package registries waits most of the time, so it runs beside the scenarios: the script with the argument `app` and the folder.
app_beside() {
  # the shell that is started expands them
  # shellcheck disable=SC2016
  [ -n "${RECORD:-}${ROLLBACKS:-}" ] || start app bash -c 'code=0; timeout --foreground --kill-after=10 1800 "$0" app "$1" || code=$?; echo "$code" > "$1/app-code"' \
    "$root/.ci/targets/$name" "$RUN"
}

app_is_there() { # FOLDER
  # a recording and a measurement are of the scenarios
  [ -z "${RECORD:-}${ROLLBACKS:-}" ] || exit 0
  wait_for 1800 test -s "$1/app-code"
  cat "$1/app.log"
  [ "$(cat "$1/app-code")" = 0 ] || fail "the app could not be prepared: exit code $(cat "$1/app-code") (124: it took longer than half an hour)"
}
