# shellcheck shell=bash
# Sourced by .ci/targets/servers after engine.sh and docker.sh: a dockerd of its own on three of the hosts, Podman on two, and a dockerd that builds images.

# Starts them. The account of the hosts may use theirs without root; each reaches the registry as 127.0.0.1:5055, which docker takes for a registry without TLS.
containers_up() {
  local host pair
  registry_up
  docker_up
  start to-registry socat TCP-LISTEN:5056,fork,reuseaddr,bind=0.0.0.0 "TCP:$REGISTRY"
  for pair in web1:1 web2:2 new:5; do
    host=${pair%:*}
    start "registry-on-$host" ip netns exec "$host" socat "TCP-LISTEN:5055,fork,reuseaddr,bind=127.0.0.1" "TCP:10.77.${pair#*:}.1:5056"
    # not ip netns exec, which hides the control groups
    start "dockerd-$host" nsenter --net="/run/netns/$host" dockerd --data-root "$RUN/docker-$host" --exec-root "/run/docker-$host" \
      --pidfile "/run/dockerd-$host.pid" --host "unix://$RUN/hosts/$host/run/docker.sock" --group deploy
  done
  for host in web1 web2 new; do
    wait_for 300 docker --host "unix://$RUN/hosts/$host/run/docker.sock" version || { tail -20 "$RUN/dockerd-$host.log" >&2; return 1; }
  done
}

containers_down() { # HOST...
  local host socket
  for host in "$@"; do
    socket=$RUN/hosts/$host/run/docker.sock
    [ ! -S "$socket" ] || docker --host "unix://$socket" ps --all --quiet | xargs --no-run-if-empty docker --host "unix://$socket" rm --force > /dev/null || true
  done
}

# An HAProxy on each of the hosts, in place of Kamal's proxy: it passes requests on to the containers of the network that pass its check.
host_proxies_up() {
  local host
  {
    cat << CONFIG
defaults
  mode http
  retries 3
  option redispatch 1
  retry-on conn-failure empty-response
  timeout connect 1s
  timeout client 2m
  timeout server 2m
  timeout check 1m
frontend shop
  bind :3000
  default_backend shop
backend shop
  option httpchk GET /health
  default-server check inter 200ms fastinter 100ms fall 2 rise 1
CONFIG
    for number in $(seq 2 12); do echo "  server container$number 172.31.0.$number:8080"; done
  } > "$RUN/haproxy-on-host.cfg"
  for host in web1 web2; do
    docker --host "unix://$RUN/hosts/$host/run/docker.sock" network create --subnet 172.31.0.0/24 kamal > /dev/null
    start "haproxy-on-$host" ip netns exec "$host" haproxy -W -f "$RUN/haproxy-on-host.cfg"
  done
}

host_proxies_down() {
  kill -TERM -- "-$(cat "$RUN/haproxy-on-web1.pid")" "-$(cat "$RUN/haproxy-on-web2.pid")"
}

podman_install() {
  local missing=()
  command -v podman > /dev/null || missing+=(podman)
  PATH=$PATH:/usr/sbin:/sbin command -v runc > /dev/null || missing+=(runc)
  [ -e /usr/lib/podman/netavark ] || [ -e /usr/lib/cni/bridge ] || missing+=(containernetworking-plugins)
  .ci/debian-packages "${missing[@]}"
}

# For logins on a host.
podman_environment() {
  echo CONTAINERS_CONF=/srv/engine/containers.conf CONTAINERS_STORAGE_CONF=/srv/engine/storage.conf CONTAINERS_REGISTRIES_CONF=/srv/engine/registries.conf
}

# Podman has no daemon: its settings. Two are for a machine in another one: runc, and limits that are not above its own.
podman_up() {
  local host
  for host in web1 web2; do
    cat > "$RUN/hosts/$host/engine/containers.conf" << CONFIG
[containers]
default_ulimits = ["nofile=1024:20000", "nproc=4096:4096"]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
runtime = "runc"
CONFIG
    printf '[storage]\ndriver = "overlay"\nrunroot = "/run/containers/storage"\ngraphroot = "%s"\n' "$RUN/podman-$host" > "$RUN/hosts/$host/engine/storage.conf"
    printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$REGISTRY" > "$RUN/hosts/$host/engine/registries.conf"
  done
}
