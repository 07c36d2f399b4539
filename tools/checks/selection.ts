/** Which checks a landing runs. Pure: a function of the commit and of what is committed with it. */
import { Changes, debtOf, Owed } from './debt';
import { Check } from './inputs';
import { Row } from './pass-table';

/** Recorded CPU seconds of one run of `.ci/run`: about 30 minutes on two quiet cores. */
export const BUDGET_CPU_SECONDS = 3_000;

/** What a check is taken to cost that has never passed: CPU seconds. */
const UNKNOWN_COST = { part: 200, suite: 40 };

const SHARES = 8;

export interface Selected {
  readonly check: Check;
  readonly why: 'always' | 'owed' | 'one eighth';
  readonly owed?: Owed;
  readonly cpuSeconds: number;
}

export interface Selection {
  readonly selected: readonly Selected[];
  readonly cpuSeconds: number;
  /** The debt for which the run has no time. */
  readonly left: readonly Owed[];
}

/**
 * Selects what a landing runs: what always runs, then what is owed as far as the budget goes. Without debt an eighth of everything else, which the commit
 * chooses, up to half of the budget.
 */
export function select(
  checks: readonly Check[], passed: ReadonlyMap<string, Row>, changes: Changes, commit: string, budget = BUDGET_CPU_SECONDS,
): Selection {
  const priced = (check: Check, why: Selected['why'], owed?: Owed): Selected => ({ check, why, ...owed && { owed }, cpuSeconds: cost(check, passed) });
  const always = checks.filter((check) => check.always).map((check) => priced(check, 'always'));
  const debt = debtOf(checks, passed, changes, commit);
  const paid = upTo(debt.map((owed) => priced(owed.check, 'owed', owed)), budget - sum(always));
  const others = debt.length > 0 ? [] : eighthOf(checks.filter((check) => !check.always && !check.nightly), passed, commit).map((check) => priced(check, 'one eighth'));
  const chosen = new Map([...always, ...paid, ...upTo(others, budget / 2)].map((one) => [one.check, one]));
  const selected = checks.flatMap((check) => chosen.get(check) ?? []);
  return { selected, cpuSeconds: sum(selected), left: debt.filter(({ check }) => !chosen.has(check)) };
}

/** Returns which part of its cuts a sampled suite takes in the landing of a commit, such as `3/8`. */
export function shareOf(commit: string): string {
  return `${shareNumber(commit) + 1}/${SHARES}`;
}

/** Deals checks into shares of about equal cost: the longest first, each to the share that has least. */
export function shares(checks: readonly Check[], costOf: (check: Check) => number, count: number): Check[][] {
  const dealt = Array.from({ length: count }, () => ({ checks: [] as Check[], cpuSeconds: 0 }));
  const longestFirst = [...checks].sort((a, b) => costOf(b) - costOf(a) || (a.name < b.name ? -1 : 1));
  for (const check of longestFirst) {
    const least = dealt.reduce((a, b) => (b.cpuSeconds < a.cpuSeconds ? b : a));
    least.checks.push(check);
    least.cpuSeconds += costOf(check);
  }
  return dealt.map((share) => share.checks);
}

/** Returns the CPU seconds of a check in a landing. */
export function cost(check: Check, rows: ReadonlyMap<string, Row>): number {
  const row = rows.get(check.name);
  if (!row) return UNKNOWN_COST[check.isSuite ? 'suite' : 'part'];
  return check.isSampled && isWhole(row) ? Math.ceil(row.cpuSeconds / SHARES) : row.cpuSeconds;
}

/** Returns the CPU seconds of a check at night, when a sampled suite runs whole. */
export function nightCost(check: Check, rows: ReadonlyMap<string, Row>): number {
  const row = rows.get(check.name);
  return row && check.isSampled && !isWhole(row) ? row.cpuSeconds * SHARES : row?.cpuSeconds ?? cost(check, rows);
}

function isWhole({ share }: Row): boolean {
  return !share.includes('/');
}

function eighthOf(checks: readonly Check[], passed: ReadonlyMap<string, Row>, commit: string): Check[] {
  return shares(checks, (check) => cost(check, passed), SHARES)[shareNumber(commit)];
}

function shareNumber(commit: string): number {
  return parseInt(commit.slice(0, 7), 16) % SHARES;
}

/** The first ones that fit: one that is too long for what is left lets shorter ones behind it go ahead. */
function upTo(list: readonly Selected[], cpuSeconds: number): Selected[] {
  const taken: Selected[] = [];
  for (const one of list) if (sum(taken) + one.cpuSeconds <= cpuSeconds) taken.push(one);
  return taken;
}

function sum(selected: readonly Selected[]): number {
  return selected.reduce((total, { cpuSeconds }) => total + cpuSeconds, 0);
}
