/**
 * Which checks see the faults of which files. A file may be in several rooms; one that is in none selects everything. The parts that always run
 * (parts.ts) need not be named: a room whose list is empty is seen by them alone. Suites and what they import need no room.
 */

export interface Room {
  /** Paths; `*` stands for part of a name, `**` for any path, and a folder ends in `/`. */
  readonly files: readonly string[];
  /** Parts and suites, as patterns of the same kind. */
  readonly checks: readonly string[];
}

export const EVERYTHING: Room = { files: [], checks: ['**'] };

const MODELS = 'test/tools/model-checker';
const models = (...suites: readonly string[]) => suites.map((name) => `${MODELS}/${name}.ci.ts`);
const e2e = (...suites: readonly string[]) => suites.map((name) => `test/e2e/${name}.ci.ts`);

/** Engines: the part with the real engine, the driver's suites, and the crash points of its calls. */
const LAMBDA = ['targets/lambda', 'test/engines/lambda/', `${MODELS}/crashes-lambda*`];
const ECS = ['targets/ecs', 'targets/image', 'test/engines/ecs/', `${MODELS}/crashes-ecs*`];
const AWS_CDK = [
  'targets/aws-cdk', 'targets/aws-cdk-newcomer', 'targets/aws-cdk-python', 'targets/image', 'test/engines/aws-cdk/',
  ...e2e('aws-cdk-review', 'aws-sign-in'),
];
const STATIC_SITE = ['targets/static-site', 'test/engines/static-site/', `${MODELS}/crashes-static-site*`];
const KUBERNETES = ['targets/kubernetes', 'test/engines/kubernetes/', `${MODELS}/crashes-kubernetes*`, `${MODELS}/crashes-argo-rollouts*`];
const GIT_OPS = ['targets/git-ops', 'test/engines/git-ops/', `${MODELS}/crashes-git-ops*`];
const GITHUB_PAGES = ['targets/github-pages', 'site', 'test/engines/github-pages/', `${MODELS}/crashes-github-pages*`];
const NPM = ['targets/npm', 'library', 'test/engines/npm/', `${MODELS}/crashes-npm*`];
const REGISTRY = ['targets/registry', 'test/engines/package-registry/'];
const SERVERS = ['targets/servers', 'test/engines/servers/', `${MODELS}/crashes-server*`];
const AWS = [...LAMBDA, ...ECS, ...AWS_CDK, ...STATIC_SITE];
const ENGINES = [...AWS, ...KUBERNETES, ...GIT_OPS, ...GITHUB_PAGES, ...NPM, ...REGISTRY, ...SERVERS, `${MODELS}/interleavings-targets*`, `${MODELS}/crashes-outputs*`];

/** The decisions of a deployment. */
const DEPLOYMENTS = [
  'test/runtime/deployment/', 'test/runtime/commands/', `${MODELS}/interleavings*`,
  ...models('crashes-first-order', 'crashes-second-order', 'crashes-one-way', 'crashes-outputs', 'crashes-before-calls', 'crashes-laptop', 'rejected-writes', 'lock', 'runtime'),
  ...e2e('rerun', 'by-hand', 'shop'),
];
const EXECUTED = ['test/e2e/', 'library', 'second-engine', 'tutorial'];
const CANARIES = ['prometheus', 'test/runtime/deployment/canary*', 'test/runtime/deployment/rollout-canary*', 'test/false-alarms/', 'test/runtime/analysis/', ...models('crashes-analysis')];
const WATCH = [
  'status-page', 'test/runtime/monitoring/', 'test/runtime/notifications/', 'test/runtime/status-page/', ...models('crashes-watch', 'crashes-alarms', 'crashes-notify', 'overlaps'),
  ...e2e('watch', 'alerts', 'status-page', 'automatic-rollback'),
];
const SYNTHESIS = [
  'security', 'projen-versions', 'test/combinations/', 'test/security/', 'test/project-types/', 'test/ci/', 'test/examples/', 'test/delivery/',
  `${MODELS}/outcomes*`, ...models('chains'),
];
const PROOF = [`${MODELS}/outcome*`, ...models('proof-mutants', 'chains', 'preview-outcomes'), 'test/ci/'];
const PREVIEWS = [...models('previews', 'preview-outcomes'), ...e2e('previews', 'pull-requests', 'pull-request-changes')];
const CONSUMERS = ['python-consumer', 'java-consumer', 'go-consumer'];
const REHEARSALS = e2e('rehearsal', 'rehearsal-own');
const STARTED = ['test/runtime/behind-a-proxy.ci.ts', 'test/runtime/requests*', 'test/runtime/full-disk.ci.ts', 'test/runtime/small-disk.ci.ts', 'test/runtime/wrong-clock.ci.ts'];

/** What one engine is made of. */
const ENGINE_ROOMS: readonly Room[] = [
  { files: ['src/engines/lambda/', '.ci/targets/lambda*', '.ci/targets/conformance-aws.cjs'], checks: LAMBDA },
  { files: ['src/engines/ecs/', '.ci/targets/ecs*', '.ci/targets/elb-weights.cjs', 'tools/aws-cli-stand-in/'], checks: ECS },
  {
    files: ['src/engines/aws-cdk/', '.ci/targets/aws-cdk*', '.ci/targets/cdk.sh', 'tools/aws-cdk-stand-in/', 'examples/aws-cdk-app/', 'examples/aws-cdk-app-python/'],
    checks: AWS_CDK,
  },
  { files: ['src/engines/static-site/', '.ci/targets/static-site*'], checks: STATIC_SITE },
  {
    files: ['src/engines/kubernetes/', '.ci/targets/kubernetes*', '.ci/targets/argo-*', '.ci/targets/helm-charts/', '.ci/targets/helm-engine/', '.ci/targets/kubernetes-engine/', '.ci/targets/argo-rollouts-engine/',
      '.ci/targets/exec-plugin.cjs', 'tools/kubectl-stand-in/', 'examples/cdk8s-app/'],
    checks: KUBERNETES,
  },
  {
    files: ['src/engines/git-ops/', 'src/delivery/git-ops-*', '.ci/targets/git-ops*', '.ci/targets/git-ops-engine/', '.ci/targets/flux.sh', '.ci/targets/git-http.cjs', '.ci/targets/kubernetes.sh', 'tools/kubectl-stand-in/'],
    checks: GIT_OPS,
  },
  { files: ['src/engines/github-pages/', '.ci/targets/github-pages*', '.ci/targets/pages-*', '.ci/own-site-*', 'src/delivery/site-branch*'], checks: GITHUB_PAGES },
  { files: ['src/engines/npm/', '.ci/targets/npm*', '.ci/targets/verdaccio.sh', 'tools/npm-stand-in/'], checks: NPM },
  { files: ['src/engines/package-registry/', '.ci/targets/registry*', '.ci/targets/package-users.cjs', 'tools/package-registry-stand-in/'], checks: REGISTRY },
  {
    files: ['src/engines/servers/', '.ci/targets/servers*', '.ci/targets/containers-shop.cjs', '.ci/targets/caddy.sh', '.ci/targets/kamal.sh',
      'tools/caddy-stand-in/', 'tools/docker-stand-in/', 'tools/haproxy-stand-in/', 'tools/ssh-stand-in/'],
    checks: SERVERS,
  },
  { files: ['.ci/targets/image*', 'src/runtime/images/', 'src/delivery/image-artifact.ts', 'src/delivery/artifact*'], checks: ['targets/image', 'test/runtime/images/', ...e2e('image-and-files')] },
  // what engines share
  { files: ['src/engines/aws/'], checks: [...LAMBDA, ...AWS_CDK] },
  { files: ['src/engines/cluster/'], checks: [...KUBERNETES, ...GIT_OPS] },
  { files: ['src/engines/published-files/'], checks: [...STATIC_SITE, ...GITHUB_PAGES, ...GIT_OPS] },
  { files: ['src/runtime/aws/', '.ci/targets/aws*', 'src/login/', 'src/validation/aws-name.ts', 'tools/aws-cli-stand-in/'], checks: AWS },
  { files: ['.ci/targets/docker.sh', '.ci/targets/push-image.cjs'], checks: ['targets/kubernetes', 'targets/git-ops', 'targets/ecs', 'targets/image', 'targets/servers'] },
  { files: ['.ci/targets/first-steps.sh'], checks: ['targets/kubernetes', 'targets/git-ops', 'targets/servers', 'targets/npm', 'targets/registry', 'targets/github-pages'] },
  { files: ['.ci/targets/engine.sh', '.ci/targets/scenarios.cjs', '.ci/targets/network-namespace'], checks: ['targets/*'] },
  { files: ['tools/stand-in-server/'], checks: ['test/engines/', `${MODELS}/crashes-*`] },
];

export const ROOMS: readonly Room[] = [
  ...ENGINE_ROOMS,
  { files: ['src/runtime/targets/*'], checks: ENGINES },
  { files: ['src/targets/bound-target.ts', 'src/targets/command*', 'src/targets/target*', 'src/targets/task-target.ts'], checks: [...EXECUTED, ...SYNTHESIS] },
  { files: ['src/contract/'], checks: [...DEPLOYMENTS, ...EXECUTED, 'test/printed.ci.ts', ...models('outcomes')] },
  { files: ['src/contract/*analysis*', 'src/contract/canary-*', 'src/contract/latency-*', 'src/contract/log-beta.ts', 'src/contract/metric-*', 'src/contract/prometheus-*', 'src/contract/quantile-*', 'src/contract/rate-*'], checks: CANARIES },

  // synthesis
  { files: ['src/delivery/', 'src/strategies/', 'src/validation/', 'src/index.ts', 'src/alerts/', 'src/login/', 'src/health-checks/', 'src/analysis/'], checks: [...SYNTHESIS, ...EXECUTED] },
  { files: ['src/files/'], checks: [...SYNTHESIS, ...EXECUTED, 'test/runtime/runtime-parts.ci.ts', 'python-service'] },
  { files: ['src/index.ts', 'examples/consumers/', 'test/extensions/', '.ci/wheel', '.ci/generate-bindings', '.ci/same-as-typescript'], checks: CONSUMERS },
  { files: ['src/ci/'], checks: [...SYNTHESIS, ...EXECUTED, 'python-service', 'test/printed.ci.ts', 'test/conformance/'] },
  { files: ['src/ci/github/toolchains/'], checks: ['toolchains', 'python-service'] },
  { files: ['src/ci/github/proof/', 'src/ci/github/invariants/', 'src/ci/github/expressions/', 'src/ci/github/jobs/conditions.ts'], checks: PROOF },
  { files: ['src/ci/github/jobs/preview-jobs.ts', 'src/ci/github/workflows/preview-workflow.ts', 'src/ci/github/workflows/plan-workflow.ts', 'src/delivery/*preview*'], checks: PREVIEWS },
  { files: ['src/monitoring/', 'src/health-checks/'], checks: ['prometheus', 'other-engines', 'test/monitoring/', ...e2e('watch', 'status-page')] },

  // the runtime
  { files: ['src/runtime/deployment/', 'src/runtime/ledger/', 'src/runtime/event-log/', 'src/runtime/strategies/', 'src/runtime/commands/'], checks: DEPLOYMENTS },
  { files: ['src/runtime/artifacts/', 'src/runtime/files/'], checks: ['library', 'python-service', 'test/runtime/artifacts/', ...STARTED, ...models('crashes-first-order', 'rejected-writes'), ...e2e('image-and-files', 'shop')] },
  { files: ['src/runtime/analysis/', 'src/runtime/metrics/', 'src/runtime/probing/'], checks: [...CANARIES, 'test/runtime/deployment/', ...models('crashes-alarms')] },
  { files: ['src/runtime/probing/'], checks: [...e2e('shop', 'automatic-rollback'), 'test/runtime/probing/', 'test/monitoring/', ...REHEARSALS, ...STARTED] },
  { files: ['src/runtime/monitoring/', 'src/runtime/notifications/', 'src/runtime/status-page/', 'src/alerts/', 'src/monitoring/status-page.ts'], checks: WATCH },
  { files: ['src/runtime/previews/', 'src/runtime/pull-requests/', 'src/runtime/commands/*preview*', 'src/runtime/commands/comment*', 'src/runtime/commands/plan-*'], checks: PREVIEWS },
  { files: ['src/runtime/ci/', 'src/runtime/http/', 'src/runtime/git/'], checks: ['test/e2e/', 'test/runtime/ci/', 'test/conformance/', 'site', 'targets/github-pages', ...STARTED, ...DEPLOYMENTS] },
  { files: ['src/runtime/git/'], checks: [...GIT_OPS, ...GITHUB_PAGES] },
  { files: ['src/runtime/processes/'], checks: ['test/runtime/processes/', 'test/runtime/deployment/', 'test/security/', 'python-service', ...e2e('shop', 'by-hand'), ...models('crashes-first-order', 'crashes-laptop')] },
  { files: ['src/runtime/reporting/'], checks: ['test/printed.ci.ts', 'test/security/', 'test/runtime/commands/', 'tutorial', ...e2e('shop')] },
  // the files of src/runtime itself: how it starts
  { files: ['src/runtime/*'], checks: [...STARTED, 'test/runtime/runtime-parts.ci.ts', 'test/runtime/commands/', 'tutorial', ...DEPLOYMENTS] },

  // tools
  { files: ['tools/github-actions-emulator/', 'tools/github-api-stand-in/'], checks: ['test/e2e/', 'test/tools/', 'second-engine', 'library', 'python-service', 'test/runtime/ci/', 'targets/github-pages', 'site'] },
  { files: ['tools/rehearsal/'], checks: [...REHEARSALS, 'site'] },
  { files: ['tools/model-checker/'], checks: [`${MODELS}/`] },
  { files: ['tools/model-checker/crashes/'], checks: [`${MODELS}/crashes*`, ...models('rejected-writes')] },
  { files: ['tools/checks/', 'tools/README.md', 'tools/tsconfig.json', 'tools/typescript.cjs', 'tools/code-cache.cjs', 'tools/ledger-in-run.cjs', 'tools/fault-planting/'], checks: [] },
  { files: ['tools/checks/', '.ci/run', '.ci/nightly', '.ci/side-by-side', '.ci/measure', '.ci/checks'], checks: ['test/tools/checks/'] },

  // the parts' own scripts; a part always has the script that bears its name
  { files: ['.ci/exhaustive', '.ci/run', '.ci/nightly', '.ci/side-by-side', '.ci/measure', '.ci/checks', '.ci/passed.md', '.ci/nightly.md', '.ci/in-memory', '.ci/typescript', '.ci/retry', '.ci/debian-packages'], checks: [] },
  { files: ['.ci/tarball', '.ci/beginning', '.ci/bindings', '.ci/demo', '.ci/examples', '.ci/lint', '.ci/lint-workflows', '.ci/newcomer'], checks: [] },
  // the committed runtime, and what this repository delivers with it: every change of src/runtime changes the first
  { files: ['.projen/', 'projenrc/own-delivery.ts', '.ci/own-release-scenarios.cjs', '.ci/release-smoke', '.github/workflows/release.yml'], checks: ['own-release'] },
  { files: ['.ci/go-consumer', '.ci/java-consumer', '.ci/python-consumer', '.ci/wheel', '.ci/generate-bindings', '.ci/same-as-typescript', '.ci/readme-example.cjs'], checks: CONSUMERS },
  { files: ['.ci/library', '.ci/other-engines', '.ci/prometheus', '.ci/python-service', '.ci/second-engine', '.ci/toolchains', '.ci/tutorial', '.ci/projen-versions', '.ci/security', '.ci/node-versions'], checks: [] },
  { files: ['.ci/chromium.cjs', '.ci/pictures*', '.ci/site', '.ci/status-page*', '.ci/own-site-scenarios.cjs'], checks: ['site', 'status-page'] },
  // shellcheck reads them
  { files: ['.ci/**'], checks: ['security'] },

  // beside them
  { files: ['docs/', 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'API.md', 'site/'], checks: ['site'] },
  { files: ['README.md', 'docs/tutorial.md', 'test/docs/run-page.ts'], checks: ['tutorial'] },
  { files: ['docs/python.md', 'README.md'], checks: CONSUMERS },
  { files: ['docs/targets/aws-cdk-first-steps*'], checks: ['targets/aws-cdk-newcomer', 'targets/aws-cdk-python'] },
  { files: ['docs/targets/kubernetes*'], checks: ['targets/kubernetes'] },
  { files: ['docs/targets/git-ops*'], checks: ['targets/git-ops'] },
  { files: ['docs/targets/servers*'], checks: ['targets/servers'] },
  { files: ['docs/targets/npm*'], checks: ['targets/npm'] },
  { files: ['docs/targets/github-pages*'], checks: ['targets/github-pages'] },
  { files: ['docs/targets/registry*'], checks: ['targets/registry'] },
  { files: ['examples/'], checks: ['test/examples/', ...e2e('shop', 'monorepo', 'rehearsal'), 'security', 'second-engine', 'projen-versions', 'python-service'] },
  { files: ['conformance/'], checks: ['test/conformance/', 'targets/lambda'] },
  { files: ['test/combinations/', 'test/security/'], checks: ['security'] },
  { files: ['test/runtime/status-page/', 'test/monitoring/exports/'], checks: ['status-page', 'other-engines', 'prometheus'] },
  { files: ['test/', 'bench/', 'rosetta/', 'projenrc/', '.projenrc.ts', '.github/', 'package.json', 'CONTRIBUTING.md', 'LICENSE', 'tsconfig*', 'src/engines/tsconfig.json', '.eslintrc.json', '.git*', '.npm*'], checks: [] },
];
