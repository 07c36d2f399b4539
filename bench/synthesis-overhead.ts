import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { awscdk, LogLevel } from 'projen';
import { GithubCDKPipeline } from 'projen-pipelines';
import { atMost, Figure, inMs, Measurement } from './measurement';
import { fitLine, median } from './statistics';
import { Plot } from './svg-plot';
import { Delivery, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger } from '../lib';

const SIZES = [1, 3, 30, 80];
const ROUNDS: Record<number, number> = { 1: 40, 3: 150, 30: 20, 80: 12 };
const WARM_UP = 8;
/** In memory, where that is possible: what a disk takes to make a file varies by more than what is compared. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
/** What three environments may add to a synthesis. */
const LIMIT_MS = 10;
/** A cost that grew with the square would make the 80th environment cost several times the 30th. */
const GROWTH_LIMIT = 1.5;

/** What is put on a project. */
type Equipment = (project: awscdk.AwsCdkTypeScriptApp) => void;

interface Series {
  readonly name: string;
  readonly environments: number;
  /** Milliseconds, one a round: with the component less without it. */
  readonly overheads: number[];
  readonly without: number[];
}

const OURS = 'projen-delivery';
const WITH_ARTIFACT = 'projen-delivery with an artifact';
const PIPELINES = 'projen-pipelines';

/** (a) What the component adds to a synthesis in a process that is warm already. */
export const synthesisOverhead: Measurement = {
  letter: 'a',
  name: 'synthesis-overhead',
  title: 'synthesis, with the component less without it',

  async run(say) {
    const series = SIZES.flatMap((environments) => {
      say(`${environments} environments`);
      return measured(environments, {
        [OURS]: delivery(environments),
        ...(environments === 3 ? { [WITH_ARTIFACT]: delivery(3, { paths: ['cdk.out'] }), [PIPELINES]: pipelines } : {}),
      });
    });
    return { figures: figures(series), notes: NOTES, data: series.map(summarized), plot: plot(series) };
  },
};

const NOTES = [
  'Every round: an AwsCdkTypeScriptApp is made and synthesized without a component and with each, in an order that turns; each in a folder of its own (in /dev/shm, where there is one), without post steps (no install). '
  + 'Medians of the rounds\' differences. Both components as their READMEs begin, with one stage more; three stages come one after the other.',
  `Linear: a straight line through the four medians has r² ≥ 0.99, and an environment between the 30th and the 80th costs at most ${GROWTH_LIMIT} times one between the 3rd and the 30th.`,
];

function measured(environments: number, components: Record<string, Equipment>): Series[] {
  const variants = [none, ...Object.values(components)];
  for (let round = 0; round < WARM_UP; round += 1) variants.map(timed);
  const rounds = Array.from({ length: ROUNDS[environments] }, (_, round) => {
    // whatever the machine does meanwhile, or has done just before, hits all alike
    const order = variants.map((_one, index) => variants[(index + round) % variants.length]);
    return new Map(order.map((variant) => [variant, timed(variant)]));
  });
  return Object.entries(components).map(([name, equip]) => ({
    name,
    environments,
    overheads: rounds.map((times) => times.get(equip)! - times.get(none)!),
    without: rounds.map((times) => times.get(none)!),
  }));
}

function timed(equip: Equipment): number {
  // never the working directory: projen would take it for the project's
  const outdir = mkdtempSync(join(FOLDER, 'bench-synthesis-'));
  try {
    const startedAt = performance.now();
    const project = new awscdk.AwsCdkTypeScriptApp({
      name: 'app', outdir, defaultReleaseBranch: 'main', cdkVersion: '2.150.0', logging: { level: LogLevel.OFF },
    });
    equip(project);
    withoutPostSteps(() => project.synth());
    return performance.now() - startedAt;
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function withoutPostSteps(work: () => void): void {
  const before = process.env.PROJEN_DISABLE_POST;
  process.env.PROJEN_DISABLE_POST = 'true';
  try {
    work();
  } finally {
    if (before === undefined) delete process.env.PROJEN_DISABLE_POST;
    else process.env.PROJEN_DISABLE_POST = before;
  }
}

const none: Equipment = () => undefined;

/** As its README begins, with as many environments as asked, one after the other as projen-pipelines has its stages. */
function delivery(count: number, artifact?: { readonly paths: string[] }): Equipment {
  return (project) => {
    for (const task of ['ship', 'switch-traffic']) project.addTask(task, { exec: `scripts/${task}.sh` });
    const names = Array.from({ length: count }, (_, index) => `stage-${index + 1}`);
    new Delivery(project, {
      target: Target.tasks({ deploy: 'ship', promote: 'switch-traffic' }),
      artifact,
      environments: names.map((name, index) => ({
        name,
        trigger: index === 0 ? Trigger.branch('main') : Trigger.after(names[index - 1]),
        url: `https://${name}.example.com`,
        variables: { API_URL: `https://api.${name}.example.com` },
        secrets: index === 0 ? [] : ['DEPLOY_TOKEN'],
        healthChecks: [HealthCheck.http(`https://api.${name}.example.com/health`, { release: ReleaseIdentity.json('version') })],
        strategy: index === 0 ? Strategy.redeploy() : Strategy.blueGreen({ candidateUrl: `https://{slot}.api.${name}.example.com` }),
      })),
    });
  };
}

const pipelines: Equipment = (project) => {
  const env = { account: '123456789012', region: 'eu-central-1' };
  // as its README begins, with one stage more
  new GithubCDKPipeline(project, {
    stackPrefix: 'MyApp',
    iamRoleArns: { default: 'arn:aws:iam::123456789012:role/GithubDeploymentRole' },
    pkgNamespace: '@company-assemblies',
    useGithubPackagesForAssembly: true,
    stages: [{ name: 'dev', env }, { name: 'test', env }, { name: 'prod', manualApproval: true, env }],
  });
};

function figures(series: Series[]): Figure[] {
  const overheadOf = (name: string, environments: number) =>
    median(series.find((one) => one.name === name && one.environments === environments)!.overheads);
  const ours = (environments: number) => overheadOf(OURS, environments);
  const line = fitLine(SIZES.map((size) => [size, ours(size)]));
  const growth = ((ours(80) - ours(30)) / 50) / ((ours(30) - ours(3)) / 27);
  return [
    atMost('3 environments', ours(3), LIMIT_MS, (ms) => `${ms.toFixed(2)} ms`),
    { what: 'projen-pipelines with 3 stages, for comparison', measured: `${overheadOf(PIPELINES, 3).toFixed(2)} ms` },
    { what: '3 environments and an artifact that is built once', measured: inMs(overheadOf(WITH_ARTIFACT, 3)) },
    ...[1, 30, 80].map((size) => ({ what: `${size} environment${size > 1 ? 's' : ''}`, measured: inMs(ours(size)) })),
    { what: 'growth to 80 environments: r² of a straight line', measured: line.r2.toFixed(4), limit: '≥ 0.99', holds: line.r2 >= 0.99 },
    atMost('growth: an environment beyond the 30th, against one before it', growth, GROWTH_LIMIT, (value) => `${value.toFixed(2)} x`),
  ];
}

function summarized({ name, environments, overheads, without }: Series) {
  const medians = { medianOverheadMs: median(overheads), medianWithoutMs: median(without) };
  return { name, environments, rounds: overheads.length, ...medians, overheadsMs: overheads };
}

function plot(series: Series[]): Plot {
  const dots = (name: string) => series.filter((one) => one.name === name)
    .flatMap(({ environments, overheads }) => overheads.map((overhead) => [environments, overhead] as const));
  const ours = series.filter(({ name }) => name === OURS);
  return {
    title: 'Synthesis: with the component less without it',
    x: 'environments',
    y: 'ms',
    series: [
      { name: 'projen-delivery, medians', points: ours.map(({ environments, overheads }) => [environments, median(overheads)] as const), isJoined: true },
      { name: 'projen-pipelines', points: dots(PIPELINES) },
      { name: 'projen-delivery', points: dots(OURS) },
    ],
  };
}
