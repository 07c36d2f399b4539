# shellcheck shell=bash
# Sourced after engine.sh: a Kubernetes cluster of one node with real pods. `kubernetes_install` needs the internet and Go: it compiles Kubernetes, etcd
# and kubectl from the modules that kubernetes-engine/go.sum names. `kubernetes_up` needs a network namespace.

# Go's programs collect garbage less often, its compiler among them: they are small, or end before it matters.
export GOGC=400

kubernetes_source=.ci/targets/kubernetes-engine
kubernetes_home=$ENGINES/kubernetes-$(cat "$kubernetes_source"/{go.mod,go.sum,main.go,shop/main.go} | sha256sum | cut -c 1-16)

kubernetes_install() {
  local missing=()
  command -v containerd > /dev/null || missing+=(containerd)
  command -v runc > /dev/null || missing+=(runc)
  [ -x /usr/lib/cni/bridge ] || missing+=(containernetworking-plugins)
  command -v docker-registry > /dev/null || missing+=(docker-registry)
  command -v iptables > /dev/null || missing+=(iptables)
  command -v ip > /dev/null || missing+=(iproute2)
  .ci/debian-packages "${missing[@]}"
  install_once "$kubernetes_home" kubernetes_compile
}

kubernetes_compile() {
  echo "kubernetes: compiling, 20 s with Go's cache and 5 to 10 minutes without"
  (
    cd "$kubernetes_source" || exit
    version=$(go list -mod=readonly -m -f '{{.Version}}' k8s.io/kubernetes)
    minor=${version#v1.}
    component=k8s.io/component-base/version
    # one call, so that packages in common are compiled once
    CGO_ENABLED=0 "$OLDPWD/.ci/retry" go build -mod=readonly -buildvcs=false -o "$kubernetes_home/" \
      -ldflags "-s -w -X $component.gitVersion=$version -X $component.gitMajor=1 -X $component.gitMinor=${minor%%.*}" \
      . ./shop k8s.io/kubernetes/cmd/kubectl
  )
}

# The controller of Argo Rollouts: Go's cache has what it shares with Kubernetes, so that it takes 20 s.
argo_source=.ci/targets/argo-rollouts-engine
argo_home=$ENGINES/argo-rollouts-$(cat "$argo_source"/{go.mod,go.sum} | sha256sum | cut -c 1-16)

argo_install() {
  install_once "$argo_home" argo_compile
}

argo_compile() {
  echo "argo-rollouts: compiling"
  (
    cd "$argo_source" || exit
    CGO_ENABLED=0 "$OLDPWD/.ci/retry" go build -mod=readonly -buildvcs=false -o "$argo_home/" -ldflags '-s -w' github.com/argoproj/argo-rollouts/cmd/rollouts-controller
    mkdir "$argo_home/crds"
    cp "$(go list -mod=readonly -m -f '{{.Dir}}' github.com/argoproj/argo-rollouts)"/manifests/crds/*-crd.yaml "$argo_home/crds/"
    chmod -R u+w "$argo_home/crds"
  )
}

# Helm: Go's cache has most of it.
helm_source=.ci/targets/helm-engine
helm_home=$ENGINES/helm-$(cat "$helm_source"/{go.mod,go.sum} | sha256sum | cut -c 1-16)

helm_install() {
  install_once "$helm_home" helm_compile
}

helm_compile() {
  echo "helm: compiling"
  (
    cd "$helm_source" || exit
    CGO_ENABLED=0 "$OLDPWD/.ci/retry" go build -mod=readonly -buildvcs=false -o "$helm_home/" -ldflags '-s -w' helm.sh/helm/v3/cmd/helm
  )
}

# In the cluster of kubernetes_up. The files have no --- between them, so the folder is applied.
argo_up() {
  kubectl apply --server-side --filename "$argo_home/crds" > /dev/null
  kubectl wait --for condition=established --filename "$argo_home/crds" --timeout=600s > /dev/null
  kubectl create namespace argo-rollouts > /dev/null
  start rollouts-controller "$argo_home/rollouts-controller" --kubeconfig "$KUBECONFIG" --namespace '' --leader-elect=false --metricsport 18090 --healthzPort 18091
  wait_for 300 curl -fsS http://127.0.0.1:18091/healthz || { tail -20 "$RUN/rollouts-controller.log" >&2; return 1; }
}

# KUBECONFIG is the one of an administrator then.
kubernetes_up() {
  local kube=$kubernetes_home/kubernetes-engine node_ip token
  node_ip=$(ip -4 -o addr show dev host0 | awk '{ split($4, a, "/"); print a[1] }')
  token=$(openssl rand -hex 16)
  mkdir -p "$RUN/cni/net.d" "$RUN/kubelet" "$RUN/pod-logs" "$RUN/pki"
  openssl genrsa -out "$RUN/pki/sa.key" 2048 2> /dev/null
  (umask 077 && echo "$token,admin,1,system:masters" > "$RUN/pki/tokens.csv")
  # kubectl packs and reads all its texts in the language of its user at each start: 40 ms of CPU time in English, 28 ms in French, which has a dozen
  mkdir "$RUN/bin"
  # the script expands it
  # shellcheck disable=SC2016
  printf '#!/bin/sh\nLC_ALL=fr_FR.UTF-8 exec "%s/kubectl" "$@"\n' "$kubernetes_home" > "$RUN/bin/kubectl"
  chmod +x "$RUN/bin/kubectl"
  export PATH=$RUN/bin:$kubernetes_home:$PATH KUBECONFIG=$RUN/kubeconfig KUBECACHEDIR=$RUN/kube-cache
  export KUBERNETES_SERVER=https://127.0.0.1:16443
  kubernetes_config admin "$token" > "$KUBECONFIG"

  start etcd "$kube" etcd --data-dir "$RUN/etcd" --unsafe-no-fsync --listen-peer-urls http://127.0.0.1:12380 \
    --listen-client-urls http://127.0.0.1:12379 --advertise-client-urls http://127.0.0.1:12379
  # which rules of its role the account that deploys has used
  echo '{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"], "rules": [
    {"level": "Metadata", "userGroups": ["system:serviceaccounts:acme", "system:serviceaccounts:slots"]}, {"level": "None"}]}' > "$RUN/audit.json"
  start kube-apiserver "$kube" kube-apiserver --etcd-servers http://127.0.0.1:12379 --cert-dir "$RUN/pki" \
    --bind-address 127.0.0.1 --secure-port 16443 --service-cluster-ip-range 10.96.0.0/16 \
    --token-auth-file "$RUN/pki/tokens.csv" --authorization-mode RBAC --service-account-issuer https://local \
    --service-account-key-file "$RUN/pki/sa.key" --service-account-signing-key-file "$RUN/pki/sa.key" \
    --kubelet-preferred-address-types InternalIP --audit-policy-file "$RUN/audit.json" --audit-log-path "$RUN/audit.log"
  wait_for 300 kubectl get --raw /readyz || { tail -20 "$RUN/kube-apiserver.log" >&2; return 1; }
  start kube-controller-manager "$kube" kube-controller-manager --kubeconfig "$KUBECONFIG" --leader-elect=false --bind-address 127.0.0.1 \
    --service-account-private-key-file "$RUN/pki/sa.key" --root-ca-file "$RUN/pki/apiserver.crt"
  start kube-scheduler "$kube" kube-scheduler --kubeconfig "$KUBECONFIG" --leader-elect=false --bind-address 127.0.0.1
  kubernetes_containerd
  kubernetes_kubelet "$node_ip"
  # it links the logs of containers there
  mkdir -p /var/log/containers
  mount -t tmpfs tmpfs /var/log/containers
  # housekeeping: statistics of every control group of the machine, which no one reads. Each 10 s they are two thirds of its CPU time
  start kubelet "$kube" kubelet --config "$RUN/kubelet.yaml" --kubeconfig "$KUBECONFIG" \
    --root-dir "$RUN/kubelet" --cert-dir "$RUN/pki" --hostname-override node-1 --node-ip "$node_ip" --housekeeping-interval 1m
  start kube-proxy "$kube" kube-proxy --kubeconfig "$KUBECONFIG" --hostname-override node-1 --proxy-mode iptables \
    --cluster-cidr 10.99.0.0/24 --conntrack-max-per-core 0 --bind-address 127.0.0.1 --healthz-bind-address 127.0.0.1:10256
  wait_for 300 kubectl get node node-1 || { tail -20 "$RUN/kubelet.log" >&2; return 1; }
  kubectl wait --for=condition=Ready node/node-1 --timeout=600s > /dev/null || { tail -20 "$RUN/kubelet.log" >&2; return 1; }
}

kubernetes_config() { # USER TOKEN [NAMESPACE]: a kubeconfig
  cat << END
apiVersion: v1
kind: Config
clusters: [{name: local, cluster: {server: "$KUBERNETES_SERVER", certificate-authority: "$RUN/pki/apiserver.crt"}}]
users: [{name: $1, user: {token: "$2"}}]
contexts: [{name: $1@local, context: {cluster: local, user: $1, namespace: ${3:-default}}}]
current-context: $1@local
END
}

# A bridge network. restrict_oom_score_adj: a nested machine may not lower the score.
kubernetes_containerd() {
  cat > "$RUN/cni/net.d/10-bridge.conflist" << END
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "pods0", "isGateway": true, "ipMasq": false,
   "ipam": {"type": "host-local", "dataDir": "$RUN/cni/ipam", "ranges": [[{"subnet": "10.99.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
END
  cat > "$RUN/containerd.toml" << END
version = 2
root = "$RUN/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$REGISTRY/acme/pause:1"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$RUN/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".registry.mirrors."$REGISTRY"]
    endpoint = ["http://$REGISTRY"]
  [plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]
    endpoint = ["http://$REGISTRY"]
END
  node .ci/targets/push-image.cjs "$REGISTRY" acme/pause 1 "$kubernetes_home/shop" wait > /dev/null
  start containerd containerd --config "$RUN/containerd.toml"
  wait_for 300 ctr version || { tail -20 "$RUN/containerd.log" >&2; return 1; }
}

# failCgroupV1, oomScoreAdj: of nested machines. crashLoopBackOff: a container that crashes is started again sooner than after 10, 20 and 40 s.
kubernetes_kubelet() { # NODE-IP
  cat > "$RUN/kubelet.yaml" << END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $1
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
podLogsDir: $RUN/pod-logs
volumePluginDir: $RUN/kubelet/plugins
cgroupDriver: cgroupfs
cgroupsPerQOS: false
enforceNodeAllocatable: []
failCgroupV1: false
failSwapOn: false
oomScoreAdj: 0
featureGates: {KubeletCrashLoopBackOffMax: true}
crashLoopBackOff: {maxContainerRestartPeriod: 2s}
makeIPTablesUtilChains: false
localStorageCapacityIsolation: false
evictionHard: {memory.available: 50Mi, nodefs.available: 1%, imagefs.available: 1%}
END
}

# Ends the containers, which outlive the engines, and frees what they mounted.
kubernetes_down() {
  if [ -e "$RUN/kubelet.pid" ]; then kill -KILL -- "-$(cat "$RUN/kubelet.pid")" 2> /dev/null || true; fi
  # of this process namespace, whose last processes these are
  ctr --namespace k8s.io tasks ls 2> /dev/null | awk 'NR > 1 && $2 > 1 { print $2 }' | xargs --no-run-if-empty kill -KILL 2> /dev/null || true
  wait_for 60 kubernetes_has_ended || true
  awk -v run="$RUN/" 'index($5, run) == 1 || index($5, "/run/containerd/") == 1 { print $5 }' /proc/self/mountinfo | tac | xargs --no-run-if-empty umount --lazy 2> /dev/null || true
}

kubernetes_has_ended() {
  [ -z "$(ctr --namespace k8s.io tasks ls --quiet | head -1)" ]
}
