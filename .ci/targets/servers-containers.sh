# shellcheck shell=bash
# Sourced by .ci/targets/servers after engine.sh and docker.sh: a dockerd of its own on two of the hosts, and one that builds images.

# Starts them. The account of the hosts may use theirs without root; each reaches the registry as 127.0.0.1:5055, which docker takes for a registry without TLS.
containers_up() {
  local host number=0
  registry_up
  docker_up
  start to-registry socat TCP-LISTEN:5056,fork,reuseaddr,bind=0.0.0.0 "TCP:$REGISTRY"
  for host in web1 web2; do
    number=$((number + 1))
    start "registry-on-$host" ip netns exec "$host" socat "TCP-LISTEN:5055,fork,reuseaddr,bind=127.0.0.1" "TCP:10.77.$number.1:5056"
    # not ip netns exec, which hides the control groups
    start "dockerd-$host" nsenter --net="/run/netns/$host" dockerd --data-root "$RUN/docker-$host" --exec-root "/run/docker-$host" \
      --pidfile "/run/dockerd-$host.pid" --host "unix://$RUN/hosts/$host/run/docker.sock" --group deploy
  done
  for host in web1 web2; do
    wait_for 60 docker --host "unix://$RUN/hosts/$host/run/docker.sock" version || { tail -20 "$RUN/dockerd-$host.log" >&2; return 1; }
  done
}

containers_down() {
  local host socket
  for host in web1 web2; do
    socket=$RUN/hosts/$host/run/docker.sock
    [ ! -S "$socket" ] || docker --host "unix://$socket" ps --all --quiet | xargs --no-run-if-empty docker --host "unix://$socket" rm --force > /dev/null || true
  done
}
