# shellcheck shell=bash
# Sourced after engine.sh: Verdaccio, a registry of npm, from npm. `verdaccio_up` starts it at $REGISTRY, and makes a token of it, NPM_TOKEN. UPLINK is the
# registry of the packages that it does not have; without it there are no others. LOCAL is the package that is never looked for there: its tags would
# be seen minutes later. Needs curl, and the npm registry at the first run.
verdaccio=6.8.0
verdaccio_home=$ENGINES/verdaccio-$verdaccio

verdaccio_install() {
  install_once "$verdaccio_home" verdaccio_download
}

verdaccio_download() {
  # without the override it does not start: a dependency takes a node-fetch that is not complete
  echo "{\"dependencies\": {\"verdaccio\": \"$verdaccio\"}, \"overrides\": {\"node-fetch\": \"2.7.0\"}}" > "$verdaccio_home/package.json"
  (cd "$verdaccio_home" && "$OLDPWD/.ci/retry" npm install --silent --no-audit --no-fund)
}

verdaccio_up() {
  verdaccio_install
  local port uplinks=''
  port=$(free_port)
  [ -z "${UPLINK:-}" ] || uplinks="others: {url: '$UPLINK', timeout: 60s}"
  export REGISTRY=http://127.0.0.1:$port/
  cat > "$RUN/verdaccio.yaml" << EOF
storage: $RUN/storage
auth: {htpasswd: {file: $RUN/htpasswd, max_users: 10}}
uplinks: {$uplinks}
packages:
  ${LOCAL:-none}: {access: \$all, publish: \$authenticated, unpublish: \$authenticated}
  '**': {access: \$all, publish: \$authenticated, unpublish: \$authenticated${UPLINK:+, proxy: others}}
log: {type: stdout, format: pretty, level: warn}
EOF
  start verdaccio "$verdaccio_home/node_modules/.bin/verdaccio" --config "$RUN/verdaccio.yaml" --listen "127.0.0.1:$port"
  wait_for 300 curl -fsS "$REGISTRY-/ping" || { tail -20 "$RUN/verdaccio.log" >&2; return 1; }
  NPM_TOKEN=$(curl -fsS -X PUT -H 'content-type: application/json' -d '{"name": "shop", "password": "shop-shop-1"}' "$REGISTRY-/user/org.couchdb.user:shop" \
    | node -p 'JSON.parse(fs.readFileSync(0)).token')
  export NPM_TOKEN
  # nothing of the user's own configuration is read
  export npm_config_userconfig=$RUN/npmrc npm_config_cache=$RUN/cache npm_config_update_notifier=false
}
