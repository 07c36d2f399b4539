import { Contender, LockScenario } from '../../../tools/model-checker/interleavings/lock-model';

const A: Contender = { name: 'a', run: 1, job: 11, machine: 'one', pid: 1, began: '1' };
/** Another job of the same run. */
const B: Contender = { name: 'b', run: 1, job: 12, machine: 'two', pid: 1, began: '1' };
/** Another run. */
const C: Contender = { name: 'c', run: 2, job: 21, machine: 'three', pid: 1, began: '1' };

export const LOCK_SCENARIOS = {
  oneRun: { name: 'two jobs of one run', contenders: [A, B] },
  listedLate: { name: 'two jobs of one run, one of which GitHub lists late', contenders: [A, B], listsLate: 'a' },
  twoRuns: { name: 'two runs', contenders: [A, C] },
  lags: { name: 'two runs, where a list may lack the newest ref', contenders: [A, C], lags: 1 },
  steps: { name: 'two steps of one job', contenders: [A, { ...A, name: 'b', pid: 2, began: '2', after: ['a', 'gone'] }] },
  sameProcessId: { name: 'two steps of one job, whose processes have one id', contenders: [A, { ...A, name: 'b', began: '2', after: ['a', 'gone'] }] },
  oneMachine: { name: 'two runs on one machine', contenders: [A, { ...C, machine: 'one', pid: 2 }] },
  rerun: { name: 'a run that is begun again', contenders: [A, { ...B, attempt: 2, after: ['a', 'noticed'] }] },
} as const satisfies Record<string, LockScenario>;
