import { atMost, Figure, inSeconds, Measurement, Table } from './measurement';
import { median } from './statistics';
import { WatchRun, WatchStage } from './watch-stage';
import { HttpCheckManifest } from '../src/contract/manifest';
import { respond, json, slow } from '../test/misbehaving-server';
import { Fault, FAULTS, Scene, TRIFLES } from '../test/runtime/monitoring/faults';

const RUNS = 5;
/** As synthesis writes it by default. */
const DEFAULTS = { intervalMs: 2_000, timeoutMs: 5_000 };
const IDENTITY: Partial<HttpCheckManifest> = { release: { kind: 'json', path: 'version' } };
const TIME_LIMIT_MS = 5_000;
const MEMORY_LIMIT_MB = 100;
/** What the internet adds to each request. */
const DISTANCE_MS = 100;
/** What docs/monitoring.md says of the defaults: three results of 2 s, or of a timeout of 5 s; two healthy ones. */
const NOTIFIED_LIMIT_MS = 5_000;
const SILENT_LIMIT_MS = 16_000;
const RESOLVED_LIMIT_MS = 3_000;

const GOOD = json({ version: 'v1' });
const inMb = (mb: number) => `${Math.round(mb)} MB`;

/** (w) What a run of the watch costs, and how soon it notifies. */
export const watchCost: Measurement = {
  letter: 'w',
  name: 'watch-cost',
  title: 'what a run of the watch costs; and from the beginning of a run until people are notified, by fault',

  async run(say) {
    say('10 environments');
    const ten = await healthy(10, RUNS);
    say(`10 environments, ${DISTANCE_MS} ms away`);
    const distant = await healthy(10, RUNS, DISTANCE_MS);
    say('200 environments');
    const many = await healthy(200, RUNS);
    say('200 environments, all of which begin to fire');
    const firing = await allFiring(200);
    const faults: FaultTimes[] = [];
    for (const fault of FAULTS) {
      say(`a service that ${fault.name}`);
      faults.push(await timesOf(fault));
    }
    const trifles: Trifle[] = [];
    for (const fault of TRIFLES) {
      say(`a service that ${fault.name}`);
      trifles.push(await costOf(fault));
    }
    return {
      figures: [
        atMost('10 healthy environments: the job\'s step, from start to end', ten.ms, TIME_LIMIT_MS, inSeconds),
        atMost(`the same, ${DISTANCE_MS} ms away from GitHub and from each service`, distant.ms, TIME_LIMIT_MS, inSeconds),
        { what: '200 healthy environments: the same', measured: inSeconds(many.ms) },
        { what: 'memory with 10 healthy environments', measured: inMb(ten.maxRssMb) },
        atMost('memory with 200 healthy environments', many.maxRssMb, MEMORY_LIMIT_MB, inMb),
        { what: 'memory with 200 that all begin to fire in one run', measured: inMb(firing.maxRssMb) },
        ...faultFigures(faults),
        holding('too little for an alert: notified', trifles.filter(({ events }) => events.length > 0).length, 0, trifles.length),
      ],
      table: tableOf(faults, trifles),
      notes: [
        `The job's one step after the sparse checkout, \`node .projen/delivery.cjs watch\`: medians of ${RUNS} processes with the synthesized defaults. GitHub's API is a stand-in `
        + 'on loopback. The runner\'s start and the checkout come on top, and are the same for every job.',
        `Memory is the most that any of the processes had resident (VmHWM), ${RUNS} with healthy services, one where all fire.`,
      ],
      data: { ten, distant, many, firing, faults, trifles },
      plot: {
        title: 'From the beginning of a run until people are notified',
        x: 'fault, in the order of the table',
        y: 's',
        series: [
          { name: 'fires', points: faults.map(({ firingMs }, i) => [i + 1, firingMs / 1000] as const) },
          { name: 'resolves', points: faults.map(({ resolvedMs }, i) => [i + 1, resolvedMs / 1000] as const) },
        ],
      },
    };
  },
};

interface Cost {
  readonly ms: number;
  readonly maxRssMb: number;
}

async function healthy(count: number, runs: number, distanceMs = 0): Promise<Cost> {
  const stage = await stageOf(count);
  try {
    stage.behave(distanceMs > 0 ? slow(distanceMs, GOOD) : GOOD);
    if (distanceMs > 0) stage.delayGithub(distanceMs);
    const all: WatchRun[] = [];
    while (all.length < runs) all.push(await stage.run());
    const ill = all.find(({ code }) => code !== 0);
    if (ill) throw new Error(`not healthy: ${ill.output.slice(-1000)}`);
    return { ms: median(all.map(({ ms }) => ms)), maxRssMb: Math.max(...all.map(({ maxRssMb }) => maxRssMb)) };
  } finally {
    await stage.close();
  }
}

async function allFiring(count: number): Promise<Cost> {
  const stage = await stageOf(count);
  try {
    stage.behave(respond(500));
    const { maxRssMb, ms, notified } = await stage.run();
    if (notified.length !== count) throw new Error(`${notified.length} alerts were notified, not ${count}`);
    return { maxRssMb, ms };
  } finally {
    await stage.close();
  }
}

function stageOf(count: number): Promise<WatchStage> {
  return WatchStage.open((world) => Array.from({ length: count }, () => world.check({ ...DEFAULTS, ...IDENTITY })));
}

interface FaultTimes {
  readonly name: string;
  readonly isSilent: boolean;
  readonly saw: string;
  readonly firingMs: number;
  readonly resolvedMs: number;
  /** Over all runs. */
  readonly events: readonly string[];
}

/** A run that sees the fault, one more, a run that sees it fixed, one more. */
async function timesOf({ name, isSilent = false, open }: Fault): Promise<FaultTimes> {
  return onScene(open, async (scene, stage) => {
    await scene.spoil();
    const fired = await stage.run();
    const stillFiring = await stage.run();
    await scene.repair();
    const resolved = await stage.run();
    const stillWell = await stage.run();
    return {
      name,
      isSilent,
      saw: seenIn(fired.output),
      firingMs: fired.notified.at(0)?.afterMs ?? Infinity,
      resolvedMs: resolved.notified.at(0)?.afterMs ?? Infinity,
      events: [fired, stillFiring, resolved, stillWell].flatMap(({ notified }) => notified.map(({ event }) => event)),
    };
  });
}

interface Trifle {
  readonly name: string;
  readonly events: readonly string[];
}

async function costOf({ name, open }: Fault): Promise<Trifle> {
  return onScene(open, async (scene, stage) => {
    await scene.spoil();
    const runs = [await stage.run(), await stage.run(), await stage.run(), await stage.run()];
    return { name, events: runs.flatMap(({ notified }) => notified.map(({ event }) => event)) };
  });
}

async function onScene<T>(open: Fault['open'], measure: (scene: Scene, stage: WatchStage) => Promise<T>): Promise<T> {
  const scene = await open(DEFAULTS);
  try {
    const stage = await WatchStage.open(() => [scene.check]);
    try {
      return await measure(scene, stage);
    } finally {
      await stage.close();
    }
  } finally {
    await scene.stop();
  }
}

/** As the job's log has it: `✖ health: 500 in 3 ms (probed 3 times) · pending`. */
function seenIn(output: string): string {
  return /✖ health: (.*?)(?: \(probed \d+ times\))?(?: · .*)?$/m.exec(output)?.[1] ?? 'nothing';
}

function isOnceEach({ events }: FaultTimes): boolean {
  return events.join() === 'firing,resolved';
}

function faultFigures(faults: readonly FaultTimes[]): Figure[] {
  const slowest = (those: readonly FaultTimes[], of: (one: FaultTimes) => number) => Math.max(...those.map(of));
  return [
    holding('faults whose alert fired once and resolved once', faults.filter(isOnceEach).length, faults.length, faults.length),
    atMost('notified of what responds or fails, at the latest', slowest(faults.filter(({ isSilent }) => !isSilent), ({ firingMs }) => firingMs), NOTIFIED_LIMIT_MS, inSeconds),
    atMost('notified of what is silent, at the latest', slowest(faults.filter(({ isSilent }) => isSilent), ({ firingMs }) => firingMs), SILENT_LIMIT_MS, inSeconds),
    atMost('notified that it is well again, at the latest', slowest(faults, ({ resolvedMs }) => resolvedMs), RESOLVED_LIMIT_MS, inSeconds),
  ];
}

function holding(what: string, count: number, meant: number, of: number): Figure {
  return { what, measured: `${count} of ${of}`, limit: `${meant} of ${of}`, holds: count === meant };
}

function tableOf(faults: readonly FaultTimes[], trifles: readonly Trifle[]): Table {
  return {
    headers: ['a service that', 'what the check sees', 'time to alert', 'time to resolve', ''],
    rows: [
      ...faults.map((one) => [one.name, one.saw, inSeconds(one.firingMs), inSeconds(one.resolvedMs), isOnceEach(one) ? 'once each' : `✗ ${one.events.join(', ')}`]),
      ...trifles.map(({ name, events }) => [name, 'too little in a row', 'never', '', events.length === 0 ? 'no notification' : `✗ ${events.join(', ')}`]),
    ],
    caption: 'From the beginning of a run of the watch. The wait for the next run of the schedule comes on top: up to 5 minutes by default, longer where GitHub is busy.',
  };
}
