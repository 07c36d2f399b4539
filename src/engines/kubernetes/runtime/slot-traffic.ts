import { Cluster } from './cluster';
import { KubernetesObject, MARK, shownKey } from './kubernetes-object';
import { liveOf, ServingWorkload } from './live-pods';
import { inSlot, isSwitched, nameOf, Place, placeOf, selectorOf, selects, Slot, switchPatch, unserved, withoutPlace } from './service-place';
import { Workload, workloadState } from './workload-state';
import { formatDuration } from '../../../contract/duration-text';
import { RuntimeContext } from '../../../runtime/context';
import { Release } from '../../../runtime/release';
import { EngineError, waitFor } from '../../../runtime/targets/engine-error';
import { PatientCalls } from '../../cluster/runtime/patient-calls';
import { isReady, Pod } from '../../cluster/runtime/pod-state';
import { KubernetesSlotsDriverManifest } from '../slots-manifest';

/** Between two looks at what the nodes know of a Service. */
const POLL_MS = 1_000;
/** The controller of EndpointSlices needs a second or two. */
const SERVED_PATIENCE_MS = 120_000;
/** If someone else writes at the same time. */
const MOST_WRITES = 3;

/** What a place runs of a release. */
export interface Held {
  /** Whether it runs this release and nothing else. */
  readonly isHeld: boolean;
  /** Those that are ready. */
  readonly pods: readonly Pod[];
  /** Why the rollout is not complete; undefined if it is. */
  readonly unfinished?: string;
}

/** The Service that users reach. Each step reads the state, decides, and makes at most one change, with the resourceVersion that it read. */
export class SlotTraffic {
  private readonly calls: PatientCalls;

  constructor(
    private readonly context: RuntimeContext,
    private readonly cluster: Cluster,
    private readonly settings: KubernetesSlotsDriverManifest,
    private readonly giveUpAt: number,
  ) {
    this.calls = new PatientCalls(context, giveUpAt);
  }

  public service(): Promise<KubernetesObject | undefined> {
    return this.calls.read(() => this.cluster.service(this.settings.service));
  }

  public async holds(place: Place, { artifact, sha }: Release): Promise<Held> {
    const { pods, workloads } = await this.behind(place);
    const live = liveOf(pods, workloads);
    const isRelease = live.kind === 'release' && live.release.sha === sha && (artifact === undefined || live.release.digest === artifact.digest);
    // a rollout that is under way would replace the pods that are ready now
    const isWanted = workloads.every(({ spec }) => spec?.template?.metadata?.labels?.[MARK.sha] === sha);
    const unfinished = workloads.flatMap((workload) => {
      const state = workloadState(workload);
      return state.is === 'ready' ? [] : [state.why];
    });
    return { isHeld: isRelease && isWanted && workloads.length > 0, pods: pods.filter(isReady), ...(unfinished.length > 0 && { unfinished: unfinished.join('; ') }) };
  }

  /**
   * Sends all users to a place. A deployment gives way to someone else's change; a rollback does not. Returns whether it changed something.
   *
   * @param create the Service, if there is none
   */
  public async move(to: Place, isRestore: boolean, create: () => Promise<KubernetesObject>): Promise<boolean> {
    const { name, service: shown } = this.settings;
    let first: string | undefined;
    for (let writes = 0, isFirst = true; ; isFirst = false) {
      const service = await this.service();
      const selector = service ? JSON.stringify(selectorOf(service)) : 'none';
      first ??= selector;
      if (service && isSwitched(service, await this.ownOf(to), nameOf(name, to))) return !isFirst;
      const isForeign = service !== undefined && placeOf(service, name) === undefined;
      if ((selector !== first || isForeign) && !isRestore) throw new EngineError('conflict', `someone else changed Service ${shown} meanwhile: ${this.describe(service)}`);
      if (writes === MOST_WRITES) throw new EngineError('conflict', `someone else changes Service ${shown} again and again: ${this.describe(service)}`);
      const own = await this.ownOf(to);
      this.context.log.line(service ? `${this.describe(service)}: send them to ${describePlace(to)}` : `create Service ${shown} for ${describePlace(to)}`);
      if (!service) {
        const created = await create();
        if (await this.calls.made(() => this.cluster.apply([created]))) writes++;
      } else {
        if (await this.calls.made(() => this.cluster.patchService(shown, switchPatch(service, own, nameOf(name, to))))) writes++;
      }
    }
  }

  /** Waits until the nodes send requests to the pods of a place, and to no others. */
  public async whenServed(place: Place): Promise<void> {
    const { clock, log } = this.context;
    const { service } = this.settings;
    const endAt = Math.min(this.giveUpAt, clock.now() + SERVED_PATIENCE_MS);
    for (;;) {
      const { pods } = await this.behind(place);
      const why = unserved(await this.calls.read(() => this.cluster.endpointSlices(service)), pods.filter(isReady));
      if (why === undefined) return;
      if (clock.now() + POLL_MS >= endAt) throw new EngineError('overdue', `users are not on ${describePlace(place)} yet: ${why}`);
      log.line(`${why}; read the state again in ${formatDuration(POLL_MS, 'exact')}`);
      await waitFor(this.context, POLL_MS);
    }
  }

  /** Whether it is known what users get at a place. */
  public async isKnown(place: Place): Promise<boolean> {
    return place === 'outside' || await this.slotService(place) !== undefined;
  }

  /** For people. */
  public describe(service: KubernetesObject | undefined): string {
    if (!service) return `there is no Service ${this.settings.service}`;
    const place = placeOf(service, this.settings.name);
    if (place === undefined) return `Service ${this.settings.service} selects pods of ${selectorOf(service)[MARK.name]}`;
    return place === 'open' ? `the selector of Service ${this.settings.service} names no slot` : `users are on ${describePlace(place)}`;
  }

  /** Beside the slots there are also the objects that they share. */
  private async behind(place: Place): Promise<{ readonly pods: readonly Pod[]; readonly workloads: readonly (ServingWorkload & Workload)[] }> {
    const { pods, workloads } = await this.calls.read(() => this.cluster.of(nameOf(this.settings.name, place)).serving());
    if (place !== 'outside') return { pods, workloads };
    const service = await this.service();
    const selector = service ? withoutPlace(selectorOf(service)) : {};
    return {
      pods: pods.filter(({ metadata: { labels } }) => selects(selector, labels)),
      workloads: workloads.filter(({ spec }) => selects(selector, spec?.template?.metadata?.labels)),
    };
  }

  /** The Service of a slot says what users get there. */
  private async ownOf(place: Place): Promise<KubernetesObject | undefined> {
    if (place === 'outside') return undefined;
    const found = await this.slotService(place);
    if (!found) throw new EngineError('rejected', `${shownKey({ kind: 'Service', name: inSlot(this.settings.service, place) })} is gone, so it is not known what users get in the slot ${place}`);
    return found;
  }

  private slotService(slot: Slot): Promise<KubernetesObject | undefined> {
    return this.calls.read(() => this.cluster.service(inSlot(this.settings.service, slot)));
  }
}

export function describePlace(place: Place): string {
  return place === 'outside' ? 'what Strategy.redeploy() deployed' : place;
}
