import { SHA, WorkflowName } from './workflow-model';
import { EnvironmentManifest, Manifest } from '../../../src/contract/manifest';
import { reaches } from '../../../src/runtime/ci/trigger-match';

/** What starts a run. */
export interface Occasion {
  readonly title: string;
  readonly github: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, string | boolean>>;
  /** The environments it is for, as their triggers say: the runtime's own reading, not the conditions'. */
  readonly requested: readonly number[];
  /** Whether it is there to start runs of their own, and does nothing itself. */
  readonly startsOthers?: boolean;
}

export function occasionsOf(workflow: WorkflowName, manifest: Manifest): Occasion[] {
  switch (workflow) {
    case 'deploy': return deployOccasions(manifest);
    case 'build':
    case 'ci': return [...deployOccasions(manifest), ...hostOccasions(manifest)];
    case 'release': return releaseOccasions(manifest);
    case 'rollback': return dispatches(manifest, ['rollback', 'unblock', 'adopt', 'resolve', 'unfreeze']);
    case 'drill': return [...dispatches(manifest, ['']), scheduled(false), scheduled(true)];
  }
}

/** Refs that reach something, some that nearly do, and events that others may have added to the workflow. */
function deployOccasions(manifest: Manifest): Occasion[] {
  const refs = [...new Set(manifest.environments.flatMap(({ trigger }) => {
    if (trigger.kind === 'branch') return [`refs/heads/${trigger.branch}`, `refs/tags/${trigger.branch}`, `refs/heads/${trigger.branch}x`];
    if (trigger.kind !== 'tag') return [];
    const example = (pattern: string) => `refs/tags/${pattern.replace('*', '1.2')}`;
    return [example(trigger.pattern), `refs/heads/${trigger.pattern.replace('*', '1.2')}`, ...(trigger.except ? [example(trigger.except)] : [])];
  })), 'refs/heads/elsewhere'];
  const pushes = refs.flatMap((ref) => [
    deployOccasion(manifest, 'push', ref),
    deployOccasion(manifest, 'pull_request', ref),
    deployOccasion(manifest, 'push', ref, true),
  ]);
  const byHand = manifest.environments.flatMap(({ name }) => [
    deployOccasion(manifest, 'workflow_dispatch', 'refs/heads/main', false, name),
    deployOccasion(manifest, 'push', 'refs/heads/elsewhere', false, name),
    deployOccasion(manifest, 'workflow_dispatch', 'refs/heads/main', true, name),
  ]);
  return [...pushes, ...byHand];
}

/** What starts a workflow for its own jobs alone. */
function hostOccasions(manifest: Manifest): Occasion[] {
  return [
    deployOccasion(manifest, 'workflow_dispatch', 'refs/heads/main', false, 'none'),
    deployOccasion(manifest, 'pull_request', 'refs/pull/7/merge'),
    deployOccasion(manifest, 'schedule', 'refs/heads/main'),
  ];
}

/** What starts a release. Whether there is one to deploy, its jobs say. */
function releaseOccasions({ environments }: Manifest): Occasion[] {
  const starts = [['push', {}], ['schedule', {}], ['workflow_dispatch', { dry_run: false }], ['workflow_dispatch', { dry_run: true }]] as const;
  return starts.flatMap(([event, inputs]) => [false, true].map((fork): Occasion => {
    const isDry = 'dry_run' in inputs && inputs.dry_run;
    return {
      title: `${event} of a release branch${isDry ? ', a dry run' : ''}${fork ? ' in a fork' : ''}`,
      github: { event_name: event, ref: 'refs/heads/main', sha: SHA, event: { repository: { fork } } },
      inputs,
      requested: indices(environments, () => !isDry && !fork),
    };
  }));
}

function deployOccasion({ environments }: Manifest, event: string, ref: string, fork = false, environment = ''): Occasion {
  const isRequested = ({ trigger, name }: EnvironmentManifest): boolean => {
    if (fork) return false;
    if (trigger.kind === 'manual') return event === 'workflow_dispatch' && environment === name;
    if (trigger.kind === 'after') return isRequested(environments.find((one) => one.name === trigger.environment)!);
    const [, type, rest] = /^refs\/(heads|tags|pull)\/(.*)$/.exec(ref)!;
    return event === 'push' && reaches(trigger, { type: type === 'tags' ? 'tag' : 'branch', name: rest });
  };
  return {
    title: `${event} of ${ref}${fork ? ' in a fork' : ''}${environment ? `, environment ${environment}` : ''}`,
    github: { event_name: event, ref, event: { repository: { fork } } },
    inputs: { environment },
    requested: indices(environments, isRequested),
  };
}

function dispatches({ environments }: Manifest, actions: string[]): Occasion[] {
  return environments.flatMap(({ name }) => actions.flatMap((action) => [false, true].map((fork) => ({
    title: `${action || 'dispatch'} ${name}${fork ? ' in a fork' : ''}`,
    github: { event_name: 'workflow_dispatch', ref: 'refs/heads/main', event: { repository: { fork } } },
    inputs: { environment: name, action },
    requested: indices(environments, (one) => one.name === name && !fork),
  }))));
}

function scheduled(fork: boolean): Occasion {
  return {
    title: `schedule${fork ? ' in a fork' : ''}`,
    github: { event_name: 'schedule', ref: 'refs/heads/main', event: { repository: { fork } } },
    inputs: {},
    requested: [],
    startsOthers: !fork,
  };
}

function indices(environments: EnvironmentManifest[], fits: (environment: EnvironmentManifest) => boolean): number[] {
  return environments.flatMap((environment, index) => (fits(environment) ? [index] : []));
}
