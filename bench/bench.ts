/**
 * `npm run bench [-- a c]`: measures what the README promises, prints it beside the limits, and keeps it in bench/results.
 * `npm run bench -- k=500` repeats a simulation 500 times, not as often as usual. `npm run bench -- t=npm,lambda` measures these targets only. Exit 1 when a
 * limit is broken.
 */
import { cpus, loadavg } from 'node:os';
import { addedTime } from './added-time';
import { canaryVerdicts } from './canary-verdicts';
import { drillTimes } from './drill-times';
import { falseAlarms } from './false-alarms';
import { keep, machine } from './kept-results';
import { liveCanaries } from './live-canaries';
import { lostRunner } from './lost-runner';
import { Choice, Measurement, Outcome } from './measurement';
import { proofTime } from './proof-time';
import { requests } from './requests';
import { rollbackTimes } from './rollback-times';
import { Screen } from './screen';
import { serversAndKamal } from './servers-and-kamal';
import { startUp } from './start-up';
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

/** `k`, `k=500` or `t=npm,lambda`. Undefined if there is no such part, or nothing of it can be chosen so. */
function choiceOf(argument: string): Choice & { readonly letter: string } | undefined {
  const { chosen, letter } = /^(?<letter>[a-z])(?:=(?<chosen>[\w,-]+))?$/.exec(argument)?.groups ?? {};
  const measurement = MEASUREMENTS.find((one) => one.letter === letter);
  if (!measurement || chosen === undefined) return measurement && { letter };
  if (measurement.trials && /^[1-9]\d*$/.test(chosen)) return { letter, trials: Number(chosen) };
  const parts = chosen.split(',');
  return parts.every((part) => measurement.parts?.includes(part)) ? { letter, parts } : undefined;
}

function usage(): string {
  return MEASUREMENTS.map(({ letter, parts, title, trials }) => (
    `  ${letter}  ${title}${trials ? ` (${trials.usual.toLocaleString('en')} ${trials.what}; ${letter}=500 for 500)` : ''}${parts ? ` (${letter}=${parts.join(',')} or some of them)` : ''}`
  )).join('\n');
}

async function main(args: string[]): Promise<number> {
  const choices = args.map(choiceOf);
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
    const outcome = await measure(measurement, screen, choices.find((one) => one?.letter === measurement.letter));
    keep(measurement, outcome, loadBefore);
    outcomes.push([measurement, outcome]);
  }
  return conclude(screen, outcomes);
}

async function measure(measurement: Measurement, screen: Screen, choice?: Choice): Promise<Outcome> {
  const startedAt = Date.now();
  screen.line(`${screen.style('bold', `(${measurement.letter})`)} ${measurement.title}`);
  try {
    return await measurement.run((progress) => screen.status(`    ${progress}`), choice);
  } finally {
    screen.line(screen.style('dim', `    took ${Math.round((Date.now() - startedAt) / 1000)} s`));
  }
}

/** Whether others keep the machine's cores: then a time says less about us than about them. */
function isBusy(): boolean {
  return loadavg()[0] > cpus().length / 2;
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
