import { ControllerState } from './controller-state';
import { FollowedCluster } from './followed-cluster';
import { podId, servingStep } from './git-ops-steps';
import { formatDuration } from '../../../contract/duration-text';
import { RuntimeContext } from '../../../runtime/context';
import { EngineError, waitFor } from '../../../runtime/targets/engine-error';
import { DriverRequest } from '../../../runtime/targets/target-driver';
import { PatientCalls } from '../../cluster/runtime/patient-calls';

/** Between two looks at a cluster. The last one repeats. */
const POLLS_MS = [1_000, 1_000, 2_000, 3_000, 5_000];
/** A controller that missed the request is requested again. */
const REQUEST_EVERY_MS = 30_000;

/** Waits until a controller has brought a commit to its cluster. */
export class Serving {
  private readonly calls: PatientCalls;
  private podsBefore: ReadonlySet<string> = new Set();
  private mayRequest = true;

  /** @param shown what people call the controller */
  constructor(private readonly context: RuntimeContext, private readonly shown: string, private readonly request: DriverRequest) {
    this.calls = new PatientCalls(context, request.giveUpAt);
  }

  /** Notes what the cluster has before the commit. */
  public async begin(cluster: FollowedCluster): Promise<void> {
    const { objects } = await this.calls.read(() => cluster.state());
    this.podsBefore = new Set((await cluster.podsOf(objects)).map(podId));
  }

  /**
   * Rejects with the reasons of the controller and of pods.
   *
   * @param holds whether a commit has the same folder: others commit beside it
   */
  public async wait(cluster: FollowedCluster, commit: string, holds: (revision: string) => Promise<boolean>): Promise<void> {
    const { clock, log } = this.context;
    const { giveUpAt, isRestore, release } = this.request;
    const known = new Map<string, boolean>([[commit, true]]);
    let since = new Map<string, number>();
    let requestedAt: number | undefined;
    for (let polls = 0; ; polls++) {
      const state = await this.calls.read(() => cluster.state());
      const isOurs = await this.isOurs(state, known, holds);
      const pods = isOurs && state.is !== 'served' ? await cluster.podsOf(state.objects) : [];
      const now = clock.now();
      const next = servingStep({ state, isOurs, pods, podsBefore: this.podsBefore, isRestore, now, since });
      if (next.step === 'done') {
        // Stable is served at an older commit: the controller may have read the bad one already, and applies it unless it reads ours first
        if (isRestore && state.revision !== commit && requestedAt === undefined) await this.requestSync(cluster);
        return;
      }
      if (next.step === 'fail') throw new EngineError('rejected', next.why);
      since = new Map(next.reasons.map((reason) => [reason, since.get(reason) ?? now]));
      if (!isOurs && now - (requestedAt ?? -Infinity) >= REQUEST_EVERY_MS) {
        requestedAt = now;
        await this.requestSync(cluster);
      }
      const waitMs = POLLS_MS[Math.min(polls, POLLS_MS.length - 1)]!;
      if (now + waitMs >= giveUpAt) throw new EngineError('overdue', `the cluster did not serve ${release.version} within the command's time limit: ${next.why}`);
      log.line(`${next.why}; read the state again in ${formatDuration(waitMs, 'exact')}`);
      await waitFor(this.context, waitMs);
    }
  }

  private async isOurs({ revision }: ControllerState, known: Map<string, boolean>, holds: (revision: string) => Promise<boolean>): Promise<boolean> {
    if (revision === undefined) return false;
    if (!known.has(revision)) known.set(revision, await this.calls.read(() => holds(revision)));
    return known.get(revision)!;
  }

  /** Without the right to it, the controller's own interval counts. */
  private async requestSync(cluster: FollowedCluster): Promise<void> {
    if (!this.mayRequest) return;
    try {
      await this.calls.made(() => cluster.requestSync(this.context.clock.now()));
      this.context.log.line(`${this.shown} is to look at the repository now`);
    } catch (error) {
      if (!(error instanceof EngineError) || !['accessDenied', 'notFound', 'rejected'].includes(error.kind)) throw error;
      this.mayRequest = false;
      this.context.log.line(`${this.shown} looks at the repository at its own interval, because it cannot be requested: ${error.message}`);
    }
  }
}
