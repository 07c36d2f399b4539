import { ROLLOUT_API } from './argo-rollout';
import { ArgoRollout } from './argo-rollout-state';
import { Cluster } from './cluster';
import { during, Inventory, pruningOf, sameObjects } from './inventory';
import { keyOf, KubernetesObject, MARK, ObjectKey, sameObject, shownKey } from './kubernetes-object';
import { blockingPods, faultsOf, rolloutStep, UNSEEN_MS, unseenRollouts } from './rollout-step';
import { workloadState } from './workload-state';
import { formatDuration } from '../../../contract/duration-text';
import { RuntimeContext } from '../../../runtime/context';
import { Release } from '../../../runtime/release';
import { EngineError, waitFor } from '../../../runtime/targets/engine-error';
import { DriverRequest } from '../../../runtime/targets/target-driver';
import { PatientCalls } from '../../cluster/runtime/patient-calls';
import { Pod, STUCK_MS, faultOf, restartsOf, withFaults } from '../../cluster/runtime/pod-state';
import { KubernetesDriverManifest } from '../manifest';

/** Between two looks at a rollout. The last one repeats. */
const POLLS_MS = [1_000, 1_000, 2_000, 3_000, 5_000];

/** Brings the objects of a release into the cluster. Each step reads the state, decides and makes at most one change, and is repeated in the same way after a kill. */
export class ReleaseRollout {
  constructor(private readonly context: RuntimeContext, private readonly cluster: Cluster, private readonly settings: KubernetesDriverManifest) {}

  /**
   * Applies the objects, waits until their pods serve, and deletes what the release no longer has.
   *
   * @param isLast whether no pod of another release serves afterwards: otherwise nothing is deleted, and the inventory goes on to know it
   */
  public async roll(objects: readonly KubernetesObject[], request: DriverRequest, isLast = true): Promise<string> {
    const { release } = request;
    const { log } = this.context;
    const keys = objects.map(keyOf);
    const before = await this.claim(keys, request);
    const restarts = await this.restarts(request.giveUpAt);
    log.line(`apply ${objects.length} objects of ${release.version} to ${this.settings.namespace}`);
    while (!await this.made(() => this.cluster.apply(objects), request.giveUpAt));
    await this.wait(keys, restarts, request);
    const pruned = isLast ? await this.prune(before, keys, request) : 0;
    return `${this.settings.namespace} runs ${release.version}: ${objects.length} objects${pruned === 0 ? '' : `, ${pruned} pruned`}`;
  }

  /** Writes down what the cluster is about to have. Returns what it had. A deployment gives way to someone else's; a rollback does not. */
  private async claim(wanted: readonly ObjectKey[], { giveUpAt, isRestore, release }: DriverRequest): Promise<readonly ObjectKey[]> {
    let from: string | undefined;
    for (let isFirst = true; ; isFirst = false) {
      const now = await this.read(() => this.cluster.inventory(), giveUpAt);
      const objects = during(now?.objects ?? [], wanted);
      if (isFirst) from = now?.release.sha;
      if (now?.release.sha === release.sha && now.release.version === release.version && sameObjects(now.objects, objects)) return objects;
      if (!isRestore && now && now.release.sha !== from && now.release.sha !== release.sha) {
        throw new EngineError('overtaken', `someone else deploys ${now.release.version} to ${this.settings.namespace} meanwhile`);
      }
      if (await this.made(() => this.cluster.writeInventory({ objects, release, resourceVersion: now?.resourceVersion }), giveUpAt)) return objects;
    }
  }

  /** The restarts of containers until now: they do not count against a release. */
  public async restarts(giveUpAt: number): Promise<ReadonlyMap<string, number>> {
    return restartsOf((await this.read(() => this.cluster.rollout([]), giveUpAt)).pods);
  }

  /** Waits until the controllers have replaced the pods. Rejects with the reason of a pod that fails. */
  public async wait(keys: readonly ObjectKey[], before: ReadonlyMap<string, number>, request: DriverRequest): Promise<void> {
    const { clock, log } = this.context;
    const { giveUpAt, isRestore, release } = request;
    const kinds = [...new Set(keys.map(({ kind }) => kind))];
    let since = new Map<string, number>();
    let blockedSince = new Map<string, number>();
    let unseenSince = new Map<string, number>();
    for (let polls = 0; ; polls++) {
      const { pods, workloads: all } = await this.read(() => this.cluster.rollout(kinds), giveUpAt);
      const workloads = all.filter(({ apiVersion = '', kind, metadata: { name } }) => keys.some((key) => sameObject(key, { apiVersion, kind, name })));
      const now = clock.now();
      const next = rolloutStep({ before, isRestore, now, pods, sha: release.sha, since, workloads });
      if (next.step === 'done') return;
      if (next.step === 'fail') throw new EngineError('rejected', await this.explained(next.why, pods.filter((pod) => faultOf(pod)).map(({ metadata }) => metadata.name)));
      since = new Map(next.reasons.map((reason) => [reason, since.get(reason) ?? now]));
      const waitMs = POLLS_MS[Math.min(polls, POLLS_MS.length - 1)]!;
      if (now + waitMs >= giveUpAt) {
        const why = workloads.map(workloadState).flatMap((state) => (state.is === 'ready' ? [] : [state.why])).join('; ');
        const text = withFaults(`${release.version} was not rolled out within the command's time limit: ${why}`, faultsOf(pods, release.sha));
        throw new EngineError('overdue', await this.explained(text, pods.filter((pod) => faultOf(pod)).map(({ metadata }) => metadata.name)));
      }
      const blocking = blockingPods({ pods, sha: release.sha, workloads });
      blockedSince = new Map(blocking.map((pod) => [idOf(pod), blockedSince.get(idOf(pod)) ?? now]));
      await this.replace(blocking, blockedSince, request);
      unseenSince = await this.showAgain(unseenRollouts(workloads), unseenSince, request);
      log.line(`${next.why}; read the state again in ${formatDuration(waitMs, 'exact')}`);
      await waitFor(this.context, waitMs);
    }
  }

  /** Deletes pods that a StatefulSet waits for in vain: on the way back at once, otherwise after some time, because they may still become ready. */
  private async replace(pods: readonly Pod[], since: ReadonlyMap<string, number>, { giveUpAt, isRestore, release }: DriverRequest): Promise<void> {
    const now = this.context.clock.now();
    const due = pods.filter((pod) => isRestore || now - since.get(idOf(pod))! >= STUCK_MS).map(({ metadata: { name } }) => ({ apiVersion: 'v1', kind: 'Pod', name }));
    if (due.length === 0) return;
    this.context.log.line(`delete what is not ready, and not of ${release.version}: ${due.map(shownKey).join(', ')}`);
    await this.made(() => this.cluster.delete(due), giveUpAt);
  }

  /** Shows a change again to a controller that seems to have missed it. Returns since when each one has not been seen, or was shown. */
  private async showAgain(rollouts: ArgoRollout[], since: ReadonlyMap<string, number>, request: DriverRequest): Promise<Map<string, number>> {
    const now = this.context.clock.now();
    const next = new Map<string, number>();
    for (const { metadata: { name, resourceVersion } } of rollouts) {
      const from = since.get(name) ?? now;
      const isDue = now - from >= UNSEEN_MS;
      next.set(name, isDue ? now : from);
      if (!isDue) continue;
      const key = { apiVersion: ROLLOUT_API, kind: 'Rollout', name };
      this.context.log.line(`${shownKey(key)}: its controller may have missed the change; write the annotation ${MARK.shown}, so that it looks again`);
      await this.made(() => this.cluster.patch(key, { metadata: { annotations: { [MARK.shown]: resourceVersion } } }), request.giveUpAt);
    }
    return next;
  }

  /** With the last thing that the cluster says of the pods: why a probe fails is only there. */
  private async explained(why: string, pods: readonly string[]): Promise<string> {
    if (pods.length === 0) return why;
    const warning = (await this.cluster.warningsOf(pods)).filter(({ text }) => /^(?:Unhealthy|FailedMount|FailedScheduling|FailedCreate)/.test(text)).at(-1);
    return warning === undefined ? why : `${why}; ${warning.pod}: ${warning.text}`;
  }

  /** Deletes what was not deleted before besides these objects. */
  public async forget(keys: readonly ObjectKey[], request: DriverRequest): Promise<void> {
    const now = await this.ownInventory(request.release, request.giveUpAt);
    if (now) await this.prune(now.objects, keys, request);
  }

  /** Deletes what the release no longer has, and writes down what it has. Returns how many objects it deleted. */
  private async prune(before: readonly ObjectKey[], wanted: readonly ObjectKey[], { giveUpAt, release }: DriverRequest): Promise<number> {
    const { log } = this.context;
    const { kept, pruned } = pruningOf(before, wanted, this.settings);
    for (const key of kept) log.line(`${shownKey(key)} is not in ${release.version} any more, and is kept`);
    let count = 0;
    for (;;) {
      const found = await this.read(() => this.cluster.existing(pruned), giveUpAt);
      const isGoing = ({ metadata }: KubernetesObject) => metadata.deletionTimestamp !== undefined;
      // what someone else created by that name stays
      const ours = found.filter((object) => object.metadata.labels?.[MARK.name] === this.settings.name && !isGoing(object)).map(keyOf);
      if (ours.length === 0) break;
      // a process that was suspended must not delete what a rollback has restored meanwhile
      await this.ownInventory(release, giveUpAt);
      log.line(`delete what ${release.version} no longer has: ${ours.map(shownKey).join(', ')}`);
      count = Math.max(count, ours.length);
      await this.made(() => this.cluster.delete(ours), giveUpAt);
    }
    const objects = [...wanted, ...kept];
    for (;;) {
      const now = await this.ownInventory(release, giveUpAt);
      if (now && sameObjects(now.objects, objects)) return count;
      if (await this.made(() => this.cluster.writeInventory({ objects, release, resourceVersion: now?.resourceVersion }), giveUpAt)) return count;
    }
  }

  /** Rejects if another release began meanwhile. */
  private async ownInventory({ sha }: Release, giveUpAt: number): Promise<Inventory | undefined> {
    const now = await this.read(() => this.cluster.inventory(), giveUpAt);
    if (now && now.release.sha !== sha) throw new EngineError('overtaken', `someone else deploys ${now.release.version} to ${this.settings.namespace} meanwhile`);
    return now;
  }

  public read<T>(what: () => Promise<T>, giveUpAt: number): Promise<T> {
    return new PatientCalls(this.context, giveUpAt).read(what);
  }

  public made(change: () => Promise<void>, giveUpAt: number): Promise<boolean> {
    return new PatientCalls(this.context, giveUpAt).made(change);
  }
}

/** A pod of a StatefulSet that was replaced has the same name. */
function idOf({ metadata: { name, uid } }: Pod): string {
  return uid ?? name;
}
