/** Processes that want the lock of an environment (`Lock.gitRef()`): every order of the real lock's requests, killed anywhere. */
import { Contender, exploreLock, loadLockCode, LockRule, LockScenario, LOCK_RULES } from '../../../tools/model-checker/interleavings/lock-model';
import { Mutation } from '../../mutated-runtime';

const A: Contender = { name: 'a', run: 1, job: 11, machine: 'one', pid: 1, began: '1' };
/** Another job of the same run. */
const B: Contender = { name: 'b', run: 1, job: 12, machine: 'two', pid: 1, began: '1' };
/** Another run. */
const C: Contender = { name: 'c', run: 2, job: 21, machine: 'three', pid: 1, began: '1' };

const SCENARIOS = {
  oneRun: { name: 'two jobs of one run', contenders: [A, B] },
  listedLate: { name: 'two jobs of one run, one of which GitHub lists late', contenders: [A, B], listsLate: 'a' },
  twoRuns: { name: 'two runs', contenders: [A, C] },
  lags: { name: 'two runs, where a list may lack the newest ref', contenders: [A, C], lags: 1 },
  steps: { name: 'two steps of one job', contenders: [A, { ...A, name: 'b', pid: 2, began: '2', after: ['a', 'gone'] }] },
  sameProcessId: { name: 'two steps of one job, whose processes have one id', contenders: [A, { ...A, name: 'b', began: '2', after: ['a', 'gone'] }] },
  oneMachine: { name: 'two runs on one machine', contenders: [A, { ...C, machine: 'one', pid: 2 }] },
  rerun: { name: 'a run that is begun again', contenders: [A, { ...B, attempt: 2, after: ['a', 'noticed'] }] },
} as const satisfies Record<string, LockScenario>;

test.each(Object.values(SCENARIOS))('the rules hold: $name', async (scenario) => {
  const { states, ends, violations } = await exploreLock(await loadLockCode(), scenario);
  process.stdout.write(`  ${scenario.name}: ${states} states, ${ends} ends\n`);
  expect(violations.slice(0, 1)).toEqual([]);
  expect(ends).toBeGreaterThan(1);
});

interface Planted extends Mutation {
  readonly scenario: keyof typeof SCENARIOS;
  readonly seenBy: LockRule;
}

const LIVENESS_SOURCE = 'ci/github/locks/job-process.ts';
const LOCK = 'ci/github/locks/git-ref-lock.ts';

const MUTATIONS: readonly Planted[] = [
  {
    name: 'an earlier process of our run and attempt counts as over',
    file: LIVENESS_SOURCE,
    find: 'if (isHere && holder.process.pid === own.process.pid)',
    replace: 'if (holder.run.id === own.run.id && holder.run.attempt === own.run.attempt)',
    scenario: 'oneRun',
    seenBy: 'alone',
  },
  {
    name: 'a job that GitHub does not list counts as over',
    file: LIVENESS_SOURCE,
    find: 'own.length > 0 && own.every',
    replace: 'own.every',
    scenario: 'listedLate',
    seenBy: 'alone',
  },
  {
    name: 'a job of our run is over only when the run is',
    file: LIVENESS_SOURCE,
    find: "? 'job' : 'run'",
    replace: "? 'run' : 'run'",
    scenario: 'oneRun',
    seenBy: 'free',
  },
  {
    name: 'the machine is not read',
    file: LIVENESS_SOURCE,
    find: 'if (isHere && machineKnows)',
    replace: 'if (isHere && !machineKnows)',
    scenario: 'steps',
    seenBy: 'free',
  },
  {
    name: 'what the machine says of a process that is gone does not count',
    file: LOCK,
    find: "return fate === 'gone';",
    replace: "return fate === 'unknown';",
    scenario: 'oneMachine',
    seenBy: 'free',
  },
  {
    name: 'the holder is not read',
    file: LOCK,
    find: 'const holder = await this.holderOf(refs, locks[0]);',
    replace: 'const holder = await this.holderOf(refs, undefined);',
    scenario: 'twoRuns',
    seenBy: 'alone',
  },
  {
    name: 'a process without the ref has the lock all the same',
    file: LOCK,
    find: 'highest.number === number && highest.sha === sha',
    replace: 'highest.number === number && highest.sha !== undefined',
    scenario: 'twoRuns',
    seenBy: 'alone',
  },
  {
    name: 'it is not given back',
    file: LOCK,
    find: "refs.write(note('released'))",
    replace: "refs.write(note('held'))",
    scenario: 'twoRuns',
    seenBy: 'released',
  },
  {
    name: 'a released lock is held',
    file: 'ci/github/locks/lock-refs.ts',
    find: "if (note.state === 'released') return 'released';",
    replace: '',
    scenario: 'twoRuns',
    seenBy: 'foreign',
  },
];

test.each(MUTATIONS)('a rule sees it when $name', async ({ scenario, seenBy, ...mutation }) => {
  const { violations } = await exploreLock(await loadLockCode([mutation]), SCENARIOS[scenario], true);
  expect(violations.map(({ rule }) => LOCK_RULES[rule])).toContain(LOCK_RULES[seenBy]);
});
