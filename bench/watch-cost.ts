import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { atMost, Figure, inMs, inSeconds, Measurement } from './measurement';
import { median } from './statistics';
import { answer, Behaviour, hang, json, reset, slow } from '../test/misbehaving-server';
import { V1, WatchWorld } from '../test/runtime/monitoring/watch/watch-world';

const RUNS = 5;
/** As synthesis writes it by default. */
const DEFAULTS = { intervalMs: 2_000, timeoutMs: 5_000, release: { kind: 'json', path: 'version' } } as const;
const TIME_LIMIT_MS = 5_000;
const MEMORY_LIMIT_MB = 100;

const GOOD = json({ version: 'v1' });
const FAULTS: Record<string, Behaviour> = {
  'answers 500': answer(500),
  'answers after 6 s': slow(6_000, GOOD),
  'says nothing': hang,
  'resets the connection': reset,
  'answers from another release': json({ version: 'v0' }),
};

/** (w) What a run of the watch costs, and how soon it tells. */
export const watchCost: Measurement = {
  letter: 'w',
  name: 'watch-cost',
  title: 'a run of the watch, all environments healthy; and from the beginning of a run until people are told, by fault',

  async run(say) {
    say('10 environments');
    const ten = await healthy(10, RUNS);
    say('200 environments');
    const many = await healthy(200, 1);
    const faults = [];
    for (const [name, behaviour] of Object.entries(FAULTS)) {
      say(name);
      faults.push({ name, ...await timesOf(behaviour) });
    }
    return {
      figures: [
        atMost('10 healthy environments, start to end', ten.ms, TIME_LIMIT_MS, inSeconds),
        atMost('memory with 200 environments', many.maxRssMb, MEMORY_LIMIT_MB, (mb) => `${Math.round(mb)} MB`),
        { what: '200 healthy environments, start to end', measured: inSeconds(many.ms) },
        ...faults.map(({ name, firingMs, resolvedMs }): Figure => ({
          what: `${name}: told after, well again told after`, measured: `${inMs(firingMs)}, ${inMs(resolvedMs)}`,
        })),
      ],
      notes: [
        `Medians of ${RUNS} processes with the synthesized defaults, GitHub's API a stand-in on loopback: over the internet each request takes some 100 ms more, `
        + 'most of them side by side. The job itself adds the runner\'s start and a sparse checkout.',
        'Until a run begins the schedule has to come round: 5 minutes by default, longer where GitHub is busy.',
      ],
      data: { ten, many, faults },
      plot: {
        title: 'From the beginning of a run until people are told',
        x: 'fault',
        y: 's',
        series: faults.map(({ name, firingMs }, i) => ({ name, points: [[i + 1, firingMs / 1000]] as const })),
      },
    };
  },
};

/** Real processes of the bundled runtime. */
async function healthy(count: number, runs: number): Promise<{ readonly ms: number; readonly maxRssMb: number }> {
  const world = await WatchWorld.create();
  const root = mkdtempSync(join(tmpdir(), 'bench-watch-'));
  try {
    world.service.behave(GOOD);
    const names = Array.from({ length: count }, (_, i) => `env-${i}`);
    world.manifest = {
      ...world.manifest,
      environments: names.map((name) => ({ ...world.environment(name), healthChecks: [world.check(DEFAULTS)] })),
      monitoring: { ...world.manifest.monitoring!, environments: names },
    };
    for (const name of names) await world.deployed(V1, undefined, { environment: name });
    mkdirSync(join(root, '.projen'));
    const files = ['delivery.cjs', 'delivery-monitoring.cjs'].map((name) => {
      copyFileSync(resolve(__dirname, '../assets', name), join(root, '.projen', name));
      return createHash('sha256').update(readFileSync(join(root, '.projen', name))).digest('hex');
    });
    const manifest = { ...world.manifest, runtime: { version: '0', sha256: files[0], monitoringSha256: files[1] } };
    writeFileSync(join(root, '.projen/delivery.json'), JSON.stringify(manifest));
    const memory = JSON.stringify(join(root, 'memory'));
    writeFileSync(join(root, 'memory.cjs'), `process.on('exit', () => require('node:fs').writeFileSync(${memory}, String(process.resourceUsage().maxRSS)));`);
    const all = [];
    for (let i = 0; i < runs; i++) all.push(await once(world, root));
    return { ms: median(all.map(({ ms }) => ms)), maxRssMb: Math.max(...all.map(({ maxRssMb }) => maxRssMb)) };
  } finally {
    await world.destroy();
    rmSync(root, { recursive: true, force: true });
  }
}

async function once(world: WatchWorld, root: string): Promise<{ readonly ms: number; readonly maxRssMb: number }> {
  const { processEnv } = world.surroundings(1, world.manifest.environments[0].name);
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--require', join(root, 'memory.cjs'), '.projen/delivery.cjs', 'watch'], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      ...processEnv,
      GITHUB_RUN_ID: String(world.begin()),
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_SHA: 'c'.repeat(40),
      GITHUB_REF_NAME: 'main',
      DELIVERY_ARTIFACTS: root,
    },
  });
  let output = '';
  child.stdout.on('data', (chunk) => { output += String(chunk); });
  child.stderr.on('data', (chunk) => { output += String(chunk); });
  const code = await new Promise((done) => child.on('close', done));
  if (code !== 0) throw new Error(`the watch ended with ${String(code)}: ${output.slice(-1000)}`);
  return { ms: performance.now() - startedAt, maxRssMb: Number(readFileSync(join(root, 'memory'), 'utf8')) / 1024 };
}

/** With the default times of a health check. */
async function timesOf(behaviour: Behaviour): Promise<{ readonly firingMs: number; readonly resolvedMs: number }> {
  const world = await WatchWorld.create();
  try {
    const [environment] = world.manifest.environments;
    world.manifest = {
      ...world.manifest,
      environments: [{ ...environment, healthChecks: [world.check(DEFAULTS)] }],
    };
    await world.deployed();
    world.service.behave(behaviour);
    const firingMs = await told(world, 'firing');
    world.service.behave(GOOD);
    return { firingMs, resolvedMs: await told(world, 'resolved') };
  } finally {
    await world.destroy();
  }
}

async function told(world: WatchWorld, event: string): Promise<number> {
  const startedAt = performance.now();
  const { told: notices } = await world.watch();
  if (notices.length !== 1 || notices[0].event !== event) throw new Error(`people were told ${JSON.stringify(notices)}, not ${event} once`);
  return performance.now() - startedAt;
}
