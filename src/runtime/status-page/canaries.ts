/** The last canaries of an environment: what the ledger says of them, and their table. Pure. */
import { Html, html, moment, NOTHING } from './html';
import { formatDuration } from '../../contract/duration-text';
import { isNumber, isObject, isText } from '../json-value';
import { Entry } from '../ledger/entries';

/** A release that shared the traffic with Stable. Times in milliseconds since the epoch. */
export interface FinishedCanary {
  readonly end: CanaryEnd;
  /** The largest share of the traffic that it had while it was judged, in per cent. */
  readonly percent: number;
  /** From its first share of the traffic to the decision. */
  readonly beganAt: number;
  readonly endedAt: number;
  /** The reason for the decision, as it was recorded: shortened where the ledger limits it. */
  readonly why: string;
}

/** An attempt, as far as the table shows it. */
interface CanaryAttempt {
  readonly version: string;
  readonly canary?: FinishedCanary;
}

const ENDS = {
  promoted: 'got all traffic',
  takenBack: 'rolled back',
  halted: 'no verdict, halted',
  superseded: 'superseded by another release',
} as const;

type CanaryEnd = keyof typeof ENDS;

const ALL_TRAFFIC = 100;
const SHOWN = 10;

/** Undefined where the release never shared the traffic, or where the entry that ended it is lost. */
export function canaryOf(entries: readonly Entry[]): FinishedCanary | undefined {
  const isStep = ({ weight }: Entry) => weight !== undefined && weight < ALL_TRAFFIC;
  const steps = entries.filter(isStep);
  const [first, last] = [steps[0], steps.at(-1)];
  const decision = last && entries[entries.indexOf(last) + 1];
  const end = decision && endOf(decision);
  if (!first || !end) return undefined;
  return {
    end,
    percent: Math.max(...steps.map(({ weight }) => weight!)),
    beganAt: Date.parse(first.at),
    endedAt: Date.parse(decision.at),
    why: decision.note,
  };
}

function endOf({ state, weight }: Entry): CanaryEnd | undefined {
  if (state === 'promoting' && weight === ALL_TRAFFIC) return 'promoted';
  if (state === 'rollingBack') return 'takenBack';
  return state === 'halted' || state === 'superseded' ? state : undefined;
}

/** Whether what others may have written is one. */
export function isCanary(value: unknown): value is FinishedCanary {
  return isObject(value) && isText(value.end) && Object.hasOwn(ENDS, value.end)
    && [value.percent, value.beganAt, value.endedAt].every(isNumber) && isText(value.why);
}

/** Nothing where there was none. */
export function canaryTable(environment: string, attempts: readonly CanaryAttempt[]): Html {
  const all = attempts.flatMap(({ canary, version }) => (canary ? [{ ...canary, version }] : []));
  const rows = all.sort((a, b) => b.beganAt - a.beganAt).slice(0, SHOWN);
  if (rows.length === 0) return NOTHING;
  return html`<div class="wide" role="region" tabindex="0" aria-label="Canaries of ${environment}"><table>
<caption>The last canaries of ${environment}: how far they got, and why they ended</caption>
<thead><tr><th scope="col">Began</th><th scope="col">Release</th><th scope="col">End</th><th scope="col" class="number">Traffic</th><th scope="col" class="number">Lasted</th><th scope="col">Evidence</th></tr></thead>
<tbody>${rows.map(({ beganAt, end, endedAt, percent, version, why }) => html`
<tr><td>${moment(beganAt)}</td><td>${version}</td><td>${ENDS[end]}</td><td class="number">${percent} %</td><td class="number">${formatDuration(endedAt - beganAt, 'seconds')}</td><td class="what">${why}</td></tr>`)}
</tbody></table></div>`;
}
