import { Dispatched, ProcessSpec } from './request';

/** What started: a deploy.yml of a tag, a rollback.yml by hand with one of its actions, a drill.yml, or a scheduled watch. */
export interface RunSpec {
  readonly name: string;
  /** Orders runs. */
  readonly id: number;
  readonly kind: 'deploy' | 'rollback' | 'drill' | 'watch' | 'adopt' | 'resolve' | 'unblock' | 'unfreeze';
  /** The tag it is on. */
  readonly version: string;
  /** rollback.yml: the requested release; empty means Stable. */
  readonly requested?: string;
  /** `adopt`: where that release is (blue/green). */
  readonly slot?: string;
  /** Whether it begins only when the watch starts it, which names the release. @default false */
  readonly waitsForWatch?: boolean;
  /** How often it is run; from the second time on by "re-run failed jobs", or all jobs where none failed. @default 1 */
  readonly attempts?: number;
}

export type Result = 'success' | 'failure' | 'skipped';

export interface JobState {
  readonly status: 'waiting' | 'running' | 'done';
  readonly result?: Result;
  readonly outputs: Readonly<Record<string, string>>;
}

/** One run in one of its attempts. */
export interface RunState {
  readonly attempt: number;
  /** The request of the watch, after it was sent. */
  readonly dispatched?: Dispatched;
  readonly jobs: Readonly<Record<string, JobState>>;
}

interface Context {
  readonly run: RunSpec;
  readonly attempt: number;
  readonly dispatched?: Dispatched;
  readonly needs: Readonly<Record<string, JobState>>;
}

interface Step {
  readonly id: string;
  readonly command: string;
  readonly flags?: Readonly<Record<string, boolean>>;
  /** Whether it is given the slot. */
  readonly takesSlot?: boolean;
  readonly release?: (context: Context) => string | undefined;
  /** Whether it gets the deployment of the watch's verdict. */
  readonly takesFrom?: boolean;
  /** Whether the step gets the result of the deploy job. */
  readonly getsResult?: boolean;
  /** By default a step runs as long as none failed. */
  readonly runs?: (conclusions: Readonly<Record<string, Result>>) => boolean;
}

export interface Job {
  readonly needs: readonly string[];
  readonly condition: (context: Context) => boolean;
  /** The concurrency group. */
  readonly group?: 'deploy' | 'rollback';
  readonly steps: readonly Step[];
  /** Output -> the step whose output of that name it is. */
  readonly outputs: Readonly<Record<string, string>>;
}

const hasCompleted = (job: JobState, attempt: number) => job.outputs.completed_attempt === String(attempt);

/** The jobs as they are synthesized; that their conditions are the same ones is tested in pipeline.test.ts. */
const DEPLOY: Record<string, Job> = {
  deploy: {
    needs: [],
    condition: () => true,
    group: 'deploy',
    steps: [
      { id: 'deploy', command: 'deploy' },
      { id: 'recover', command: 'rollback', flags: { recover: true }, runs: ({ deploy }) => deploy !== 'success' },
    ],
    outputs: { state: 'deploy' },
  },
  monitor: {
    needs: ['deploy'],
    condition: ({ needs }) => needs.deploy.result !== 'skipped',
    steps: [{ id: 'monitor', command: 'monitor', getsResult: true }],
    outputs: { completed_attempt: 'monitor', state: 'monitor' },
  },
  rollback: {
    needs: ['deploy', 'monitor'],
    condition: ({ needs, attempt }) => needs.deploy.result !== 'skipped' && !hasCompleted(needs.monitor, attempt),
    group: 'rollback',
    steps: [{ id: 'rollback', command: 'rollback', flags: { recover: true }, getsResult: true }],
    outputs: {},
  },
};

const BY_HAND: Record<string, Job> = {
  hold: {
    needs: [],
    condition: () => true,
    steps: [{ id: 'hold', command: 'hold', release: ({ run, dispatched }) => dispatched?.release ?? run.requested, takesFrom: true }],
    outputs: { release: 'hold' },
  },
  rollback: {
    needs: ['hold'],
    condition: ({ needs }) => needs.hold.result === 'success' && (needs.hold.outputs.release ?? '') !== '',
    group: 'rollback',
    steps: [
      { id: 'rollback', command: 'rollback', release: ({ needs }) => needs.hold.outputs.release, takesFrom: true },
      { id: 'recover', command: 'rollback', flags: { recover: true }, runs: ({ rollback }) => rollback !== 'success' },
    ],
    outputs: { state: 'rollback' },
  },
  monitor: {
    needs: ['rollback'],
    condition: ({ needs }) => needs.rollback.result !== 'skipped',
    steps: [{ id: 'monitor', command: 'monitor', getsResult: true }],
    outputs: { completed_attempt: 'monitor', state: 'monitor' },
  },
  recover: {
    needs: ['rollback', 'monitor'],
    condition: ({ needs, attempt }) => needs.rollback.result !== 'skipped' && !hasCompleted(needs.monitor, attempt),
    group: 'rollback',
    steps: [{ id: 'recover', command: 'rollback', flags: { recover: true }, getsResult: true }],
    outputs: {},
  },
};

const DRILL: Record<string, Job> = {
  drill: {
    needs: [],
    condition: () => true,
    group: 'deploy',
    steps: [
      { id: 'drill', command: 'drill' },
      { id: 'recover', command: 'rollback', flags: { recover: true }, runs: ({ drill }) => drill !== 'success' },
    ],
    outputs: { state: 'drill' },
  },
  monitor: {
    needs: ['drill'],
    condition: ({ needs }) => needs.drill.result !== 'skipped',
    steps: [{ id: 'monitor', command: 'monitor', getsResult: true }],
    outputs: { completed_attempt: 'monitor', state: 'monitor' },
  },
  recover: {
    needs: ['drill', 'monitor'],
    condition: ({ needs, attempt }) => needs.drill.result !== 'skipped' && !hasCompleted(needs.monitor, attempt),
    group: 'rollback',
    steps: [{ id: 'recover', command: 'rollback', flags: { recover: true }, getsResult: true }],
    outputs: {},
  },
};

/** One job with one step; that it shares a concurrency group with others is nothing to rely on. */
function alone(command: string, step: Omit<Step, 'id' | 'command'> = {}): Record<string, Job> {
  return { [command]: { needs: [], condition: () => true, steps: [{ id: command, command, ...step }], outputs: {} } };
}

const WORKFLOWS: Readonly<Record<RunSpec['kind'], Record<string, Job>>> = {
  deploy: DEPLOY,
  rollback: BY_HAND,
  drill: DRILL,
  watch: alone('watch'),
  adopt: alone('adopt', { release: ({ run }) => run.requested, takesSlot: true }),
  resolve: alone('resolve'),
  unblock: alone('unblock', { release: ({ run }) => run.requested }),
  unfreeze: alone('unfreeze'),
};

export function jobsOf({ kind }: RunSpec): Record<string, Job> {
  return WORKFLOWS[kind];
}

export function firstAttempt(run: RunSpec): RunState {
  const waiting: JobState = { status: 'waiting', outputs: {} };
  return { attempt: 1, jobs: Object.fromEntries(Object.keys(jobsOf(run)).map((id) => [id, waiting])) };
}

export function isComplete({ jobs }: RunState): boolean {
  return Object.values(jobs).every(({ status }) => status === 'done');
}

/** "Re-run failed jobs" takes those that depend on them along; a job keeps the outputs of its earlier attempt until it sets new ones. */
export function rerun(run: RunSpec, { attempt, dispatched, jobs }: RunState): RunState {
  const failed = Object.keys(jobs).filter((id) => jobs[id].result === 'failure');
  const isAgain = (id: string): boolean => failed.length === 0 || failed.includes(id) || jobsOf(run)[id].needs.some(isAgain);
  return {
    attempt: attempt + 1,
    ...(dispatched && { dispatched }),
    jobs: Object.fromEntries(Object.entries(jobs).map(([id, job]) => [id, isAgain(id) ? { status: 'waiting', outputs: job.outputs } : job])),
  };
}

export function contextOf(run: RunSpec, { attempt, dispatched, jobs }: RunState): Context {
  return { run, attempt, dispatched, needs: jobs };
}

/** The first step after `done` that runs, if there is one. */
export function stepAfter(job: Job, conclusions: Readonly<Record<string, Result>>): Step | undefined {
  const isFine = !Object.values(conclusions).includes('failure');
  return job.steps.find(({ id, runs }) => !(id in conclusions) && (runs ? runs(conclusions) : isFine));
}

export function specOf(run: RunSpec, state: RunState, job: string, step: Step, { strategy, around, frozen, analysis }: Pick<ProcessSpec, 'strategy' | 'around' | 'frozen' | 'analysis'>): ProcessSpec {
  const context = contextOf(run, state);
  // the job that was to change something
  const tried = state.jobs[run.kind];
  return {
    name: `${run.name}${state.attempt}.${job}.${step.id}`,
    command: step.command,
    flags: {
      ...step.flags,
      ...(step.takesSlot && run.slot !== undefined && { slot: run.slot }),
      ...(step.takesFrom && state.dispatched && { 'from-deployment': state.dispatched.from }),
    },
    release: step.release?.(context) || undefined,
    runId: run.id,
    attempt: state.attempt,
    version: run.version,
    strategy,
    ...(around && { around }),
    ...(frozen && { frozen }),
    ...(analysis && { analysis }),
    ...(step.getsResult && { deployed: tried.result, state: tried.outputs.state || undefined }),
  };
}
