/**
 * `npm run bench [-- a c]`: measures what the README promises, prints it beside the limits, and keeps it in bench/results.
 * `npm run bench -- k=500` repeats a simulation 500 times, not as often as usual. Exit 1 when a limit is broken.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { addedTime } from './added-time';
import { canaryVerdicts } from './canary-verdicts';
import { drillTimes } from './drill-times';
import { falseAlarms } from './false-alarms';
import { liveCanaries } from './live-canaries';
import { lostRunner } from './lost-runner';
import { Measurement, Outcome } from './measurement';
import { proofTime } from './proof-time';
import { requests } from './requests';
import { rollbackTimes } from './rollback-times';
import { Screen } from './screen';
import { serversAndKamal } from './servers-and-kamal';
import { startUp } from './start-up';
import { renderPlot } from './svg-plot';
import { switchFailures } from './switch-failures';
import { synthesisOverhead } from './synthesis-overhead';
import { targetRollbacks } from './target-rollbacks';
import { watchCost } from './watch-cost';
import { workflowSizes } from './workflow-sizes';
import { renderTable } from '../src/runtime/reporting/table';

const MEASUREMENTS: Measurement[] = [
  synthesisOverhead, startUp, addedTime, rollbackTimes, switchFailures, falseAlarms,
  lostRunner, drillTimes, watchCost, requests, workflowSizes, proofTime, targetRollbacks, serversAndKamal, canaryVerdicts, liveCanaries,
];
const RESULTS = join(__dirname, 'results');

/** A part, and how often it is repeated, if that is not as usual. */
interface Choice {
  readonly letter: string;
  readonly trials?: number;
}

/** `k`, or `k=500`. Undefined if there is no such part, or it is not one that is repeated. */
function choice(argument: string): Choice | undefined {
  const { letter, trials } = /^(?<letter>[a-z])(?:=(?<trials>[1-9]\d*))?$/.exec(argument)?.groups ?? {};
  const measurement = MEASUREMENTS.find((one) => one.letter === letter);
  if (!measurement || (trials !== undefined && !measurement.trials)) return undefined;
  return { letter, ...trials === undefined ? {} : { trials: Number(trials) } };
}

function usage(): string {
  return MEASUREMENTS.map(({ letter, title, trials }) => (
    `  ${letter}  ${title}${trials ? ` (${trials.usual.toLocaleString('en')} ${trials.what}; ${letter}=500 for 500)` : ''}`
  )).join('\n');
}

async function main(args: string[]): Promise<number> {
  const choices = args.map(choice);
  const unknown = args.filter((_, index) => !choices[index]);
  if (unknown.length > 0) {
    process.stderr.write(`there is no part ${unknown.join(', ')}:\n${usage()}\n`);
    return 2;
  }
  const screen = Screen.ofProcess();
  if (isBusy()) screen.line(screen.style('yellow', `This machine is busy (load ${loadavg()[0].toFixed(1)}): times will be longer than they need be.`));
  const chosen = MEASUREMENTS.filter(({ letter }) => args.length === 0 || choices.some((one) => one?.letter === letter));
  const outcomes: [Measurement, Outcome][] = [];
  for (const measurement of chosen) {
    const [loadBefore] = loadavg();
    const outcome = await measure(measurement, screen, choices.find((one) => one?.letter === measurement.letter)?.trials);
    keep(measurement, outcome, loadBefore);
    outcomes.push([measurement, outcome]);
  }
  return conclude(screen, outcomes);
}

async function measure(measurement: Measurement, screen: Screen, trials?: number): Promise<Outcome> {
  const startedAt = Date.now();
  screen.line(`${screen.style('bold', `(${measurement.letter})`)} ${measurement.title}`);
  try {
    return await measurement.run((progress) => screen.status(`    ${progress}`), trials);
  } finally {
    screen.line(screen.style('dim', `    took ${Math.round((Date.now() - startedAt) / 1000)} s`));
  }
}

function keep({ name, title }: Measurement, { figures, table, notes, data, plot }: Outcome, loadBefore: number): void {
  mkdirSync(RESULTS, { recursive: true });
  const result = { title, measuredAt: new Date().toISOString(), machine: machine(), loadBefore, figures, table, notes, data };
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(result, rounded, 1)}\n`);
  writeFileSync(join(RESULTS, `${name}.svg`), renderPlot(plot));
}

/** No clock here is better than a microsecond. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
}

/** Whether others keep the machine's cores: then a time says less about us than about them. */
function isBusy(): boolean {
  return loadavg()[0] > cpus().length / 2;
}

function machine(): string {
  const all = cpus();
  return `${all.length} cores (${all[0].model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}, Node ${process.version}`;
}

function conclude(screen: Screen, outcomes: [Measurement, Outcome][]): number {
  const figures = outcomes.flatMap(([{ letter }, outcome]) => outcome.figures.map((figure) => ({ letter, ...figure })));
  const verdict = (holds: boolean | undefined) => (holds === undefined ? '' : holds ? '✓' : '✗ BROKEN');
  const rows = figures.map(({ letter, what, measured, limit, holds }) => [letter, what, measured, limit ?? '', verdict(holds)]);
  screen.line();
  screen.line(renderTable(['', 'figure', 'measured', 'limit', ''], rows));
  screen.line();
  for (const [{ letter }, { table }] of outcomes) {
    if (!table) continue;
    screen.line(renderTable(table.headers, table.rows));
    screen.line(screen.style('dim', `(${letter}) ${table.caption}`));
    screen.line();
  }
  for (const [{ letter }, { notes }] of outcomes) for (const note of notes) screen.line(screen.style('dim', `(${letter}) ${note}`));
  screen.line(screen.style('dim', `On ${machine()}. Everything that was measured: bench/results`));
  return figures.some(({ holds }) => holds === false) ? 1 : 0;
}

main(process.argv.slice(2)).then((code) => { process.exitCode = code; }, (error: Error) => {
  process.stderr.write(`the bench itself failed: ${error.stack}\n`);
  process.exitCode = 1;
});
