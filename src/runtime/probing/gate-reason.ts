import { Observation, Verdict } from './observation';
import { CheckRules, CheckState, Evaluation } from './verdict';
import { formatDuration } from '../../contract/duration-text';

/** The final state of a check in a gate. */
export interface CheckOutcome {
  readonly name: string;
  readonly rules: CheckRules;
  readonly state: CheckState;
  readonly evaluation?: Evaluation;
  readonly last?: Observation;
}

/** Formats the reason for a verdict in one line: check, last observation, consecutive results. */
export function reasonFor(verdict: Verdict, checks: readonly CheckOutcome[]): string {
  return checks
    .filter(({ evaluation }) => evaluation?.verdict === verdict)
    .map((check) => `${check.name}: ${finding(check)}`)
    .join('; ');
}

function finding({ rules, state, evaluation, last }: CheckOutcome): string {
  const saw = last?.saw ?? 'no result';
  if (evaluation?.verdict === 'healthy') return `${saw} (healthy ${state.healthyInARow} in a row)`;
  if (evaluation?.because === 'row') return `${saw} (${state.badInARow} in a row${waited(state, rules)})`;
  if (evaluation?.because === 'silence') {
    const silence = rules.failureThreshold * rules.intervalMs + rules.timeoutMs;
    return `${saw} (${state.badInARow} in a row, and no good response for ${formatDuration(silence)})`;
  }
  const why = state.last === 'blind' && last?.starvedMs !== undefined ? starved(rules) : unfinished(state, rules);
  return `${why}; last: ${saw}`;
}

function starved({ deadlineMs }: CheckRules): string {
  return `the runner is starved: this machine is too busy to probe, so ${formatDuration(deadlineMs)} gave no verdict`;
}

function waited({ staleSince, hasTakenOver }: CheckState, { propagationMs = 0 }: CheckRules): string {
  return staleSince === undefined || hasTakenOver ? '' : `, after a wait of ${formatDuration(propagationMs)}`;
}

function unfinished(state: CheckState, { baselineReached, deadlineMs, kind }: CheckRules): string {
  const time = formatDuration(deadlineMs);
  if (state.last === 'blind') return `${kind === 'cloudWatchAlarm' ? 'nothing is known of the alarm' : 'the prober\'s own network is at fault'}, so ${time} gave no verdict`;
  if (!state.responded) return baselineReached ? `no response within ${time}` : `no response within ${time}, and none before the deployment`;
  return state.completedOnce ? 'it was healthy, but did not stay so' : `not healthy within ${time}`;
}
