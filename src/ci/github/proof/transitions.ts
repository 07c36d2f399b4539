import { Before, otherWays } from './before';
import { Cone, ConeJob } from './cone';
import { Decisions } from './decisions';
import { EnvironmentState } from './environment-state';
import { EqualEnds } from './equal-ends';
import { End, JobWay, SKIPPED, waysOf } from './job-end';
import { keyOf, Node } from './node';
import { OwnEnds } from './own-ends';

/** What may become of one job. */
export interface Transition {
  /** Whether it starts. */
  readonly runs: boolean;
  /** How it may end: once for all that are equal. */
  readonly outcomes: readonly Outcome[];
}

export interface Outcome {
  readonly end: End;
  readonly ends: OwnEnds;
  readonly state: EnvironmentState;
}

/** What may become of each job of an environment. */
export class Transitions {
  private readonly known = new Map<number, readonly Transition[]>();
  private readonly knownAtFirst = new Map<number, readonly Transition[]>();
  private readonly ways = new Map<string, readonly JobWay[]>();
  /** By place: whether it makes a difference how the jobs before ended. */
  private readonly dependsOnBefore: readonly boolean[];

  constructor(private readonly cone: Cone, private readonly decisions: Decisions, private readonly equal: EqualEnds) {
    const outside = new Set(cone.outside.map(({ place }) => place));
    this.dependsOnBefore = cone.jobs.map((job) => job === cone.main.deploy || decisions.readBy(job).some((place) => outside.has(place)));
  }

  public of(job: ConeJob, node: Node, isFirstAttempt: boolean): readonly Transition[] {
    const { before, ends, state, isCancelled } = node;
    const known = isFirstAttempt ? this.knownAtFirst : this.known;
    const key = keyOf({ before: this.dependsOnBefore[job.place] ? before : NO_BEFORE, ends, state, isCancelled, requested: job.place });
    let found = known.get(key);
    if (!found) known.set(key, found = this.possible(job, node, isFirstAttempt));
    return found;
  }

  private possible(job: ConeJob, { before, ends, state, isCancelled }: Node, isFirstAttempt: boolean): Transition[] {
    const fixed = before.fixed[job.place];
    const endAt = (place: number) => ends.at[place] ?? before.ends[place];
    const runs = fixed !== undefined ? [fixed] : this.decisions.of(job, { endAt, isCancelled, isFirstAttempt });
    return runs.map((one) => {
      const ways = one ? this.waysOf(job, ends, state, before) : [{ end: SKIPPED, state }];
      return { runs: one, outcomes: ways.map(({ end, state: after }) => ({ end, state: after, ends: ends.with(job.place, end) })) };
    });
  }

  private waysOf(job: ConeJob, { at }: OwnEnds, state: EnvironmentState, before: Before): readonly JobWay[] {
    const { cone } = this;
    if (job.kind === 'other' || job.of !== undefined) return otherWays(cone).map((end) => ({ end, state }));
    const deploy = at[cone.main.deploy.place];
    // the plan is made beside the environment before; the others finish what was deployed
    const isRequirementMet = job.kind !== 'deploy' || before.isMet;
    const isDeployed = deploy.result === 'success';
    const key = `${job.place} ${state.id} ${at[job.place].id} ${isDeployed ? deploy.id : -1} ${isRequirementMet}`;
    let ways = this.ways.get(key);
    if (!ways) {
      const reported = { isDeployed, state: isDeployed ? deploy.outputs.state : undefined, isRequirementMet };
      const { kind, needsApproval, place } = job;
      const { seesFailures } = cone;
      const readsState = this.equal.areStatesRead(job);
      const all = waysOf({ kind, state, reported, earlier: at[place].outputs, needsApproval, seesFailures, readsState });
      this.ways.set(key, ways = this.distinct(job, all));
    }
    return ways;
  }

  /** Each that makes a difference once. */
  private distinct(job: ConeJob, ways: readonly JobWay[]): readonly JobWay[] {
    const found = ways.map(({ end, state }) => ({ end: this.equal.of(job, end), state }));
    return [...new Map(found.map((way) => [`${way.end.id} ${way.state.id}`, way])).values()];
  }
}

const NO_BEFORE = { id: 0 };
