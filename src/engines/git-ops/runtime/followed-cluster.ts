import { Application, argoCdSource, argoCdState } from './argo-cd';
import { ClusterObject, ControllerState, FollowedSource } from './controller-state';
import { FluxGitRepository, fluxSource, fluxState, Kustomization } from './flux';
import { EngineError } from '../../../runtime/targets/engine-error';
import { Kubectl } from '../../cluster/runtime/kubectl';
import { Pod } from '../../cluster/runtime/pod-state';
import { GitOpsControllerManifest } from '../manifest';

const KUSTOMIZATIONS = 'kustomizations.kustomize.toolkit.fluxcd.io';
const GIT_REPOSITORIES = 'gitrepositories.source.toolkit.fluxcd.io';
const APPLICATIONS = 'applications.argoproj.io';
/** Pods are read in so many namespaces. */
const MOST_NAMESPACES = 5;

/** What is read of the cluster that a controller brings the repository to, one method per question. Rejects with `EngineError`. */
export class FollowedCluster {
  private source?: { readonly name: string; readonly namespace: string };

  constructor(
    private readonly kubectlOf: (namespace: string) => Kubectl,
    private readonly controller: GitOpsControllerManifest,
    private readonly repository: string,
    private readonly giveUpAt: number,
  ) {}

  public async state(): Promise<ControllerState> {
    const { kind, name, namespace } = this.controller;
    if (kind === 'argoCd') return argoCdState(await this.get<Application>(APPLICATIONS, name, namespace), this.repository);
    const kustomization = await this.get<Kustomization>(KUSTOMIZATIONS, name, namespace);
    return fluxState(kustomization, await this.gitRepository(kustomization));
  }

  /** Rejects with `notFound` where the controller's object does not follow a git repository. */
  public async followed(): Promise<FollowedSource> {
    const { kind, name, namespace } = this.controller;
    if (kind === 'argoCd') return argoCdSource(await this.get<Application>(APPLICATIONS, name, namespace), this.repository);
    const kustomization = await this.get<Kustomization>(KUSTOMIZATIONS, name, namespace);
    const source = await this.gitRepository(kustomization);
    if (!source) throw new EngineError('notFound', `Kustomization ${name} follows a ${kustomization.spec.sourceRef.kind}, and no GitRepository`);
    return fluxSource(kustomization, source);
  }

  /** Has the controller look at the repository now: it does so by itself only after its interval. */
  public async requestSync(at: number): Promise<void> {
    const { kind, name, namespace } = this.controller;
    const annotations = { 'reconcile.fluxcd.io/requestedAt': new Date(at).toISOString() };
    if (kind === 'argoCd') return this.annotate(APPLICATIONS, name, namespace, { 'argocd.argoproj.io/refresh': 'normal' });
    // the source first: a new commit of it makes the Kustomization look by itself
    if (this.source) await this.annotate(GIT_REPOSITORIES, this.source.name, this.source.namespace, annotations);
    else await this.annotate(KUSTOMIZATIONS, name, namespace, annotations);
  }

  /** The pods of these objects. Empty where the credentials may not read them. */
  public async podsOf(objects: readonly ClusterObject[]): Promise<Pod[]> {
    const namespaces = [...new Set(objects.map(({ namespace }) => namespace))].filter((one) => /^[a-z0-9][a-z0-9-]{0,62}$/.test(one));
    const found = await Promise.all(namespaces.slice(0, MOST_NAMESPACES).map(async (namespace) => (
      (await this.podsIn(namespace)).filter((pod) => belongs(pod, namespace, objects))
    )));
    return found.flat();
  }

  private async podsIn(namespace: string): Promise<readonly Pod[]> {
    try {
      return (await this.json<{ readonly items?: readonly Pod[] }>(namespace, ['get', 'pods'])).items ?? [];
    } catch (error) {
      if (error instanceof EngineError) return [];
      throw error;
    }
  }

  private async gitRepository({ metadata, spec: { sourceRef } }: Kustomization): Promise<FluxGitRepository | undefined> {
    if (sourceRef.kind !== 'GitRepository') return undefined;
    const namespace = sourceRef.namespace ?? metadata.namespace ?? this.controller.namespace;
    const found = await this.get<FluxGitRepository>(GIT_REPOSITORIES, sourceRef.name, namespace);
    this.source = { name: sourceRef.name, namespace };
    return found;
  }

  private get<T>(resource: string, name: string, namespace: string): Promise<T> {
    return this.json<T>(namespace, ['get', `${resource}/${name}`]);
  }

  private async json<T>(namespace: string, argv: readonly string[]): Promise<T> {
    const printed = await this.kubectlOf(namespace).read({ argv: [...argv, '-o', 'json'], giveUpAt: this.giveUpAt });
    try {
      return JSON.parse(printed) as T;
    } catch {
      throw new EngineError('rejected', `kubectl ${argv.join(' ')} printed no JSON`);
    }
  }

  private async annotate(resource: string, name: string, namespace: string, annotations: Readonly<Record<string, string>>): Promise<void> {
    const argv = ['patch', `${resource}/${name}`, '--type', 'merge', '-p', JSON.stringify({ metadata: { annotations } }), '-o', 'name'];
    await this.kubectlOf(namespace).write({ argv, giveUpAt: this.giveUpAt });
  }
}

/** Whether a controller of these objects made the pod. */
function belongs({ metadata }: Pod, namespace: string, objects: readonly ClusterObject[]): boolean {
  const { labels = {}, name, ownerReferences: [owner] = [] } = metadata;
  const has = (kinds: readonly string[], wanted: string) => (
    objects.some((one) => one.namespace === namespace && kinds.includes(one.kind) && one.name === wanted)
  );
  if (owner === undefined) return has(['Pod'], name);
  if (owner.kind !== 'ReplicaSet') return has([owner.kind], owner.name);
  const hash = labels['pod-template-hash'] ?? labels['rollouts-pod-template-hash'] ?? '';
  return has(['Deployment', 'Rollout'], owner.name.slice(0, -hash.length - 1)) || has(['ReplicaSet'], owner.name);
}
