/** Which checks a run needs. Pure. */
import { Check } from './inputs';
import { Row } from './pass-table';

/** CPU seconds of one run of `.ci/run`: 45 CPU-minutes, about 25 minutes on two busy cores. */
export const BUDGET_CPU_SECONDS = 2_700;

/** What a check is taken to cost that has never passed: CPU seconds. */
const UNKNOWN_COST = { part: 200, suite: 40 };

const SHARES = 8;

export interface Selected {
  readonly check: Check;
  readonly why: 'always' | 'changed' | 'never passed' | 'one eighth';
  readonly cpuSeconds: number;
}

export interface Selection {
  readonly selected: readonly Selected[];
  readonly cpuSeconds: number;
  /** What must pass before this run can fit into the budget; empty if it fits. The longest come first. */
  readonly first: readonly Selected[];
}

/** Selects what runs at a commit: what always runs, what has not passed with the inputs of now, and an eighth of the others, which the commit chooses. */
export function select(checks: readonly Check[], passed: ReadonlyMap<string, Row>, commit: string, budget = BUDGET_CPU_SECONDS): Selection {
  const daily = checks.filter(({ nightly }) => !nightly);
  const share = shares(daily.filter(({ always }) => !always), passed, SHARES)[parseInt(commit.slice(0, 7), 16) % SHARES];
  const due = new Set(pending(daily, passed));
  const selected = daily.flatMap((check): Selected[] => {
    const cpuSeconds = cost(check, passed);
    if (check.always) return [{ check, why: 'always', cpuSeconds }];
    if (due.has(check)) return [{ check, why: passed.has(check.name) ? 'changed' : 'never passed', cpuSeconds }];
    return share.includes(check) ? [{ check, why: 'one eighth', cpuSeconds }] : [];
  });
  const cpuSeconds = sum(selected);
  const longestFirst = selected.filter(({ check }) => due.has(check)).sort((a, b) => b.cpuSeconds - a.cpuSeconds);
  return { selected, cpuSeconds, first: upTo(longestFirst, cpuSeconds - budget) };
}

/** Returns the checks of `.ci/run` that have not passed with the inputs of now. What always runs is not among them. */
export function pending(checks: readonly Check[], passed: ReadonlyMap<string, Row>): Check[] {
  return checks.filter(({ name, always, nightly, hash }) => !always && !nightly && passed.get(name)?.inputs !== hash);
}

/** Deals checks into shares of about equal cost: the longest first, each to the share that has least. */
export function shares(checks: readonly Check[], passed: ReadonlyMap<string, Row>, count: number): Check[][] {
  const dealt = Array.from({ length: count }, () => ({ checks: [] as Check[], cpuSeconds: 0 }));
  const longestFirst = [...checks].sort((a, b) => cost(b, passed) - cost(a, passed) || (a.name < b.name ? -1 : 1));
  for (const check of longestFirst) {
    const least = dealt.reduce((a, b) => (b.cpuSeconds < a.cpuSeconds ? b : a));
    least.checks.push(check);
    least.cpuSeconds += cost(check, passed);
  }
  return dealt.map((share) => share.checks);
}

export function cost({ name, isSuite }: Check, passed: ReadonlyMap<string, Row>): number {
  return passed.get(name)?.cpuSeconds ?? UNKNOWN_COST[isSuite ? 'suite' : 'part'];
}

/** The longest checks that together take at least so many CPU seconds: as few as possible. */
function upTo(due: readonly Selected[], cpuSeconds: number): Selected[] {
  const taken: Selected[] = [];
  for (const one of due) if (sum(taken) < cpuSeconds) taken.push(one);
  return taken;
}

function sum(selected: readonly Selected[]): number {
  return selected.reduce((total, { cpuSeconds }) => total + cpuSeconds, 0);
}
