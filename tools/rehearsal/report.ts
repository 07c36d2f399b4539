import { IMPATIENT, PATIENT, shorterWaits } from './rehearsed-manifest';
import { describeScenario, isEverHealthy } from './scenario';
import { Outcome } from './world';
import { formatDuration } from '../../src/contract/duration-text';
import { EnvironmentManifest, longestDetectionMs } from '../../src/contract/manifest';

/** How a scenario ended for users and for the people on call. */
export interface Ending {
  /** In one or two words. */
  readonly name: 'deployed' | 'rolled back' | 'halted' | 'not touched' | 'unsafe';
  /** For `unsafe`: what is wrong. */
  readonly fault?: string;
}

/** Whether the delivery did what it promises: users end on a verified release, or a person hears that they do not. */
export function endingOf({ before, live, phases, run, scenario, version }: Outcome): Ending {
  const state = phases.at(-1)?.state;
  const isRed = run.conclusion !== 'success';
  if (state === 'halted') return isRed ? { name: 'halted' } : { name: 'unsafe', fault: 'the environment is halted, and the run is green' };
  if (live === version) {
    const isGood = scenario.release === 'good' || scenario.release === 'own';
    if (state === 'stable' && isGood) return { name: 'deployed' };
    return { name: 'unsafe', fault: isGood ? `users have a release that was not confirmed (${state ?? 'no record'})` : `users have the ${scenario.release} release` };
  }
  if (live !== before) return { name: 'unsafe', fault: `users have ${live ?? 'nothing'}` };
  if (!isRed) return { name: 'unsafe', fault: 'the release did not reach users, and the run is green' };
  // `failed`: it failed before the first change
  if (state === undefined || state === 'failed') return { name: 'not touched' };
  return state === 'rolledBack' ? { name: 'rolled back' } : { name: 'unsafe', fault: `the record ends with ${state}` };
}

/** What production would have seen. */
export function reportOf(
  outcome: Outcome,
  environment: EnvironmentManifest,
  { notes, replaced }: { readonly notes: readonly string[]; readonly replaced: readonly string[] },
): string {
  const { before, calls, live, phases, run, scenario, seconds, slot, users, version } = outcome;
  const { fault, name } = endingOf(outcome);
  const isOwn = scenario.release === 'own';
  const jobs = Object.values(run.jobs).filter(({ result }) => result !== 'skipped');
  const width = Math.max(0, ...jobs.map(({ id }) => id.length)) + 2;
  return [
    `Rehearsal of ${environment.name}: ${describeScenario(scenario)}`,
    `${before} is live, ${version} is deployed. ${isOwn ? "The project's own commands are executed" : 'Commands are replaced by a local service'}; the workflow is executed as it is written.`,
    '',
    'Jobs',
    ...jobs.map(({ id, result }) => `  ${id.padEnd(width)}${result}`),
    '',
    'Phases',
    ...(phases.length === 0 ? ['  none: the environment was not touched'] : phases.map(({ note, state }) => `  ${state.padEnd(12)} ${note}`)),
    '',
    'Commands',
    ...(calls.length === 0 ? ['  none'] : calls.map(({ call, failed, slot: to, version: called, weight }) => (
      `  ${call} ${called}${to ? ` in slot ${to}` : ''}${weight === undefined ? '' : `, ${weight} %`}${failed ? ': fails' : ''}`
    ))),
    '',
    'Users',
    `  ${users.failed} of ${users.requests} requests failed. They end on ${live ?? 'nothing'}${live === before ? ', the release before' : ''}.`,
    `  ${isOwn ? 'With these intervals' : 'With the intervals of production'} a fault is found within ${formatDuration(longestDetectionMs(environment.healthChecks))}.`,
    '',
    'The person on call',
    ...notificationsOf(outcome).map((line) => `  ${line}`),
    '',
    `Ends ${name}${fault ? `: ${fault}` : ''} (${seconds.toFixed(1)} s).`,
    '',
    isOwn ? `The waits are those of ${environment.name}.` : `Other waits than in production: ${shorterWaits(environment, isEverHealthy(scenario.release) ? PATIENT : IMPATIENT)}.`,
    ...(slot === undefined ? [] : [nextSlotOf(slot)]),
    ...(replaced.length > 0 ? [`Not executed: ${replaced.join('; ')}.`] : []),
    ...notes.map((note) => `Note: ${note}.`),
  ].join('\n');
}

/** The next rehearsal has no records of this one. */
export function nextSlotOf(slot: string): string {
  return `Users are on the slot ${slot}: add --slot ${slot} to the next rehearsal.`;
}

/** Notifications, and what the run shows. */
function notificationsOf({ delivered, issues, run }: Outcome): string[] {
  const errors = Object.values(run.jobs).flatMap(({ annotations }) => annotations).filter(({ level, message }) => level === 'error' && !/^(Process completed|The operation)/.test(message));
  return [
    ...delivered.map(({ channel, title, text }) => `${channel}: ${title}${text ? `: ${text.split('\n')[0]}` : ''}`),
    ...issues,
    ...(delivered.length + issues.length === 0 ? ['no notification: no channel takes this event'] : []),
    `the run ends with ${run.conclusion}${run.conclusion === 'success' ? '' : ', and GitHub notifies its author'}`,
    ...errors.slice(0, 4).map(({ message, title }) => `error in the run: ${title ? `${title}: ` : ''}${message.split('\n')[0]}`),
  ];
}

/** One row for each scenario. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const header = ['release', 'fault', 'ends', 'users end on', 'failed requests', 'run', 'notifications', 'seconds'];
  const rows = outcomes.map((outcome) => {
    const { before, delivered, issues, live, run, scenario, seconds, users, version } = outcome;
    const { fault, name } = endingOf(outcome);
    return [
      scenario.release,
      scenario.fault === 'none' ? '' : scenario.fault,
      fault ? `${name.toUpperCase()}: ${fault}` : name,
      live === version ? 'the new release' : live === before ? 'the release before' : live ?? 'nothing',
      `${users.failed} of ${users.requests}`,
      run.conclusion,
      [...delivered.map(({ event }) => event), ...issues.map(() => 'issue')].join(', ') || 'none',
      seconds.toFixed(1),
    ];
  });
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
