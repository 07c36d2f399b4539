import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { inSeconds, Measurement, Outcome } from './measurement';
import { median } from './statistics';
import { inOrder } from './svg-plot';
import { playScript } from './target-script';

/** Rollbacks of each target. */
const ROLLBACKS = 5;
/** What is played at once, and the targets whose rollbacks it measures. */
interface Part {
  readonly name: string;
  /** In .ci/targets; by default that of the name. */
  readonly script?: string;
  /** Those of the script; by default all. */
  readonly scenarios?: string;
  readonly targets: readonly string[];
}

const PARTS: readonly Part[] = [
  { name: 'aws-cdk', targets: ['CDK', 'CDK, fast path'] },
  { name: 'lambda', targets: ['Lambda'] },
  { name: 'ecs', targets: ['ECS rolling', 'ECS blue/green'] },
  { name: 'static-site', targets: ['static site'] },
  { name: 'image', targets: ['image and commands'] },
  { name: 'servers', targets: ['servers', 'servers behind HAProxy', 'servers with containers', 'servers with Podman', 'servers behind Caddy'] },
  { name: 'kubernetes', scenarios: 'pods', targets: ['Kubernetes'] },
  { name: 'kubernetes-slots', script: 'kubernetes', scenarios: 'slots', targets: ['Kubernetes with slots'] },
  { name: 'argo-rollouts', script: 'kubernetes', scenarios: 'argo', targets: ['Argo Rollouts canary', 'Argo Rollouts blue/green'] },
  { name: 'git-ops', targets: ['GitOps'] },
  { name: 'github-pages', targets: ['GitHub Pages'] },
  { name: 'npm', targets: ['npm'] },
];
const WHAT = 'from the decision to the old release responding, p50 and longest';
const RESULTS = join(__dirname, 'results/target-rollbacks.json');
/** A script is played once more before it counts as failed: the emulators are not ours. */
const ATTEMPTS = 2;
/** How long a script waits until what the one before it left in the load is over. On a machine that stays busy it begins then. */
const QUIET_WITHIN_MS = 180_000;

/** What `shop.keep` of .ci/targets/scenarios.cjs writes: milliseconds from the decision to the old release responding. */
interface Kept {
  readonly target: string;
  readonly restores: readonly number[];
}

/** The rollbacks of a target, and what they were measured on. */
export interface TargetRollbacks {
  readonly restores: readonly number[];
  readonly measuredAt: string;
  /** Processes that ran, or waited for a core, in the minute before its script began. */
  readonly loadBefore: number;
  readonly cores: number;
}

interface Measured extends TargetRollbacks {
  readonly target: string;
  /** The end of what the script printed, if it failed. */
  readonly failure?: string;
}

/**
 * (t) What a rollback takes with each target. Needs Python 3, Go, and root or sudo; the first run downloads the engines, and compiles Kubernetes, Argo Rollouts and
 * Flux. The results of targets that are not measured stay.
 */
export const targetRollbacks: Measurement = {
  letter: 't',
  name: 'target-rollbacks',
  title: `${ROLLBACKS} rollbacks with each of ${PARTS.flatMap(({ targets }) => targets).length} targets: the real CLI against an emulator of its platform, or real servers, clusters and registries`,
  parts: PARTS.map(({ name }) => name),

  async run(say, { parts } = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'target-rollbacks-'));
    const measured: Measured[] = [];
    try {
      for (const part of PARTS.filter(({ name }) => parts?.includes(name) ?? true)) {
        say(`${part.name}: ${part.targets.join(' and ')}`);
        measured.push(...await measure(part, folder));
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return report(measured, kept());
  },
};

/** What was measured before. */
function kept(): Readonly<Record<string, TargetRollbacks>> {
  return existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, 'utf8')) as { data: Record<string, TargetRollbacks> }).data : {};
}

async function measure({ name, scenarios, script = name, targets }: Part, folder: string): Promise<Measured[]> {
  await untilQuiet();
  const circumstances = { measuredAt: new Date().toISOString(), loadBefore: loadavg()[0], cores: cpus().length };
  const found = new Map<string, Kept>();
  let failure: string | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS && targets.some((target) => !found.has(target)); attempt += 1) {
    const file = join(folder, `${name}-${attempt}`);
    failure = await playScript(script, { ROLLBACKS: String(ROLLBACKS), ROLLBACKS_FILE: file, ...(scenarios && { SCENARIOS: scenarios }) });
    for (const one of completeIn(file)) found.set(one.target, one);
  }
  // those that a script measured before it failed count
  return targets.map((target) => ({
    ...circumstances, target, restores: found.get(target)?.restores ?? [], ...(!found.has(target) && { failure: failure ?? `it kept fewer than ${ROLLBACKS} times` }),
  }));
}

async function untilQuiet(): Promise<void> {
  for (const end = Date.now() + QUIET_WITHIN_MS; loadavg()[0] > cpus().length / 2 && Date.now() < end;) await setTimeout(1_000);
}

/** The targets that a script has measured. */
function completeIn(file: string): Kept[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Kept).filter(({ restores }) => restores.length === ROLLBACKS);
}

function report(measured: readonly Measured[], before: Readonly<Record<string, TargetRollbacks>>): Outcome {
  const good = measured.filter(({ failure }) => failure === undefined);
  const data = inOrderOfParts({ ...before, ...Object.fromEntries(good.map(({ failure: _, target, ...found }) => [target, found])) });
  return {
    figures: [
      ...Object.entries(data).map(([target, { measuredAt, restores }]) => ({
        what: `${target}: ${WHAT}`, measured: `${inSeconds(median(restores))} and ${inSeconds(Math.max(...restores))} (${measuredAt.slice(0, 10)})`,
      })),
      ...measured.filter(({ failure }) => failure !== undefined).map(({ target }) => ({
        what: `${target}: ${WHAT}`, measured: 'failed, see below', limit: `${ROLLBACKS} rollbacks`, holds: false,
      })),
    ],
    notes: [
      `${ROLLBACKS} bad releases of each target, as users see them. Where a candidate is verified before users see it, a release is bad only for users; ECS blue/green finds a bad candidate before users do, so there it is a process that is killed after the switch. `
      + 'The real runtime and the real CLI of each platform, against an emulator on this machine. Servers are network namespaces with real sshd, HAProxy, Caddy, Docker and Podman. Kubernetes is a cluster of one node with real pods, with the controller of Argo Rollouts, and Flux for GitOps. '
      + 'npm is Verdaccio. GitHub Pages is a stand-in that builds for 1 s, with a real git. The platform itself may take longer: CloudFormation and ECS minutes, CloudFront too.',
      ...measured.flatMap(({ failure, target }) => (failure === undefined ? [] : [`${target} failed twice:\n${failure}`])),
    ],
    data,
    plot: {
      title: 'From the decision to the old release responding, by target',
      x: 'rollbacks, the fastest first',
      y: 's',
      series: Object.entries(data).map(([name, { restores }]) => ({ name, points: inOrder(restores.map((ms) => ms / 1000)) })),
    },
  };
}

function inOrderOfParts(data: Readonly<Record<string, TargetRollbacks>>): Record<string, TargetRollbacks> {
  const known = PARTS.flatMap(({ targets }) => targets).filter((target) => data[target] !== undefined);
  return Object.fromEntries(known.map((target) => [target, data[target]!]));
}
