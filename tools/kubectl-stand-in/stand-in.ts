import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CliStandIn } from '../aws-cli-stand-in/cli-stand-in';

/** What requests get is said where the state is made. */
const { servedBy } = createRequire(__filename)('./api.cjs') as { readonly servedBy: (state: ClusterState) => { readonly live: string; readonly releases: Readonly<Record<string, string>> } };

export interface ObjectOfStandIn {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly resourceVersion?: string;
    readonly generation?: number;
  };
  readonly spec?: {
    readonly replicas?: number; readonly paused?: boolean; readonly template?: unknown; readonly selector?: Readonly<Record<string, unknown>>;
  };
  readonly data?: Readonly<Record<string, string>>;
  /** The template of the pods that run, of a Deployment. */
  readonly running?: unknown;
  /** So often it was looked at since its last change; after 3 looks it is rolled out. */
  readonly looks?: number;
}

export interface RuleOfStandIn {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** A controller of the cluster that follows a folder of a repository. */
export interface FollowedFolder {
  readonly name: string;
  readonly namespace: string;
  /** The URL of the repository. */
  readonly repository: string;
  /** Where it is on this machine. */
  readonly git: string;
  readonly branch: string;
  readonly path: string;
  /** Looks until it sees a new commit by itself. @default 2 */
  readonly lag?: number;
  readonly isSuspended?: boolean;
  /** What it follows instead. */
  readonly followedBranch?: string;
  readonly followedPath?: string;
  readonly sourceKind?: string;
  /** Other fields of its spec. */
  readonly spec?: object;
}

export interface ClusterState {
  readonly namespace: string;
  /** The only context of the kubeconfig. */
  readonly context: string;
  readonly objects: Readonly<Record<string, ObjectOfStandIn>>;
  /** The next resourceVersion. */
  readonly next: number;
  /** Why the pods of an image do not run, and how often their container was restarted. */
  readonly broken: Readonly<Record<string, readonly [string, number]>>;
  readonly failedJobs?: readonly string[];
  /** Deployments are rolled out at once: for a release that is only the beginning of a test. @default false */
  readonly isQuick?: boolean;
  /** The Role of the credentials. @default - they may do everything */
  readonly rules?: readonly RuleOfStandIn[];
  readonly events?: readonly object[];
  /** Fields that an admission webhook sets on each port of a Service. */
  readonly portsGet?: Readonly<Record<string, unknown>>;
  /** The controller of Argo Rollouts misses each change until there is another one. @default false */
  readonly missesChanges?: boolean;
  /** The pods that blue/green left stay until another release. @default false */
  readonly scalesDownLate?: boolean;
  /** @default - no controller follows a repository */
  readonly gitOps?: FollowedFolder;
  readonly isSignedOut?: boolean;
  /** The exec plugin of the kubeconfig. */
  readonly isPluginMissing?: boolean;
  readonly isDown?: boolean;
}

const TEMPLATE = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'shop:by-hand' }] } };
/** What a person deployed before. */
const BY_HAND: ObjectOfStandIn = {
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', resourceVersion: '1' }, spec: { replicas: 2, template: TEMPLATE }, running: TEMPLATE, looks: 3,
};

/** A namespace of a cluster in a folder, which the executable `kubectl` beside this file serves. Someone deployed `web` by hand, which users reach as `v0`. */
export class KubectlStandIn extends CliStandIn {
  /** @param begins what is different at the beginning */
  constructor(folder: string, private readonly begins: Partial<ClusterState> = {}) {
    super(folder, { folder: __dirname, variable: 'KUBECTL_STAND_IN' });
    this.reset();
  }

  public reset(changes: Partial<ClusterState> = this.begins): void {
    this.forget();
    for (const name of ['requests', 'kubeconfigs']) rmSync(join(this.folder, name), { force: true });
    this.state = { namespace: 'shop', context: 'local', objects: { 'Deployment/web': BY_HAND }, next: 2, broken: {}, ...changes };
  }

  /** The release that users reach; both, if they share the traffic. */
  public get served(): string {
    return readFileSync(join(this.folder, 'live'), 'utf8').split('+').map((place) => this.releaseIn(place)).join(' and ');
  }

  /** Calls that change the cluster. */
  public get changes(): string[] {
    return this.calls.filter((call) => /^(?:apply|create|replace|patch|delete)$/.test(call));
  }

  /** What the API server was called for: `patch deployments.apps`. */
  public get requests(): string[] {
    const file = join(this.folder, 'requests');
    return existsSync(file) ? [...new Set(readFileSync(file, 'utf8').trim().split('\n'))].sort() : [];
  }

  /** The path, the mode and the length of each kubeconfig that kubectl was called with. */
  public get kubeconfigs(): string[] {
    return readFileSync(join(this.folder, 'kubeconfigs'), 'utf8').trim().split('\n');
  }

  /** The kinds and names of what is in the namespace. */
  public get names(): string[] {
    return Object.keys(this.state.objects).sort();
  }

  public get state(): ClusterState {
    return JSON.parse(readFileSync(join(this.folder, 'cluster.json'), 'utf8')) as ClusterState;
  }

  public set state(state: ClusterState) {
    this.write('cluster.json', JSON.stringify(state));
    // what a controller applies is written with the next look
    if (state.gitOps) return;
    // what a Rollout serves is written with the next look
    if (state.objects['Rollout/web']) return;
    const { live, releases } = servedBy(state);
    for (const [place, release] of Object.entries(releases)) this.write(place, release);
    this.write('live', live);
  }

  /** A person changes the selector of the Service. */
  public select(selector: Readonly<Record<string, string>>): void {
    const { next, objects, ...state } = this.state;
    const web = objects['Service/web']!;
    this.state = { ...state, next: next + 1, objects: { ...objects, 'Service/web': { ...web, metadata: { ...web.metadata, resourceVersion: String(next) }, spec: { ...web.spec, selector } } } };
  }

  /** Where the Service leads users: `only`, `blue`, `green`, or several of them. */
  public get live(): string {
    return readFileSync(join(this.folder, 'live'), 'utf8');
  }

  private releaseIn(place: string): string {
    const file = join(this.folder, place);
    return existsSync(file) ? readFileSync(file, 'utf8') : 'nothing';
  }

  /** A person promotes or aborts the release of the Rollout, with the plugin of Argo Rollouts. */
  public decideByHand(decision: 'promote' | 'abort'): void {
    const { next, objects, ...state } = this.state;
    const web = objects['Rollout/web'] as ObjectOfStandIn & { readonly argo: { readonly current: object; readonly steps: readonly object[] } };
    const { current, steps } = web.argo;
    const argo = { ...web.argo, isHeld: false, share: 0, ...(decision === 'promote' ? { stable: current, index: steps.length } : { abort: true }) };
    const changed = { ...web, metadata: { ...web.metadata, resourceVersion: String(next) }, argo };
    this.state = { ...state, next: next + 1, objects: { ...objects, 'Rollout/web': changed } };
  }

  /** A person pauses the Rollout, with the plugin of Argo Rollouts. */
  public pauseByHand(): void {
    const { next, objects, ...state } = this.state;
    const web = objects['Rollout/web']!;
    const metadata = { ...web.metadata, resourceVersion: String(next), generation: (web.metadata.generation ?? 0) + 1 };
    this.state = { ...state, next: next + 1, objects: { ...objects, 'Rollout/web': { ...web, metadata, spec: { ...web.spec, paused: true } } } };
  }

  /** A person sets another image in the Rollout. */
  public setRolloutImage(image: string): void {
    const { next, objects, ...state } = this.state;
    const web = objects['Rollout/web']!;
    const template = web.spec?.template as typeof TEMPLATE & { readonly metadata: object };
    const changed = { ...template, spec: { ...template.spec, containers: [{ ...template.spec.containers[0], image }] } };
    const metadata = { ...web.metadata, resourceVersion: String(next), generation: (web.metadata.generation ?? 0) + 1 };
    this.state = { ...state, next: next + 1, objects: { ...objects, 'Rollout/web': { ...web, metadata, spec: { ...web.spec, template: changed } } } };
  }

  /** A person sets another image, and its pods run at once. */
  public setImage(image: string): void {
    const { objects, ...state } = this.state;
    const web = objects['Deployment/web']!;
    const template = web.spec?.template as typeof TEMPLATE;
    const changed = { ...template, spec: { ...template.spec, containers: [{ ...template.spec.containers[0], image }] } };
    this.state = { ...state, objects: { ...objects, 'Deployment/web': { ...web, spec: { ...web.spec, template: changed }, running: changed, looks: 3 } } };
  }
}

/** A Rollout of Argo Rollouts in place of the Deployment `web`, whose steps the delivery writes. */
export const ROLLOUT = { canary: {}, blueGreen: { activeService: 'web', previewService: 'web-preview' } } as const;

/** As `writeManifests`, with a Rollout. `changes` are of its spec. */
export function writeRollout(folder: string, release: string, strategy: object, changes: object = {}, more: readonly object[] = []): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: `shop:${release}` }] } };
  const rollout = {
    apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', metadata: { name: 'web' }, spec: { replicas: 4, selector: { matchLabels: { app: 'web' } }, strategy, template, ...changes },
  };
  const services = ['web', 'web-preview'].map((name) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } }));
  writeFileSync(join(folder, 'shop.k8s.yaml'), [...services, rollout, ...more].map((object) => JSON.stringify(object)).join('\n---\n'));
}

/** Writes the manifests of a release, as cdk8s does. `more` are objects besides; the pods read a ConfigMap `settings` among them. */
export function writeManifests(folder: string, release: string, more: readonly object[] = []): void {
  const envFrom = more.some((object) => 'metadata' in object && (object.metadata as { name?: string }).name === 'settings') ? { envFrom: [{ configMapRef: { name: 'settings' } }] } : {};
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const web = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: `shop:${release}`, ...envFrom }] } } },
  };
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } };
  writeFileSync(join(folder, 'shop.k8s.yaml'), [service, web, ...more].map((object) => JSON.stringify(object)).join('\n---\n'));
}
