import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inSeconds, Measurement, Outcome } from './measurement';
import { median } from './statistics';
import { inOrder } from './svg-plot';
import { playScript } from './target-script';

/** Rollbacks of each target. */
const ROLLBACKS = 5;
/** The scripts in .ci/targets, with the targets whose rollbacks each one measures. */
const SCRIPTS: readonly (readonly [script: string, ...targets: string[]])[] = [
  ['aws-cdk', 'CDK', 'CDK, fast path'],
  ['lambda', 'Lambda'],
  ['ecs', 'ECS rolling', 'ECS blue/green'],
  ['static-site', 'static site'],
  ['image', 'image and commands'],
  ['servers', 'servers', 'servers behind HAProxy', 'servers with containers', 'servers with Podman', 'servers behind Caddy'],
];
/** A script is played once more before it counts as failed: the emulators are not ours. */
const ATTEMPTS = 2;

/** What `shop.keep` of .ci/targets/scenarios.cjs writes: milliseconds from the decision to the old release responding. */
interface Kept {
  readonly target: string;
  readonly restores: readonly number[];
}

interface Measured {
  readonly target: string;
  readonly restores: readonly number[];
  /** The end of what the script printed, if it failed. */
  readonly failure?: string;
}

/** (t) What a rollback takes with each target. Needs Python 3, and root or sudo; the first run downloads the engines. */
export const targetRollbacks: Measurement = {
  letter: 't',
  name: 'target-rollbacks',
  title: `${ROLLBACKS} rollbacks with each of ${SCRIPTS.flatMap(([, ...targets]) => targets).length} targets: the real CLI against an emulator of its platform, or real servers`,

  async run(say) {
    const folder = mkdtempSync(join(tmpdir(), 'target-rollbacks-'));
    const measured: Measured[] = [];
    try {
      for (const [script, ...targets] of SCRIPTS) {
        say(`${script}: ${targets.join(' and ')}`);
        measured.push(...await measure(script, targets, folder));
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return report(measured);
  },
};

async function measure(script: string, targets: readonly string[], folder: string): Promise<Measured[]> {
  let failure: string | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const file = join(folder, `${script}-${attempt}`);
    failure = await playScript(script, { ROLLBACKS: String(ROLLBACKS), ROLLBACKS_FILE: file });
    if (failure === undefined) return keptIn(file, targets);
  }
  return targets.map((target) => ({ target, restores: [], failure }));
}

/** A target without times is a fault of its script: it is named. */
function keptIn(file: string, targets: readonly string[]): Measured[] {
  const kept = readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Kept);
  return targets.map((target) => {
    const found = kept.find((one) => one.target === target);
    return found?.restores.length === ROLLBACKS ? found : { target, restores: [], failure: `it kept ${found?.restores.length ?? 0} times` };
  });
}

function report(measured: readonly Measured[]): Outcome {
  const good = measured.filter(({ failure }) => failure === undefined);
  return {
    figures: measured.map(({ failure, restores, target }) => ({
      what: `${target}: from the decision to the old release responding, p50 and longest`,
      ...(failure === undefined
        ? { measured: `${inSeconds(median(restores))} and ${inSeconds(Math.max(...restores))}` }
        : { measured: 'failed, see below', limit: `${ROLLBACKS} rollbacks`, holds: false }),
    })),
    notes: [
      `${ROLLBACKS} bad releases of each target, as users see them. Behind a proxy a release of servers is bad only for users, not as a candidate; ECS blue/green finds a bad candidate before users do, so there it is a process that is killed after the switch. `
      + 'The real runtime and the real CLI of each platform, against an emulator on this machine; servers are network namespaces with real sshd, HAProxy, Caddy, Docker and Podman. The platform itself may take longer: CloudFormation and ECS minutes, CloudFront too.',
      ...measured.flatMap(({ failure, target }) => (failure === undefined ? [] : [`${target} failed twice:\n${failure}`])),
    ],
    data: Object.fromEntries(good.map(({ restores, target }) => [target, restores])),
    plot: {
      title: 'From the decision to the old release responding, by target',
      x: 'rollbacks, the fastest first',
      y: 's',
      series: good.map(({ restores, target }) => ({ name: target, points: inOrder(restores.map((ms) => ms / 1000)) })),
    },
  };
}
