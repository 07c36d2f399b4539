# shellcheck shell=bash
# Sourced by .ci/targets/kubernetes after first-steps.sh: what newcomers with a cluster do. The pages docs/targets/kubernetes*-first-steps.md word by word,
# from an empty folder over the packed tarball to a release that is verified and a bad one that is rolled back.
# shellcheck disable=SC2154

# Lines that make a project, with the projen of this repository and the packed tarball in $1.
newcomer_project() { # FOLDER LINES
  local projen
  projen=$(node -p "require('$root/node_modules/projen/package.json').version")
  run_lines new 'npx projen new' "$(sed -e "s#npx projen new#npx --yes projen@$projen new#" -e "s#--dev-deps projen-delivery#--dev-deps projen-delivery@file:$tarball#" <<< "$2")"
}

# What asks the npm registry, into $1: the folders that the pages begin with. Those with cdk8s begin with the same one.
newcomer_app() {
  newcomer
  local lines tarball
  mkdir -p "$1/cdk8s" "$1/helm"
  tarball=$(.ci/tarball "$1")
  page=$root/docs/targets/kubernetes-argo-rollouts-first-steps.md
  lines=$(block 1 sh)
  page=$root/docs/targets/kubernetes-first-steps.md
  [ "$(block 1 sh)" = "$lines" ] || fail 'the pages with cdk8s begin with other lines'
  cd "$1/cdk8s" || exit
  newcomer_project "$1" "$lines"
  # all pages have the same
  mv shop/node_modules .
  step 'a cdk8s app with projen-delivery'
  page=$root/docs/targets/kubernetes-helm-first-steps.md
  cd "$1/helm" || exit
  newcomer_project "$1" "$(block 1 sh)"
  mv shop/node_modules .
  step 'a project with a chart and projen-delivery'
}

# A folder as after the first lines of the page $1, and a cluster without the app of the page before.
newcomer_begins() { # PAGE FOLDER BASE
  page=$root/docs/targets/$1-first-steps.md
  kubectl delete namespace shop --ignore-not-found > /dev/null
  mkdir "$2/$1"
  cp -a "$2/$3/shop" "$2/$1/shop"
  cd "$2/$1/shop" || exit
  mkdir node_modules
  mount --bind "$2/$3/node_modules" node_modules
}

# What the page with cdk8s has, and the one with slots, which builds on it.
newcomer_cdk8s() {
  local page=$root/docs/targets/kubernetes-first-steps.md
  block 1 typescript > src/main.ts
  cmp src/main.ts "$root/examples/cdk8s-app/src/main.ts" || fail 'the example has another app than the documentation'
}

# From the delivery to a bad release, with the `sh` blocks of these numbers.
newcomer_releases() { # PROJEN DEPLOY BAD
  local title version
  title=$(sed -n '1s/^# \(.*\): first steps$/\1/p' "$page")
  block 1 ts | before_synth .projenrc.ts
  run_lines "$title projen" 'npx projen' "$(block "$1" sh)"
  run_lines "$title deploy" 'the first deployment' "$(block "$2" sh)"
  grep -Eq 'added .*(Deployment|Rollout)' "$RUN/$title deploy.log" || { cat "$RUN/$title deploy.log" >&2; fail 'the plan does not show what is added'; }
  version=$(curl -fsS http://localhost:30080/ | node -p 'JSON.parse(fs.readFileSync(0)).version')
  # the commit, or what the delivery calls it
  [[ $version = ??????? || $version = "$(git rev-parse HEAD)" ]] && [[ $(git rev-parse HEAD) = "$version"* ]] || fail "users get $version"
  step "$title: the first release is verified"
  run_lines "$title bad" 'the bad release' "$(block "$3" sh)"
  grep -q 'exit code 1' "$RUN/$title bad.log" || { tail -60 "$RUN/$title bad.log" >&2; fail 'the bad release was not rejected'; }
  grep -q 'is live again, verified' "$RUN/$title bad.log" || { tail -60 "$RUN/$title bad.log" >&2; fail 'the bad release was not rolled back'; }
  expect_served http://localhost:30080/ "$version"
  step "$title: a bad release was rolled back, and users have the first one"
}

# The page says so of the first release, and of the end.
newcomer_on_blue() {
  local selector
  selector=$(kubectl --namespace shop get service web --output jsonpath='{.spec.selector}')
  [[ $selector = *-blue\"* ]] || fail "the selector is $selector"
}

# What needs the cluster, with the folders that newcomer_app made.
newcomer_pages() { # FOLDER
  newcomer
  # .ci/examples checks the types of the pages' lines
  export TS_NODE_TRANSPILE_ONLY=true
  export PATH=$helm_home:$PATH HELM_CACHE_HOME=$RUN/helm HELM_CONFIG_HOME=$RUN/helm HELM_DATA_HOME=$RUN/helm
  # a stand-in for the image of Docker Hub, whose flags it has
  node "$root/.ci/targets/push-image.cjs" "$REGISTRY" hashicorp/http-echo 1.0.0 "$home/shop" > /dev/null
  # not with &&, which hides failures
  (newcomer_begins kubernetes "$1" cdk8s; newcomer_cdk8s; newcomer_releases 2 3 4)
  (newcomer_begins kubernetes-slots "$1" cdk8s; newcomer_cdk8s; newcomer_releases 1 2 3; newcomer_on_blue)
  (newcomer_begins kubernetes-argo-rollouts "$1" cdk8s; block 1 typescript > src/main.ts; newcomer_releases 2 3 4)
  (newcomer_begins kubernetes-helm "$1" helm; block 1 yaml > charts/shop/templates/web.yaml; newcomer_releases 2 3 4)
}
