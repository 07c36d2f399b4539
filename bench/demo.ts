/**
 * `npm run demo`: five releases of examples/shop through its own synthesized workflow, three of them bad, while users ask without a pause. The
 * last one is a canary. Exit 0 only if everything came out as promised; what a slow machine hides is said, and breaks no promise. Other kinds of
 * releases as arguments show that it can fail:
 * `npx ts-node -T --project test/tsconfig.json bench/demo.ts good good good stale good`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canaryClaims, expectation } from './demo-canary';
import { ReleasePlay } from './demo-release';
import { accountOf, Claim, claims, doubt, Ending, withResponses } from './demo-verdict';
import { LoadClient } from './load-client';
import { Screen } from './screen';
import { abandonAtExit, ShopStage } from './shop-stage';
import { SwitchWatch } from './switch-watch';
import { EnvironmentManifest } from '../src/contract/manifest';
import { renderTable } from '../src/runtime/reporting/table';
import { ReleaseKind, ReleaseOptions } from '../test/examples/workspace';

const PER_SECOND = 200;
/** The last one is a canary. */
const KINDS: ReleaseKind[] = ['good', 'good', 'bad', 'stale', 'unreliable'];
const CHARACTER: Partial<Record<ReleaseKind, string>> = {
  good: 'good',
  bad: 'responds with 500 as soon as users reach it',
  stale: 'healthy, but users still get the old version\'s response',
  unreliable: 'healthy, but responds with 500 to one of 20 requests of users',
};

async function main(kinds: ReleaseKind[]): Promise<number> {
  const screen = Screen.ofProcess();
  const startedAt = Date.now();
  screen.line(screen.style('bold', 'Five releases of a shop, three of them bad: its synthesized workflow deploys, verifies and takes back'));
  screen.status('synthesizing the shop');
  const stage = await ShopStage.open('.projenrc.demo.ts');
  const forget = abandonAtExit(stage);
  try {
    return await perform(stage, screen, kinds, startedAt);
  } finally {
    screen.clear();
    await stage.close();
    forget();
  }
}

async function perform(stage: ShopStage, screen: Screen, kinds: ReleaseKind[], startedAt: number): Promise<number> {
  const [environment] = stage.manifest.environments;
  introduce(stage, environment, screen, startedAt);
  const watch = new SwitchWatch(stage.shop.machine(environment.name).home);
  const load = new LoadClient({ urls: ['/', '/products', '/health'].map((path) => `${environment.url}${path}`), perSecond: PER_SECOND });
  const plays: Omit<Ending, 'responses'>[] = [];
  const play = async (kind: ReleaseKind, on: EnvironmentManifest) => {
    const options: ReleaseOptions = { tag: `v1.${plays.length}.0`, ...(kind === 'stale' ? { port: 'users' } : {}) };
    const release = await stage.shop.commitRelease(kind, options);
    screen.line();
    screen.line(`${screen.style('bold', release.version)}  ${CHARACTER[kind] ?? kind}`);
    if (on.strategy.weights) introduceCanary(on, screen);
    plays.push(await new ReleasePlay({ stage, environment: on, screen, watch, load, release, startedAt }).perform());
  };
  try {
    for (const kind of kinds.slice(0, -1)) await play(kind, environment);
    screen.status('synthesizing the shop with a canary');
    await stage.redefine('.projenrc.demo-canary.ts');
    await play(kinds.at(-1)!, stage.manifest.environments[0]);
  } finally {
    watch.stop();
    await load.stop();
  }
  const endings = withResponses(plays, load.responses, watch.switches[0]);
  const live = liveVersion(stage.shop.machine(environment.name).home);
  const canary = { ...endings.at(-1)!, stable: endings[1].version, last: watch.last };
  return conclude(screen, kinds, endings, [...claims(endings, live, environment), ...canaryClaims(canary), lawful(stage)]);
}

function introduce({ workflow }: ShopStage, { url, healthChecks: [check], strategy }: EnvironmentManifest, screen: Screen, startedAt: number): void {
  const jobs = Object.keys(workflow.jobs).join(', ');
  screen.line(`  synthesized in ${((Date.now() - startedAt) / 1000).toFixed(1)} s: .github/workflows/deploy.yml with ${jobs}`);
  screen.line(`  ${PER_SECOND} requests a second from users at ${url}, half of them on kept connections`);
  screen.line(screen.style('dim', `  SHORT intervals, to fit into a minute: checks every ${check.intervalMs / 1000} s, ${check.failureThreshold} bad responses in a row decide, `
    + `bake ${strategy.bakeMs / 1000} s, the old release's responses are waited out for ${(check.propagationMs ?? 0) / 1000} s (defaults: 2 s, 3, 15 s, 60 s)`));
}

function introduceCanary(environment: EnvironmentManifest, screen: Screen): void {
  const { strategy: { analysis, weights } } = environment;
  screen.line(`  from here on as a canary: ${weights!.map(({ percent }) => percent).join(', ')} % of the requests first, compared with Stable side by side. Expected:`);
  for (const line of expectation(environment)) screen.line(`  ${line}`);
  screen.line(screen.style('dim', `  SHORT interval again: the counters are read every ${analysis!.metrics[0].metric.intervalMs / 1000} s (default: 5 s). Each error counts, because the router draws the side for each request`));
}

/** What runs in the slot that users reach. Its responses are no proof: the fourth release says that it is another one. */
function liveVersion(home: string): string {
  return (JSON.parse(readFileSync(join(home, 'live', 'process.json'), 'utf8')) as { version: string }).version;
}

function lawful({ violations }: ShopStage): Claim {
  return { sentence: `every call to the GitHub API was one that GitHub's own description allows${violations.length > 0 ? `, but ${violations[0]}` : ''}`, isKept: violations.length === 0 };
}

function conclude(screen: Screen, kinds: ReleaseKind[], endings: Ending[], all: Claim[]): number {
  const seconds = (ms: number | undefined) => (ms === undefined ? '-' : `${(ms / 1000).toFixed(2)} s`);
  const doubtful = doubt(endings);
  const rows = endings.map((ending, index) => {
    const { detectedMs, backMs, served, ownFailures, otherFailures, unknown } = accountOf(ending);
    const counts = [served, ownFailures.length, otherFailures.length, ...(doubtful ? [unknown.length] : [])];
    const numbers = counts.map((count) => count.toLocaleString('en'));
    return [ending.version, CHARACTER[kinds[index]] ?? kinds[index], describe(ending), seconds(detectedMs), seconds(backMs), ...numbers];
  });
  screen.line();
  const headers = ['release', 'what it is', 'what happened', 'detected', 'back after', 'served', 'failed: its own', 'by a switch'];
  screen.line(renderTable([...headers, ...(doubtful ? ['too slow to tell'] : [])], rows));
  screen.line(screen.style('dim', 'detected: from the first bad response to the decision; back after: from there to the old release serving users'));
  screen.line();
  for (const { sentence, isKept } of all) screen.line(isKept ? `${screen.style('green', '✓')} ${sentence}` : `${screen.style('red', '✗ NOT SO:')} ${sentence}`);
  if (doubtful) screen.line(`${screen.style('yellow', '?')} ${doubtful}`);
  return all.every(({ isKept }) => isKept) ? 0 : 1;
}

function describe({ state }: Ending): string {
  return { stable: 'verified, is Stable', rolledBack: 'rolled back' }[state] ?? state;
}

const requestedKinds = process.argv.slice(2) as ReleaseKind[];
main(requestedKinds.length === KINDS.length ? requestedKinds : KINDS).then((code) => { process.exitCode = code; }, (error: Error) => {
  process.stderr.write(`the demo itself failed: ${error.stack}\n`);
  process.exitCode = 1;
});
