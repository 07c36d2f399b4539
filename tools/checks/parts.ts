/** The parts of `.ci/run`: what each needs, and the long suites that it runs. */

export type Toolchain = 'go' | 'java' | 'python';

export interface Part {
  /** The script `.ci/<name>`, or a function of `.ci/run`. */
  readonly name: string;
  /** What it needs beyond Node, npm and Ubuntu's packages. */
  readonly toolchains?: readonly Toolchain[];
  /** Runs with each change, whatever the record says. */
  readonly always?: true;
  /** The suites (`*.ci.ts`) that it starts itself, as patterns. `exhaustive` runs all others. */
  readonly suites?: readonly string[];
  /** Only `.ci/nightly` runs it. */
  readonly nightly?: true;
}

/** In the order in which they begin, seven at a time: those that take long come first. */
export const PARTS: readonly Part[] = [
  { name: 'test', always: true },
  { name: 'build', always: true },
  { name: 'lint', always: true },
  // compile a cluster at the first run
  { name: 'targets/kubernetes', toolchains: ['go'] },
  { name: 'targets/git-ops', toolchains: ['go'] },
  // the packages for other languages, which consumers take from there
  { name: 'bindings', always: true },
  // targets with the engine's own CLI against an emulator of the engine
  { name: 'targets/aws-cdk', toolchains: ['python'] },
  { name: 'targets/ecs', toolchains: ['python'] },
  { name: 'targets/image', toolchains: ['python'] },
  { name: 'targets/lambda', toolchains: ['python'], suites: ['test/canary/aws/*'] },
  { name: 'targets/servers' },
  { name: 'targets/aws-cdk-newcomer', toolchains: ['python'] },
  { name: 'targets/aws-cdk-python', toolchains: ['python'] },
  { name: 'other-engines', toolchains: ['go'], suites: ['gatus', 'exporter', 'expressions'].map((name) => `test/monitoring/exports/${name}.ci.ts`) },
  { name: 'library', suites: ['test/e2e/library.ci.ts'] },
  { name: 'toolchains', toolchains: ['java', 'python'], suites: ['test/ci/github/toolchains/toolchains.ci.ts'] },
  { name: 'security', toolchains: ['go', 'python'] },
  { name: 'second-engine', toolchains: ['go'], suites: ['test/act/agreement.ci.ts'] },
  { name: 'java-consumer', toolchains: ['java'] },
  { name: 'prometheus', suites: ['test/monitoring/exports/prometheus.ci.ts', 'test/monitoring/exports/queries.ci.ts', 'test/canary/haproxy*', 'test/canary/metric*'] },
  { name: 'projen-versions' },
  { name: 'python-consumer', toolchains: ['python'] },
  { name: 'python-service', toolchains: ['python'], suites: ['test/e2e/python-service.ci.ts'] },
  { name: 'tutorial' },
  { name: 'newcomer', always: true },
  { name: 'own-release' },
  { name: 'examples', always: true },
  { name: 'lint-workflows', always: true },
  { name: 'site' },
  { name: 'status-page' },
  { name: 'go-consumer', toolchains: ['go'] },
  { name: 'targets/static-site', toolchains: ['python'] },
  { name: 'targets/npm' },
  { name: 'targets/registry', toolchains: ['go', 'java', 'python'] },
  { name: 'targets/github-pages' },
  { name: 'demo', always: true },
  // the runtime on real binaries of Node 20, 22 and 24
  { name: 'node-versions', nightly: true },
];

/** Runs the suites that no other part runs, those that are selected. It begins last: it computes all the time, and beside it an engine is up for twice as long. */
export const SUITES_PART = 'exhaustive';

/** Suites of which a landing takes a part of the cuts or mutants, and a night all (tools/model-checker/share.ts). */
export const SAMPLED_SUITES: readonly string[] = [
  'crashes-*-every-call', 'crashes-first-order', 'crashes-lambda-redeploy', 'crashes-laptop', 'crashes-second-order', '*-mutants', 'rejected-writes',
].map((name) => `test/tools/model-checker/${name}.ci.ts`);

/** Whether a pattern of these tables names a path: `*` stands for part of a name, `**` for any path, and what ends in `/` is a folder with all that is in it. */
export function names(pattern: string, path: string): boolean {
  let expression = expressions.get(pattern);
  if (!expression) {
    const escaped = pattern.replace(/[.+?^$(){}|[\]\\]/g, '\\$&').replace(/\*\*|\*/g, (stars) => (stars === '**' ? '.*' : '[^/]*'));
    expressions.set(pattern, expression = new RegExp(`^${escaped}${pattern.endsWith('/') ? '.*' : ''}$`));
  }
  return expression.test(path);
}

const expressions = new Map<string, RegExp>();
