# shellcheck shell=bash
# Sourced after kubernetes.sh: the controllers of Flux that follow a git repository. `flux_install` needs the internet and Go; `flux_up` needs the cluster.
flux_source=.ci/targets/git-ops-engine
flux_home=$ENGINES/flux-$(cat "$flux_source"/{go.mod,go.sum} | sha256sum | cut -c 1-16)

flux_install() {
  install_once "$flux_home" flux_compile
}

flux_compile() {
  echo "flux: compiling, 20 s with Go's cache and 4 minutes without"
  (
    cd "$flux_source" || exit
    controllers=(github.com/fluxcd/source-controller github.com/fluxcd/kustomize-controller)
    CGO_ENABLED=0 "$OLDPWD/.ci/retry" go build -mod=readonly -buildvcs=false -o "$flux_home/" -ldflags '-s -w' "${controllers[@]}"
    mkdir "$flux_home/crds"
    for one in "${controllers[@]}"; do cp "$(go list -mod=readonly -m -f '{{.Dir}}' "$one")"/config/crd/bases/*.yaml "$flux_home/crds/"; done
    chmod -R u+w "$flux_home/crds"
  )
}

# The controllers are processes beside the cluster, with the rights of an administrator.
flux_up() {
  kubectl apply --server-side --filename "$flux_home/crds" > /dev/null
  kubectl wait --for condition=established --filename "$flux_home/crds" --timeout=600s > /dev/null
  kubectl create namespace flux-system > /dev/null
  mkdir "$RUN/flux"
  export RUNTIME_NAMESPACE=flux-system
  start source-controller "$flux_home/source-controller" --watch-all-namespaces --storage-path "$RUN/flux" --storage-addr 127.0.0.1:18094 \
    --storage-adv-addr 127.0.0.1:18094 --metrics-addr 127.0.0.1:18092 --health-addr 127.0.0.1:18093
  start kustomize-controller "$flux_home/kustomize-controller" --watch-all-namespaces --metrics-addr 127.0.0.1:18095 --health-addr 127.0.0.1:18096 \
    --feature-gates CancelHealthCheckOnNewRevision=true
  wait_for 300 curl -fsS http://127.0.0.1:18093/healthz || { tail -20 "$RUN/source-controller.log" >&2; return 1; }
  wait_for 300 curl -fsS http://127.0.0.1:18096/healthz || { tail -20 "$RUN/kustomize-controller.log" >&2; return 1; }
}
