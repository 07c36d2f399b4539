/** The rules of lock.ci.ts see faults of the lock. */
import { LOCK_SCENARIOS } from './lock-scenarios';
import { exploreLock, loadLockCode, LockRule, LOCK_RULES } from '../../../tools/model-checker/interleavings/lock-model';
import { taken } from '../../../tools/model-checker/share';
import { Mutation } from '../../mutated-runtime';

interface Planted extends Mutation {
  readonly scenario: keyof typeof LOCK_SCENARIOS;
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

test.each(taken(MUTATIONS))('a rule sees it when $name', async ({ scenario, seenBy, ...mutation }) => {
  const { violations } = await exploreLock(await loadLockCode([mutation]), LOCK_SCENARIOS[scenario], true);
  expect(violations.map(({ rule }) => LOCK_RULES[rule])).toContain(LOCK_RULES[seenBy]);
});
