import { Mutation } from './decision-code';
import { RuleName } from './rules';
import { SCENARIOS } from './scenarios';

/** What is broken, where that shows, and the rules of which one sees it first. */
export interface Planted extends Mutation {
  readonly scenario: keyof typeof SCENARIOS;
  readonly strategy: 'redeploy' | 'blueGreen';
  readonly seenBy: readonly RuleName[];
}

/** One for each thing that keeps two processes apart, or one release from the other. */
export const MUTATIONS: readonly Planted[] = [
  {
    name: 'nobody asks who carries the deployment',
    file: 'ownership.ts',
    find: 'if (writer !== this.ours && writer !== this.takenFrom) throw',
    replace: 'if (writer === "") throw',
    scenario: 'lostAlone',
    strategy: 'redeploy',
    seenBy: ['looked', 'alone'],
  },
  {
    name: 'the first to take it is not the one who has it',
    file: 'ledger/entries.ts',
    find: 'if (writer !== carrier && takenFrom !== carrier) continue;',
    replace: '',
    scenario: 'lostAlone',
    strategy: 'redeploy',
    seenBy: ['looked', 'alone', 'truth'],
  },
  {
    name: 'the claim is not read again',
    file: 'bring.ts',
    find: 'if (contender === undefined) return carry(deployment);',
    replace: 'if (contender !== "") return carry(deployment);',
    scenario: 'twoWorkflows',
    strategy: 'redeploy',
    seenBy: ['finishedFirst', 'wayBack', 'looked', 'alone'],
  },
  {
    name: 'a hold holds nothing',
    file: 'ledger/history.ts',
    find: "kind === 'hold' && run.id > runId",
    replace: "kind === 'hold' && run.id < runId && run.id > runId",
    scenario: 'byHand',
    strategy: 'redeploy',
    seenBy: ['held', 'wanted'],
  },
  {
    name: 'every other run counts as over',
    file: 'settle.ts',
    find: 'return !(await ledger.isAlive({ id, attempt }));',
    replace: 'return true;',
    scenario: 'wholeLooks',
    strategy: 'redeploy',
    seenBy: ['looked', 'alone', 'wanted', 'truth'],
  },
  {
    name: 'what others left open is not finished first',
    file: 'settle.ts',
    find: 'if (!open || (only && open.record.id !== only.id)) return finished;',
    replace: 'if (!open || !only || open.record.id !== only.id) return finished;',
    scenario: 'twoDeploys',
    strategy: 'redeploy',
    seenBy: ['finishedFirst', 'notLeft', 'wanted', 'wayBack', 'mends'],
  },
  {
    name: 'an older run deploys over a newer one',
    file: 'plan.ts',
    find: 'const newer = (await history.newerThan(run))?.record;',
    replace: 'const newer = (await history.newerThan(Infinity))?.record;',
    scenario: 'twoDeploys',
    strategy: 'redeploy',
    seenBy: ['looked', 'wanted', 'mends', 'ends', 'notLeft'],
  },
  {
    name: 'Stable never advances',
    file: 'ledger/history.ts',
    find: "if (standing.state === 'stable') return pointerTo(standing);\n      // an",
    replace: '// an',
    scenario: 'twoDeploys',
    strategy: 'redeploy',
    seenBy: ['wayBack'],
  },
  {
    name: 'a release that was rolled back is not blocked',
    file: 'plan.ts',
    find: 'if (await history.isBlocked(release)) {',
    replace: "if ((await history.isBlocked(release)) && release.version === '') {",
    scenario: 'rerunBad',
    strategy: 'redeploy',
    seenBy: ['blocked'],
  },
  {
    name: 'a rollback is not verified',
    file: 'phases/rolling-back.ts',
    find: 'const verified = await watch(deployment, { release: stable.release, ready: false });',
    replace: "const verified = { event: 'healthy' as const, note: '' };",
    scenario: 'rerunBad',
    strategy: 'redeploy',
    seenBy: ['onceBack'],
  },
  {
    name: 'a rollback does nothing',
    file: 'phases/rolling-back.ts',
    find: "if (strategy.kind === 'redeploy') return deployAgain(deployment, stable);",
    replace: "if (strategy.kind === 'redeploy') return { event: 'commandSucceeded', note: '' };",
    scenario: 'rerunBad',
    strategy: 'redeploy',
    seenBy: ['end', 'onceBack'],
  },
  {
    name: 'the candidate is not verified',
    file: 'rollout.ts',
    find: "deploying: { commandSucceeded: 'verifying',",
    replace: 'deploying: { commandSucceeded: afterVerifying,',
    scenario: 'twoDeploys',
    strategy: 'blueGreen',
    seenBy: ['verifiedTraffic'],
  },
  {
    name: 'the new release goes to the slot that users are on',
    file: 'plan.ts',
    find: "return liveSlot === 'blue' ? 'green' : 'blue';",
    replace: "return liveSlot === 'blue' ? 'blue' : 'green';",
    scenario: 'twoDeploys',
    strategy: 'blueGreen',
    seenBy: ['liveSlot'],
  },
  {
    name: 'what is found bad after its bake becomes Stable all the same',
    file: 'rollout.ts',
    find: "confirming: { healthy: 'stable', unhealthy: back,",
    replace: "confirming: { healthy: 'stable', unhealthy: 'stable',",
    scenario: 'newerTurnsBad',
    strategy: 'redeploy',
    seenBy: ['stableIsTrue'],
  },
];
