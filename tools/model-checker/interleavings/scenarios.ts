import { NAMES, together } from './combinations';
import { RunSpec } from './pipeline';
import { Scenario } from './system';

export const A: RunSpec = { name: 'A', id: 100, kind: 'deploy', version: 'v2' };
export const B: RunSpec = { name: 'B', id: 200, kind: 'deploy', version: 'v3' };
/** What two release branches release: the newer run has the lower version. */
const HIGHER: RunSpec = { ...A, version: 'v3' };
const LOWER: RunSpec = { ...B, version: 'v2' };
/** A rollback by hand that was started after A and before B. */
export const H: RunSpec = { name: 'H', id: 150, kind: 'rollback', version: 'v1', requested: 'v0' };
/** One that names no release: back to Stable, if something else is live. */
export const TO_STABLE: RunSpec = { ...H, requested: undefined };
const WATCH: RunSpec = { name: 'W', id: 180, kind: 'watch', version: 'v1' };

/*
 * What bounds the model:
 * - one health check; one response is a verdict; no bake time. What counts responses, and the clock, are proved elsewhere.
 * - a look's requests get their responses in the order they were sent; a list may lag where a scenario says so (`lags`): a reader misses the last entry.
 * - who waits for another run polls as often as there is something new to see, and may lose patience at any time.
 * - reading a record that is final is no step: it never changes.
 * - a runner is lost when its job begins; its process lives on, and does its next step at any time, or never. So a loss at any
 *   later point is among the ways, too.
 * - positions of a process that remember the same count as one (`Automata`); that nothing is lost so is tested.
 */
type ScenarioChanges = Partial<Omit<Scenario, 'name' | 'strategy'>>;
/** The same in every strategy. */
export type Make = (strategy: Scenario['strategy']) => Scenario;

export function scenario(name: string, changes: ScenarioChanges): Make {
  return (strategy) => ({ name: `${strategy}: ${name}`, strategy, runs: [A, B], behaviours: {}, groups: true, ...changes });
}

export function lost(job: string, changes: ScenarioChanges = {}): Make {
  return scenario(`${(changes.runs ?? [A, B]).map(({ name }) => name).join(' and ')}${changes.around ? ' with commands around them' : ''}, the runner of ${job} is lost`, { losses: 1, mayBeLost: [job], looks: 'whole', ...changes });
}

export const SCENARIOS = {
  twoDeploys: scenario('two deploys', {}),
  twoWorkflows: scenario('two deploys of two workflows', { groups: false }),
  olderIsBad: scenario('two deploys of two workflows, the older is bad', { groups: false, behaviours: { v2: 'badLive' } }),
  newerIsBad: scenario('two deploys of two workflows, the newer is bad', { groups: false, behaviours: { v3: 'badLive' } }),
  bothAreBad: scenario('two deploys of two workflows, both are bad', { groups: false, behaviours: { v2: 'bad', v3: 'badLive' } }),
  turnsBad: scenario('two deploys, the older turns bad once users are on it', { turnsBad: 'v2' }),
  turnsBadByHand: scenario('a deploy that turns bad, and a rollback by hand', { runs: [A, H], turnsBad: 'v2' }),
  newerTurnsBad: scenario('two deploys, the newer turns bad once users are on it', { turnsBad: 'v3' }),
  rerun: scenario('a deploy that is run again, and a newer one', { runs: [{ ...A, attempts: 2 }, B] }),
  rerunBad: scenario('a bad deploy that is run again, and a newer one', { runs: [{ ...A, attempts: 2 }, B], behaviours: { v2: 'badLive' } }),
  lower: scenario('two deploys, the newer of a lower version', { runs: [HIGHER, LOWER] }),
  lowerWorkflows: scenario('two deploys of two workflows, the newer of a lower version', { runs: [HIGHER, LOWER], groups: false, looks: 'whole' }),
  lowerByHand: scenario('a deploy of a lower version, and a rollback by hand', { runs: [{ ...LOWER, version: 'v0' }, H] }),
  byHand: scenario('a deploy and a rollback by hand', { runs: [A, H] }),
  byHandFromBad: scenario('a bad deploy and a rollback by hand to Stable', { runs: [A, TO_STABLE], behaviours: { v2: 'badLive' } }),
  byHandThenNewer: scenario('a rollback by hand and a newer deploy', { runs: [H, B] }),
  all: scenario('two deploys, a rollback by hand, a scheduled watch', { runs: [A, H, B, WATCH], looks: 'whole' }),
  everything: scenario('two deploys, one of them run again, a rollback by hand, a scheduled watch, two lost runners', {
    runs: [{ ...A, attempts: 2 }, H, B, WATCH], losses: 2, groups: false,
  }),
  everyCommand: together(NAMES, { losses: 1, groups: false }),
  fixAndWatch: together(['deploy', 'watch']),
  byHandAndWatch: together(['rollback by hand', 'watch']),
  deployAndAdopt: together(['deploy', 'adopt']),
  deployAndResolve: together(['deploy', 'resolve']),
  wholeLooks: scenario('two deploys of two workflows, each look at the ledger undisturbed', { groups: false, looks: 'whole' }),
  around: scenario('a bad deploy and a newer one, with commands around them', { behaviours: { v2: 'badLive' }, around: true }),
  lostAround: lost('A.deploy', { runs: [A], around: true }),
  lostAlone: lost('A.deploy', { runs: [A] }),
  lostDeploy: lost('A.deploy'),
  lostMonitor: lost('A.monitor'),
  lostRollback: lost('A.rollback', { behaviours: { v2: 'badLive' } }),
  lostDeployOfBad: lost('A.deploy', { behaviours: { v2: 'badLive' } }),
  lostNewer: lost('B.deploy'),
  lostByHand: lost('H.rollback', { runs: [H, B] }),
  lostThenByHand: lost('A.deploy', { runs: [A, H] }),
  lostAndRerun: lost('A.deploy', { runs: [{ ...A, attempts: 2 }] }),
  rejected: scenario('two deploys, the ledger refuses a write', { rejections: 1, looks: 'whole' }),
  rejectedAlone: scenario('a deploy, the ledger refuses any three writes', { runs: [A], rejections: 3, looks: 'whole' }),
  rejectedBad: scenario('a bad deploy, the ledger refuses any three writes', { runs: [A], rejections: 3, looks: 'whole', behaviours: { v2: 'badLive' } }),
  rejectedByHand: scenario('a rollback by hand, the ledger refuses any three writes', { runs: [H], rejections: 3, looks: 'whole' }),
  rejectedAround: scenario('a deploy with commands around it, the ledger refuses any two writes', { runs: [A], rejections: 2, looks: 'whole', around: true }),
  lagsAlone: scenario('a deploy, any two reads lag', { runs: [A], lags: 2, looks: 'whole' }),
  lagsBad: scenario('a bad deploy, any two reads lag', { runs: [A], lags: 2, looks: 'whole', behaviours: { v2: 'badLive' } }),
  lagsByHand: scenario('a rollback by hand, any two reads lag', { runs: [H], lags: 2, looks: 'whole' }),
  lagsAfterLoss: scenario('a deploy whose runner is lost, a read lags', { runs: [A], losses: 1, mayBeLost: ['A.deploy'], lags: 1, looks: 'whole' }),
  lagsTurnsBad: scenario('a deploy that turns bad, and a rollback by hand, a read lags', { runs: [A, H], turnsBad: 'v2', lags: 1, looks: 'whole' }),
} satisfies Record<string, Make>;

/** What is gone in every test run; the others take minutes. */
export const QUICK = [
  'rerunBad', 'byHandFromBad', 'lostRollback', 'around',
  'rejectedAlone', 'rejectedBad', 'rejectedByHand', 'rejectedAround',
  'lagsAlone', 'lagsBad', 'lagsByHand',
] as const satisfies ReadonlyArray<keyof typeof SCENARIOS>;
