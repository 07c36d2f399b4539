import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atMost, inMs, Measurement } from './measurement';
import { median } from './statistics';

const SIZES = [1, 3, 30];
const ROUNDS = 9;
/** What the proof of three environments may take. */
const LIMIT_MS = 300;

interface Series {
  readonly environments: number;
  /** Milliseconds, one a process. */
  readonly times: readonly number[];
}

/** (o) What the proof takes in a new process, as `npx projen` is one. */
export const proofTime: Measurement = {
  letter: 'o',
  name: 'proof-time',
  title: 'the proof at synthesis',

  run(say) {
    const series = SIZES.map((environments): Series => {
      say(`${environments} environments`);
      return { environments, times: Array.from({ length: ROUNDS }, () => timed(environments)) };
    });
    const [one, three, thirty] = series.map(({ times }) => median(times));
    return Promise.resolve({
      figures: [
        { what: 'the proof of 1 environment', measured: inMs(one) },
        atMost('the proof of 3 environments, one after the other', three, LIMIT_MS, inMs),
        { what: 'the proof of 30 environments, one after the other', measured: inMs(thirty) },
      ],
      notes: [`Medians of ${ROUNDS} processes each: the time in the proof alone, of a project with an artifact whose environments come one after the other. Nothing is known from before.`],
      data: series,
      plot: { title: 'The proof at synthesis', x: 'environments', y: 'ms', series: [{ name: 'medians', isJoined: true, points: series.map(({ environments, times }) => [environments, median(times)] as const) }] },
    });
  },
};

function timed(environments: number): number {
  const outdir = mkdtempSync(join(tmpdir(), 'bench-proof-'));
  try {
    const out = execFileSync(process.execPath, ['-e', SCRIPT, outdir, String(environments), join(__dirname, '..')], { encoding: 'utf8', env: { ...process.env, PROJEN_DISABLE_POST: 'true' } });
    return Number(out.trim().split('\n').at(-1));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** The project is made by the library as it is compiled. */
const SCRIPT = `
  const [outdir, count, root] = process.argv.slice(1);
  const { github, LogLevel, Project } = require(root + '/node_modules/projen');
  const { Delivery, HealthCheck, ReleaseIdentity, Target, Trigger } = require(root + '/lib');
  const proof = require(root + '/lib/ci/github/proof/proof');
  const { disproofOf } = proof;
  let taken = 0;
  proof.disproofOf = (...given) => {
    const begin = performance.now();
    try { return disproofOf(...given); } finally { taken += performance.now() - begin; }
  };
  const project = new Project({ name: 'app', outdir, logging: { level: LogLevel.OFF } });
  new github.GitHub(project, { mergify: false, pullRequestLint: false });
  const names = Array.from({ length: Number(count) }, (_, i) => 'stage-' + (i + 1));
  new Delivery(project, {
    target: Target.commands({ deploy: 'true' }),
    artifact: { paths: ['dist'] },
    proof: true,
    environments: names.map((name, i) => ({
      name, url: 'https://' + name + '.example.com', trigger: i === 0 ? Trigger.branch('main') : Trigger.after(names[i - 1]),
      healthChecks: [HealthCheck.http('https://' + name + '.example.com/health', { release: ReleaseIdentity.json('version') })],
    })),
  });
  project.synth();
  if (taken === 0) throw new Error('nothing was proven');
  console.log(taken);
`;
