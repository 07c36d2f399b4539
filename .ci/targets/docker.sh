# shellcheck shell=bash
# Sourced after engine.sh: dockerd and a registry of our own. `docker_install` needs the internet; `docker_up` a network namespace.
docker_install() {
  local missing=()
  command -v dockerd > /dev/null || missing+=(docker.io)
  command -v docker-registry > /dev/null || missing+=(docker-registry)
  command -v iptables > /dev/null || missing+=(iptables)
  command -v ip > /dev/null || missing+=(iproute2)
  # in an image without libraries only a static one runs
  { [ -e /bin/busybox ] && ! ldd /bin/busybox 2> /dev/null | grep libc > /dev/null; } || missing+=(busybox-static)
  .ci/debian-packages "${missing[@]}"
}

registry_up() {
  export REGISTRY=127.0.0.1:5055
  cat > "$RUN/registry.yml" << EOF
version: 0.1
storage: {filesystem: {rootdirectory: "$RUN/registry"}, delete: {enabled: true}}
http: {addr: "$REGISTRY"}
EOF
  start registry docker-registry serve "$RUN/registry.yml"
  wait_for 300 curl -fsS "http://$REGISTRY/v2/" || { tail -20 "$RUN/registry.log" >&2; return 1; }
}

docker_up() {
  export DOCKER_HOST=unix://$RUN/docker.sock DOCKER_CONFIG=$RUN/docker-config
  mkdir -p "$DOCKER_CONFIG"
  start dockerd dockerd --data-root "$RUN/docker" --exec-root /run/docker --pidfile /run/dockerd.pid --host "$DOCKER_HOST"
  wait_for 300 docker version || { tail -20 "$RUN/dockerd.log" >&2; return 1; }
}

docker_down() {
  docker ps --all --quiet | xargs --no-run-if-empty docker rm --force > /dev/null || true
}
