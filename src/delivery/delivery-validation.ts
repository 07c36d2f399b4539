import { Project } from 'projen';
import { checkArtifact } from './artifact';
import { COMPATIBILITY_OPTIONS, DELIVERY_OPTIONS, DeliveryOptions } from './delivery-options';
import { checkTask } from './delivery-task';
import { checkDrill } from './drill';
import { Environment, EnvironmentDefaults } from './environment';
import { checkPreviews } from './previews';
import { checkPullRequests, pullRequestsManifest } from './pull-requests';
import { Scope } from './scope';
import { Workflow, WorkflowPlace } from './workflow';
import { checkWorkflowNames } from './workflow-names';
import { Alert } from '../alerts/alert';
import { checkRunsOn, SecretRules } from '../ci/ci-rules';
import { CiProvider } from '../ci/ci-system';
import { ciSystemOf } from '../ci/ci-system-of';
import { manifestFile, RUNTIME_FILE } from '../contract/manifest';
import { rejectForeignFile } from '../files/generated-file';
import { Monitoring } from '../monitoring/monitoring';
import { checkTarget } from '../targets/bound-target';
import { listOf, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';
import { checkSecrets, checkVariables } from '../validation/variable-names';

/** JavaScript callers can pass values of the wrong type. */
export function checkOptions(options: DeliveryOptions): void {
  optionsOf('Delivery', options, DELIVERY_OPTIONS, '{ target: Target.tasks({ deploy: \'ship\' }), environments: [...] }');
  const { artifact, compatibility, needs, previews, pullRequests, runsOn } = options;
  if (artifact !== undefined) checkArtifact('artifact', artifact);
  if (compatibility !== undefined) optionsOf('Delivery compatibility', compatibility, COMPATIBILITY_OPTIONS, '{ withoutQueueMax: true }', 'Delivery compatibility');
  if (runsOn !== undefined) checkRunsOn('Delivery runsOn', runsOn);
  if (pullRequests !== undefined) checkPullRequests(pullRequests);
  if (previews !== undefined) checkPreviews(previews);
  if (needs !== undefined) checkNeeds(needs);
}

export function placeOf(workflow: Workflow): WorkflowPlace {
  const { _place: place } = workflow as Partial<Workflow>;
  return place ?? invalid('Delivery workflow', `${show(workflow)} is not a Workflow`, `Write Workflow.own() or Workflow.named(${show(typeof workflow === 'string' ? workflow : 'ci')})`);
}

function checkNeeds(needs: string[]): void {
  listOf('needs', needs, '\'test\'').forEach((need, i) => {
    if (typeof need !== 'string' || need === '') invalid('needs', `${show(need)} is not the id of a job`, 'Write one, for example \'test\'');
    if (needs.indexOf(need) !== i) invalid('needs', `${show(need)} is listed twice`, 'Name it once');
  });
}

/** Checks the project before anything is added to it. */
export function checkProject(project: Project, scope: Scope, options: DeliveryOptions, place: WorkflowPlace, watch?: Monitoring): CiProvider {
  const { alerts, drill, onlyIfChanged } = options;
  if (onlyIfChanged !== undefined && place.kind !== 'own') {
    invalid('Delivery onlyIfChanged', 'the workflow of the jobs has other jobs, which it would prevent from running', 'Use Workflow.own(), or remove the option');
  }
  if (drill !== undefined && drill !== null) checkDrill(drill);
  Alert._checkList(alerts === undefined ? [] : alerts);
  const pullRequests = pullRequestsManifest(options.pullRequests);
  const hasPreviews = options.previews !== undefined;
  const has = { drill: drill !== undefined, monitoring: watch !== undefined, plan: pullRequests !== undefined, preview: hasPreviews };
  checkWorkflowNames(options.workflowNames, place, has);
  const provider = ciSystemOf({ project, scope, place, drill, monitoring: watch, pullRequests, hasPreviews });
  if (options.runsOn === undefined) checkRunsOn('Delivery runsOn (the project\'s workflowRunsOn)', provider.runsOn ?? ['a group']);
  checkTask(project);
  for (const path of [...provider.ownFiles, scope.manifestFile, RUNTIME_FILE]) rejectForeignFile(project.root, path);
  return provider;
}

/** File systems and GitHub's concurrency groups may ignore letter case. */
export function checkAlone({ project }: Scope, others: readonly Project[]): void {
  if (!project) return;
  const isTakenBy = (other: Project) => Scope.of(other).project?.name.toLowerCase() === project.name.toLowerCase();
  const taken = others.find(isTakenBy);
  if (taken) {
    invalid('Delivery', `the files of ${show(project.directory)} would be called like those of ${show(Scope.of(taken).directory)} (${manifestFile(project.name)})`,
      'Give one of the two subprojects another name');
  }
}

export function defaultsOf(scope: Scope, { target, variables, secrets, runsOn }: DeliveryOptions, secretRules: SecretRules): Omit<EnvironmentDefaults, 'project' | 'monitoring' | 'files' | 'setup'> {
  if (target === undefined) invalid('Delivery target', 'it is missing', 'Set how a release is deployed: Target.tasks({ deploy: \'ship\' })');
  checkTarget('Delivery target', target);
  checkVariables('Delivery variables', variables ?? {});
  checkSecrets('Delivery secrets', secrets ?? [], secretRules);
  return { scope, target, variables: variables ?? {}, secrets: secrets ?? [], secretRules, runsOn };
}

export function checkDistinct(environment: Environment, others: Environment[]): void {
  const option = `environment name ${show(environment.name)}`;
  for (const other of others) {
    if (other.name.toLowerCase() === environment.name.toLowerCase()) {
      invalid(option, 'it is listed twice (letter case makes no difference on GitHub)', 'Give one of them another name');
    }
    if (other.id.toLowerCase() === environment.id.toLowerCase()) {
      invalid(option, `its jobs would have the same ids as those of ${show(other.name)} (deploy_${environment.id})`, 'Give one of them another name');
    }
  }
}
