import { ClusterObject, commitIn, ControllerState, FollowedSource, sameRepository } from './controller-state';

interface ApplicationSource {
  readonly repoURL: string;
  readonly path?: string;
  readonly targetRevision?: string;
}

/** One revision for each source. */
interface Compared {
  readonly revision?: string;
  readonly revisions?: readonly string[];
}

/** @see https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml */
export interface Application {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly source?: ApplicationSource;
    readonly sources?: readonly ApplicationSource[];
    readonly destination?: { readonly namespace?: string };
    readonly syncPolicy?: {
      readonly automated?: { readonly prune?: boolean; readonly selfHeal?: boolean; readonly enabled?: boolean };
      readonly retry?: { readonly limit?: number; readonly refresh?: boolean };
    };
  };
  readonly status?: {
    readonly sync?: Compared & { readonly status?: string };
    readonly health?: { readonly status?: string; readonly message?: string };
    readonly operationState?: {
      readonly phase?: string;
      readonly message?: string;
      readonly syncResult?: Compared;
    };
    readonly conditions?: readonly { readonly type: string; readonly message: string }[];
    readonly resources?: readonly (Partial<ClusterObject> & { readonly health?: { readonly status?: string; readonly message?: string } })[];
  };
}

/** How often Argo CD repeats an automatic sync that failed, where the Application does not say: this takes three minutes. */
const RETRIES = 5;

/** Of several sources, the one with our folder. */
function sourceIndex({ spec: { source, sources = [] } }: Application, repository: string): number {
  return source ? 0 : Math.max(0, sources.findIndex(({ repoURL }) => sameRepository(repoURL, repository)));
}

export function argoCdState(application: Application, repository: string): ControllerState {
  const { metadata: { name }, spec, status: { conditions = [], health, operationState, resources = [], sync } = {} } = application;
  const index = sourceIndex(application, repository);
  const at = (compared: Compared | undefined) => commitIn(compared?.revisions?.[index] ?? compared?.revision);
  const revision = at(sync);
  const objects = resources.flatMap(({ kind, name: object, namespace = spec.destination?.namespace }) => (
    kind === undefined || object === undefined || namespace === undefined ? [] : [{ kind, name: object, namespace }]
  ));
  const shown = `Application ${name}`;
  const isSynced = sync?.status === 'Synced';
  const state = { revision, objects, ...(isSynced && revision !== undefined && { live: revision }) };
  if (isSynced && health?.status === 'Healthy' && revision !== undefined) return { ...state, is: 'served', why: `${shown}: Synced, Healthy` };
  const fault = conditions.find(({ type }) => type.endsWith('Error'));
  if (fault) return { ...state, is: 'failing', why: `${shown}: ${fault.type}: ${fault.message}` };
  if (['Failed', 'Error'].includes(operationState?.phase ?? '') && !isSynced) {
    return { ...state, revision: at(operationState?.syncResult) ?? revision, is: 'failing', why: `${shown}: the sync failed: ${operationState?.message ?? ''}` };
  }
  const sick = resources.filter((one) => !['Healthy', 'Suspended', undefined].includes(one.health?.status));
  const said = sick.map((one) => `${one.kind} ${one.name}: ${one.health?.status}${one.health?.message ? `: ${one.health.message}` : ''}`);
  // Argo CD takes no other commit meanwhile
  const syncing = operationState?.phase === 'Running' ? `; its sync of ${at(operationState.syncResult)?.slice(0, 7) ?? 'a commit'} still runs: ${operationState.message ?? ''}` : '';
  const why = `${shown}: ${sync?.status ?? 'not compared yet'}, ${health?.status ?? 'health unknown'}${said.length > 0 ? ` (${said.slice(0, 3).join('; ')})` : ''}${syncing}`;
  return { ...state, is: isSynced && health?.status === 'Degraded' ? 'failing' : 'working', why };
}

export function argoCdSource(application: Application, repository: string): FollowedSource {
  const { metadata: { name }, spec: { source, sources = [], syncPolicy } } = application;
  const { path = '', repoURL = '', targetRevision = 'HEAD' } = source ?? sources[sourceIndex(application, repository)] ?? {};
  const shown = `Application ${name}`;
  const automated = syncPolicy?.automated;
  const { limit = RETRIES, refresh = false } = syncPolicy?.retry ?? {};
  const isAutomated = automated !== undefined && automated.enabled !== false;
  return {
    shown,
    repository: repoURL,
    path,
    ...(targetRevision !== 'HEAD' && targetRevision !== '' && { branch: targetRevision.replace(/^refs\/heads\//, '') }),
    ...(!isAutomated && { stopped: { problem: `${shown} is not synced automatically`, fix: 'Set spec.syncPolicy.automated: { prune: true }' } }),
    warnings: [
      ...automated?.prune === true ? [] : [{ title: `${shown} does not prune`, text: 'What a release adds stays in the cluster after its rollback. Set spec.syncPolicy.automated.prune: true' }],
      ...refresh || (limit >= 0 && limit <= RETRIES) ? [] : [{
        title: `${shown} repeats a failed sync ${limit < 0 ? 'without end' : `${limit} times`}`,
        text: 'A rollback begins after that, because Argo CD takes no other commit meanwhile. Set spec.syncPolicy.retry.limit: 0',
      }],
    ],
  };
}
