# shellcheck shell=bash
# Sourced by .ci/targets/servers after first-steps.sh: what newcomers with a host do. The pages docs/targets/servers*-first-steps.md word by word, from an
# empty folder over the packed tarball to a release that is verified and a bad one that is rolled back. The host is called `new`, and has no other use.
# shellcheck disable=SC2154

# What asks the npm registry, into $1: the folder that all pages begin with, and its packages.
newcomer_app() {
  newcomer
  local tarball projen lines
  mkdir -p "$1/first"
  tarball=$(.ci/tarball "$1")
  projen=$(node -p "require('$root/node_modules/projen/package.json').version")
  page=$root/docs/targets/servers-containers-first-steps.md
  lines=$(block 1 sh)
  page=$root/docs/targets/servers-first-steps.md
  [ "$(block 1 sh)" = "$lines"$'\nmkdir app' ] || fail 'the pages of files and of containers begin with other lines'
  cd "$1/first" || exit
  run_lines new 'npx projen new' "$(block 1 sh | sed -e "s#npx projen new#npx --yes projen@$projen new#" -e "s#--dev-deps projen-delivery#--dev-deps projen-delivery@file:$tarball#")"
  # all pages have the same
  mv shop/node_modules .
  step 'a project with projen-delivery'
}

on_new_host() { # USER LINE
  ssh -i "$RUN/key" -o BatchMode=yes -o UserKnownHostsFile="$RUN/known-hosts-new" -o HostKeyAlias=new "$1@web-1.example.com" "$2"
}

# A folder as after the first lines of the page $1, on a host without a release.
newcomer_begins() { # PAGE FOLDER
  page=$root/docs/targets/$1-first-steps.md
  # what the page before left
  # shellcheck disable=SC2016
  on_new_host deploy 'for pid in /srv/shop/*.pid; do [ ! -e "$pid" ] || kill "$(cat "$pid")"; done; cd /srv/shop && rm -rf ./* .delivery*'
  mkdir "$2/$1"
  cp -a "$2/first/shop" "$2/$1/shop"
  cd "$2/$1/shop" || exit
  mkdir node_modules
  mount --bind "$2/first/node_modules" node_modules
}

# What the page with files has, and those that build on it.
newcomer_service() {
  local page=$root/docs/targets/servers-first-steps.md
  block 1 js > app/server.mjs
  block 1 bash > app/restart.sh
}

# The lines of a page, with the key of this host and the registry of this script.
here() {
  local key page=$root/docs/targets/servers-first-steps.md
  key=$(bash -euo pipefail -c "$(block 2 sh)" 2> /dev/null)
  sed -e "s#web-1.example.com ssh-ed25519 [^']*#$key#" -e "s#ghcr.io/#${REGISTRY:-}/#"
}

# From the delivery to a bad release, with the blocks of these numbers. $1: what the log of the bad release says; users get the releases at port $2.
newcomer_releases() { # SAYS PORT PROJEN DEPLOY BAD
  local first url=http://web-1.example.com:$2/
  title=$(sed -n '1s/^# \(.*\): first steps$/\1/p' "$page")
  block 1 ts | here | before_synth .projenrc.ts
  run_lines "$title projen" 'npx projen' "$(block "$3" sh)"
  first=$(git rev-parse --short=7 HEAD)
  run_lines "$title deploy" 'the first deployment' "$(block "$4" sh)"
  expect_served "$url" "$first"
  step "$title: the first release is verified"
  # each block has a shell of its own
  eval "$(block "$4" sh | grep '^export ')"
  run_lines "$title bad" 'the bad release' "$(block "$5" sh)"
  # the log of the host says why sshd rejected a key
  grep -q 'exit code 1' "$RUN/$title bad.log" || { tail -60 "$RUN/$title bad.log" "$RUN/new.log" >&2; fail 'the bad release was not rejected'; }
  grep -q "$1" "$RUN/$title bad.log" || { tail -60 "$RUN/$title bad.log" "$RUN/new.log" >&2; fail "the log of the bad release does not say $1"; }
  expect_served "$url" "$first"
  step "$title: a bad release was rolled back, and users have the first one"
}

newcomer_files() { # FOLDER
  newcomer_begins servers "$1"
  newcomer_service
  newcomer_releases 'is live again, verified' 3000 3 4 5
}

newcomer_haproxy() { # FOLDER
  newcomer_begins servers-slots "$1"
  newcomer_service
  block 1 haproxy > "$RUN/hosts/new/engine/haproxy.cfg"
  on_new_host engine 'mkdir -p /run/haproxy && haproxy -W -D -f /srv/engine/haproxy.cfg -p /srv/engine/haproxy.pid'
  newcomer_releases 'is live again, verified' 8080 1 2 3
  # shellcheck disable=SC2016
  on_new_host engine 'kill $(cat /srv/engine/haproxy.pid)'
}

newcomer_caddy() { # FOLDER
  newcomer_begins servers-caddy "$1"
  newcomer_service
  on_new_host deploy "$(block 1 sh)"
  block 1 caddyfile > "$RUN/hosts/new/engine/Caddyfile"
  on_new_host engine "cd /srv/engine && HOME=/srv/engine setsid $CADDY run --adapter caddyfile --config Caddyfile > caddy.log 2>&1 < /dev/null & echo \$! > /srv/engine/caddy.pid"
  newcomer_releases 'is live again, verified' 8080 2 3 4
  # shellcheck disable=SC2016
  on_new_host engine 'kill $(cat /srv/engine/caddy.pid)'
}

newcomer_container() { # FOLDER
  newcomer_begins servers-containers "$1"
  rmdir app
  # Docker Hub's has the same content
  mkdir "$1/busybox"
  cp /bin/busybox "$1/busybox/"
  printf 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\n' > "$1/busybox/Dockerfile"
  docker build --quiet --network none --tag busybox:1.37 "$1/busybox" > /dev/null
  block 1 dockerfile > Dockerfile
  newcomer_releases 'is live again, verified' 8080 3 4 5
}

# What needs the host, with the folder that newcomer_app made.
newcomer_pages() { # FOLDER
  newcomer
  # .ci/examples checks the types of the pages' lines
  export TS_NODE_TRANSPILE_ONLY=true
  # without a network npm has what it got for newcomer_app
  export npm_config_cache=$HOME/.npm HOME=$RUN/laptop
  mkdir -p "$HOME/.ssh"
  cp "$RUN/key" "$HOME/.ssh/shop-key"
  unset SSH_KEY
  (newcomer_files "$1")
  (newcomer_haproxy "$1")
  (newcomer_caddy "$1")
  (newcomer_container "$1")
}
