import { hasRollout, isAt, moveStep, movedServices, placedAt, podsOf, releaseOf, resumed, ROLLOUT_API, shaOf, weightPatch, withSelectors } from './argo-rollout';
import { ArgoRollout, isSettled } from './argo-rollout-state';
import { Cluster } from './cluster';
import { keyOf, KubernetesObject, ObjectKey } from './kubernetes-object';
import { ReleaseRollout } from './release-rollout';
import { DriverCall } from '../../../contract/target-manifest';
import { Release } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';
import { DriverRequest } from '../../../runtime/targets/target-driver';

export interface ArgoMovesOptions {
  readonly cluster: Cluster;
  readonly rollout: ReleaseRollout;
  /** Of the Rollout. */
  readonly name: string;
  /** The objects of a release. */
  readonly objectsOf: (release: Release) => Promise<readonly KubernetesObject[]>;
}

/** `leave`: there is nothing to wait for. `apply`: the manifests of another release are needed. */
type Decided = 'done' | 'leave' | 'apply';

/**
 * Moves users with a Rollout of Argo Rollouts. The Rollout's strategy holds it at one weight, and each move is one change of that strategy: Argo Rollouts
 * begins with the first step again when the steps change. So there is no state but the Rollout's spec, and a call that is repeated finds it.
 */
export class ArgoMoves {
  private readonly key: ObjectKey;

  constructor(private readonly options: ArgoMovesOptions) {
    this.key = { apiVersion: ROLLOUT_API, kind: 'Rollout', name: options.name };
  }

  public async call(call: DriverCall, request: DriverRequest): Promise<string> {
    switch (call) {
      // where there are no slots, the release replaces the one before it
      case 'deploy': return this.apply(request.release, request, request.slot === undefined ? 100 : 0);
      case 'promote': return this.setWeight(request, 100);
      case 'setWeight': return request.weight === 0 ? this.withdraw(request) : this.setWeight(request, request.weight ?? 100);
      // by hand it is verified before users, as any candidate
      case 'rollback': return this.apply(request.release, request, isOther(request) ? 0 : 100);
    }
  }

  /** Applies the manifests of a release, with the Rollout at a weight. The selectors of Services stay with the pods that they have. */
  private async apply(release: Release, request: DriverRequest, percent: number): Promise<string> {
    const { cluster, rollout } = this.options;
    const objects = placedAt(await this.options.objectsOf(release), percent);
    const services = movedServices(objects).map((name) => ({ apiVersion: 'v1', kind: 'Service', name }));
    const live = await rollout.read(() => cluster.existing(services), request.giveUpAt);
    // below 100 % nothing is pruned: a pod of Stable that starts again still needs what Stable has
    const isLeft = !hasRollout(objects, this.options.name);
    const done = await rollout.roll(resumed(withSelectors(objects, live)), { ...request, release }, percent === 100 || isLeft);
    if (isLeft) return this.leave(objects, request, done);
    const now = await this.now(request);
    if (!now || shaOf(now) !== release.sha) throw this.elsewhere(now ? `it runs ${releaseOf(now)}` : 'someone deleted it');
    if (percent < 100 && !request.isRestore && isOther(request) && isSettled(now) && !await this.isFirst(now, request)) {
      throw new EngineError('conflict', `Rollout ${this.options.name}: its release has all users already: its last pods still run (scaleDownDelaySeconds), or someone promoted it`);
    }
    return isSettled(now) ? done : `${done}; users are on Stable`;
  }

  /** After a release from before the Rollout is back: Argo Rollouts gave its Services a selector again as long as the Rollout was there. */
  private async leave(objects: readonly KubernetesObject[], { giveUpAt }: DriverRequest, done: string): Promise<string> {
    const { cluster, rollout } = this.options;
    const services = objects.filter(({ kind }) => kind === 'Service');
    while (services.length > 0 && !await rollout.made(() => cluster.apply(services), giveUpAt));
    return done;
  }

  /** Whether it got all users at once, as the first release of a Rollout does: Stable is from before. */
  private async isFirst(rollout: ArgoRollout, { stable }: DriverRequest): Promise<boolean> {
    return isSettled(rollout) && stable !== undefined && !hasRollout(await this.options.objectsOf(stable), this.options.name);
  }

  /** Gives the release a share of the users, and Stable the rest. */
  private async setWeight(request: DriverRequest, percent: number): Promise<string> {
    const { isRestore, release, stable } = request;
    const before = percent < 100 ? await this.now(request) : undefined;
    const isFirst = before !== undefined && await this.isFirst(before, request);
    const wanted = { percent, sha: release.sha, stableSha: isFirst ? release.sha : stable?.sha };
    const moved = await this.move(request, percent, (rollout) => {
      if (!rollout) return isRestore ? 'apply' : 'move';
      const next = moveStep(rollout, wanted);
      if (next.step !== 'elsewhere') return next.step;
      if (isRestore) return 'apply';
      throw this.elsewhere(next.why);
    });
    if (moved === 'apply') return this.apply(release, request, percent);
    const now = await this.now(request);
    const next = now ? moveStep(now, wanted) : { step: 'elsewhere' as const, why: 'someone deleted it' };
    if (next.step === 'elsewhere') throw this.elsewhere(next.why);
    if (percent === 100) await this.options.rollout.forget((await this.options.objectsOf(release)).map(keyOf), request);
    return percent === 100 || isFirst ? `${this.options.name} sends all users to ${release.version}` : `${this.options.name} sends ${percent} % to ${release.version} (${podsOf(now!)})`;
  }

  /** Takes all users from what is not Stable. The release stays in the manifests of the Rollout until the rollback restores those of Stable. */
  private async withdraw(request: DriverRequest): Promise<string> {
    const { name } = this.options;
    const { stable } = request;
    if (!stable) throw new EngineError('rejected', 'no Stable release is recorded that could get the users');
    // pods of the release may fail: only those of Stable matter
    const back = { ...request, release: stable, isRestore: true };
    const moved = await this.move(back, 0, (rollout) => {
      // Argo Rollouts gives all users to Stable when it is aborted
      if (!rollout || rollout.status?.abort) return 'leave';
      // the first release of a Rollout has no other one that could get them
      if (isSettled(rollout) || !rollout.status?.stableRS) return shaOf(rollout) === stable.sha ? 'leave' : 'apply';
      return isAt(rollout, 0) && !rollout.spec?.paused ? 'done' : 'move';
    });
    if (moved === 'apply') return this.apply(stable, back, 100);
    return moved === 'leave' ? `${name} leaves all users on Stable` : `${name} sends all users to ${stable.version}`;
  }

  /** Makes the change that `decide` finds, once, and waits until Argo Rollouts has done it. */
  private async move(request: DriverRequest, percent: number, decide: (rollout: ArgoRollout | undefined) => 'move' | Decided): Promise<Decided> {
    const { cluster, rollout } = this.options;
    const { giveUpAt } = request;
    const restarts = await rollout.restarts(giveUpAt);
    for (;;) {
      const now = await this.now(request);
      const next = decide(now);
      if (next === 'apply' || next === 'leave') return next;
      if (!now) throw new EngineError('notFound', `there is no Rollout ${this.options.name}, so it cannot move users`);
      if (next === 'done' || await rollout.made(() => cluster.patch(this.key, weightPatch(now, percent)), giveUpAt)) break;
    }
    await rollout.wait([this.key], restarts, request);
    return 'done';
  }

  private async now({ giveUpAt }: DriverRequest): Promise<ArgoRollout | undefined> {
    const { cluster, rollout } = this.options;
    const [found] = await rollout.read(() => cluster.existing([this.key]), giveUpAt);
    return found as ArgoRollout | undefined;
  }

  private elsewhere(why: string): EngineError {
    return new EngineError('conflict', `someone else changed Rollout ${this.options.name} meanwhile: ${why}`);
  }
}

/** Whether it comes to where users are on another release, which is Stable. */
function isOther({ release, slot, stable }: DriverRequest): boolean {
  return slot !== undefined && stable !== undefined && stable.sha !== release.sha;
}
