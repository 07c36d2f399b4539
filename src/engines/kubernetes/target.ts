import { Project, Task } from 'projen';
import { KubernetesSlotsOptions, serviceOfSlots } from './kubernetes-slots';
import { KubernetesDriverManifest } from './manifest';
import { DriverCall, DriverManifest } from '../../contract/target-manifest';
import { artifactPaths } from '../../delivery/artifact-paths';
import { TargetBinding, TargetCapability, TargetContext } from '../../targets/target-binding';
import { TargetCommand } from '../../targets/target-command';
import { checkAwsRegion } from '../../validation/aws-name';
import { Duration } from '../../validation/duration';
import { listOf, OptionNames, optionsOf } from '../../validation/option-types';
import { invalid, show } from '../../validation/validation-error';
import { checkHiddenSecret } from '../../validation/variable-names';

/**
 * Options for a Helm chart. It is rendered once, when the release is built (`helm template`): the manifests are the artifact, and `helm` is not needed to deploy.
 */
export interface HelmChartOptions {
  /** The folder of the chart, relative to the project's directory. */
  readonly path: string;

  /**
   * Files with values, relative to the project's directory. Later files override earlier ones.
   *
   * @default - the values of the chart
   */
  readonly values?: string[];

  /**
   * What templates find as `.Release.Name`.
   *
   * @default - the name of the chart's folder
   */
  readonly releaseName?: string;
}

/**
 * Options for a target that applies manifests to a namespace of a Kubernetes cluster. The runtime calls kubectl (version 1.26 or later), which must be
 * installed where the deployment runs.
 *
 * The namespace must exist. Every object of the manifests belongs to it: objects of the whole cluster, such as a Namespace or a
 * CustomResourceDefinition, are rejected.
 */
export interface KubernetesTargetOptions {
  /** The namespace. */
  readonly namespace: string;

  /**
   * A folder or a file with YAML or JSON, relative to the project's directory; for cdk8s it is `dist`. It is the delivery's artifact: it is built once, and
   * applied to every environment.
   *
   * @default - none: `chart` is rendered
   */
  readonly manifests?: string;

  /**
   * A Helm chart, in place of `manifests`. Each environment may have values of its own.
   *
   * @default - none: `manifests` is applied
   */
  readonly chart?: HelmChartOptions;

  /**
   * The task that builds `manifests`, or that runs before the chart is rendered; a task or its name.
   *
   * @default - the files are already there
   */
  readonly buildTask?: string | Task;

  /**
   * The name of the secret with a kubeconfig, as it is or in base64. The runtime writes it to a temporary file
   * that only its user can read, and removes it at the end.
   *
   * @default - none: `eksCluster`, or the kubeconfig of the machine
   */
  readonly kubeconfigSecret?: string;

  /**
   * The name of a cluster of Amazon EKS. The AWS CLI signs in to it (`aws eks update-kubeconfig`) with the credentials of `Login.aws`.
   *
   * @default - none: `kubeconfigSecret`, or the kubeconfig of the machine
   */
  readonly eksCluster?: string;

  /**
   * The AWS region of `eksCluster`.
   *
   * @default - the one that the AWS CLI is configured for (AWS_REGION)
   */
  readonly region?: string;

  /**
   * The context of the kubeconfig.
   *
   * @default - its current context
   */
  readonly context?: string;

  /**
   * The label of the objects (`projen-delivery/name`), and the end of the inventory's name (`delivery-<name>`), at most 54 characters. Two deliveries
   * of one namespace need different names.
   *
   * @default - the names of the project and the environment
   */
  readonly name?: string;

  /**
   * Whether objects that a release no longer has are deleted. PersistentVolumeClaims stay, see `pruneVolumes`.
   *
   * @default true
   */
  readonly prune?: boolean;

  /**
   * Whether PersistentVolumeClaims that a release no longer has are deleted, with their data. A rollback does not restore it. Requires `prune`.
   *
   * @default false
   */
  readonly pruneVolumes?: boolean;

  /**
   * Two slots behind a Service, for `Strategy.blueGreen()`: a release is verified in the slot without users, and gets all users by a change of the
   * Service's selector.
   *
   * @default - none: a release replaces the one before it, with `Strategy.redeploy()`
   */
  readonly slots?: KubernetesSlotsOptions;

  /**
   * The name of the Rollout of Argo Rollouts in the manifests whose pods users reach. Its steps belong to the delivery: the Rollout has
   * `strategy.canary` for `Strategy.canary()`, and `strategy.blueGreen` for `Strategy.blueGreen()`. Argo Rollouts 1.7 or later runs in the cluster.
   *
   * @default - none: the manifests are updated in place, with `Strategy.redeploy()`
   * @see docs/targets/kubernetes-argo-rollouts.md
   */
  readonly rollout?: string;
}

const OPTIONS: OptionNames<KubernetesTargetOptions> = {
  namespace: true,
  manifests: true,
  chart: true,
  buildTask: true,
  kubeconfigSecret: true,
  eksCluster: true,
  region: true,
  context: true,
  name: true,
  prune: 'boolean',
  pruneVolumes: 'boolean',
  slots: true,
  rollout: true,
};
const CHART: OptionNames<HelmChartOptions> = { path: true, values: true, releaseName: true };
const EXAMPLE = '{ manifests: \'dist\', namespace: \'shop\' }';
const EXAMPLE_CHART = '{ path: \'charts/shop\', values: [\'values-production.yaml\'] }';
/** Where charts are rendered to, a folder for each environment. */
const RENDERED = 'dist/kubernetes';
const RENDER_TASK = 'render-charts';
/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const LONGEST_NAME = 54;

/** A namespace of a cluster. The name, and where a chart is rendered to, depend on the environment. */
export function kubernetesTarget(options: KubernetesTargetOptions): (context: TargetContext) => TargetBinding {
  optionsOf('Target.kubernetes', options, OPTIONS, EXAMPLE);
  const { buildTask, context, kubeconfigSecret, namespace, prune = true, pruneVolumes = false } = options;
  checkLabel('namespace', namespace, 'shop');
  if (context !== undefined && (typeof context !== 'string' || !/^[^\s\p{Cc}-][^\p{Cc}]*$/u.test(context))) {
    invalid('Target.kubernetes context', `${show(context)} is not the name of a context`, 'Write one of kubectl config get-contexts');
  }
  if (kubeconfigSecret !== undefined) checkHiddenSecret('Target.kubernetes kubeconfigSecret', 'the given value', kubeconfigSecret);
  checkEks(options);
  if (options.name !== undefined) checkLabel('name', options.name, 'shop-production', LONGEST_NAME);
  if (options.rollout !== undefined) checkObjectName('rollout', options.rollout, 'shop');
  if (pruneVolumes && !prune) invalid('Target.kubernetes pruneVolumes', 'nothing is pruned', 'Leave it out, or remove prune: false');
  const files = filesOf(options);
  if (options.slots !== undefined && options.rollout !== undefined) invalid('Target.kubernetes slots', 'rollout moves the users already', 'Leave one of them out');
  const service = options.slots === undefined ? undefined : serviceOfSlots(options.slots);
  return ({ environment, project }) => {
    const settings: KubernetesDriverManifest = {
      kind: 'kubernetes',
      // a folder in the folder of another environment would belong to both
      manifests: typeof files === 'string' ? files : `${RENDERED}/${environment.replace(/[^\w-]/g, '_')}`,
      namespace,
      name: options.name ?? nameOf(project, environment),
      context,
      kubeconfigVariable: kubeconfigSecret,
      eksCluster: options.eksCluster,
      region: options.region,
      prunes: prune,
      prunesVolumes: pruneVolumes,
      rollout: options.rollout,
    };
    if (typeof files !== 'string') render(project, files, settings, buildTask);
    const driver: DriverManifest = service === undefined ? settings : { ...settings, kind: 'kubernetesSlots', service };
    const command = (call: DriverCall) => TargetCommand._ofDriver(call, driver);
    const hasRollout = options.rollout !== undefined;
    return {
      // in place, going back is the same command with Stable's manifests
      commands: {
        deploy: command('deploy'),
        ...((service !== undefined || hasRollout) && { promote: command('promote'), rollback: command('rollback') }),
        ...(hasRollout && { setWeight: command('setWeight') }),
      },
      capabilities: service !== undefined ? [TargetCapability.SLOTS] : hasRollout ? [TargetCapability.SLOTS, TargetCapability.WEIGHTS] : [],
      artifact: typeof files === 'string' ? { paths: [files], buildTask } : { paths: [RENDERED], buildTask: RENDER_TASK },
      secrets: kubeconfigSecret === undefined ? [] : [kubeconfigSecret],
      readSecrets: kubeconfigSecret === undefined ? [] : [kubeconfigSecret],
      commandTimeout: Duration.minutes(15),
    };
  };
}

function checkLabel(name: 'namespace' | 'name', value: string | undefined, example: string, longest = 63): void {
  const option = `Target.kubernetes ${name}`;
  if (value === undefined) invalid(option, 'it is missing', `Write ${name}: '${example}'`);
  if (typeof value === 'string' && DNS_LABEL.test(value) && value.length <= longest) return;
  invalid(option, `${show(value)} is not valid (lower-case letters, digits and -, at most ${longest} characters)`, `Write for example '${example}'`);
}

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names */
function checkObjectName(name: 'rollout', value: string, example: string): void {
  if (typeof value === 'string' && /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(value)) return;
  invalid(`Target.kubernetes ${name}`, `${show(value)} is not the name of an object (lower-case letters, digits, - and ., at most 63 characters)`, `Write for example '${example}'`);
}

function checkEks({ eksCluster, kubeconfigSecret, region }: KubernetesTargetOptions): void {
  if (eksCluster !== undefined && (typeof eksCluster !== 'string' || !/^[0-9A-Za-z][\w-]{0,99}$/.test(eksCluster))) {
    invalid('Target.kubernetes eksCluster', `${show(eksCluster)} is not the name of a cluster of Amazon EKS`, 'Write its name, for example \'shop\', and not its ARN');
  }
  if (eksCluster !== undefined && kubeconfigSecret !== undefined) invalid('Target.kubernetes eksCluster', 'kubeconfigSecret signs in already', 'Leave one of them out');
  if (region !== undefined && eksCluster === undefined) invalid('Target.kubernetes region', 'without eksCluster it has no effect', 'Set eksCluster, or leave it out');
  if (region !== undefined) checkAwsRegion('Target.kubernetes region', region);
}

interface Chart {
  readonly path: string;
  readonly values: readonly string[];
  readonly releaseName: string;
}

/** The path of the manifests, or the chart. */
function filesOf({ chart, manifests }: KubernetesTargetOptions): string | Chart {
  if (chart === undefined && manifests === undefined) invalid('Target.kubernetes manifests', 'it is missing', `Write ${EXAMPLE}, or set chart`);
  if (chart !== undefined && manifests !== undefined) invalid('Target.kubernetes chart', 'manifests is applied already', 'Leave one of them out');
  if (chart === undefined) return artifactPaths([manifests!], 'Target.kubernetes manifests')[0]!;
  const option = 'Target.kubernetes chart';
  const { path, releaseName, values = [] } = optionsOf(option, chart, CHART, EXAMPLE_CHART, option);
  const [folder] = artifactPaths([path], `${option} path`);
  const files = listOf(`${option} values`, values, '\'values-production.yaml\'');
  const name = releaseName ?? folder!.split('/').at(-1)!;
  if (typeof name !== 'string' || !DNS_LABEL.test(name) || name.length > 53) {
    invalid(`${option} releaseName`, `${show(name)} is not valid (lower-case letters, digits and -, at most 53 characters)`, 'Set for example releaseName: \'shop\'');
  }
  return { path: folder!, values: files.length === 0 ? [] : artifactPaths(files, `${option} values`), releaseName: name };
}

/** Adds the environment to the task that renders all charts: the same bytes are deployed everywhere, whatever Helm does later. */
function render(project: Project, chart: Chart, { manifests, namespace }: KubernetesDriverManifest, before: string | Task | undefined): void {
  const { path, releaseName, values } = chart;
  const task = project.tasks.tryFind(RENDER_TASK) ?? project.addTask(RENDER_TASK, { description: 'Renders the Helm charts of a release, for each environment' });
  const first = typeof before === 'string' ? project.tasks.tryFind(before) : before;
  if (typeof before === 'string' && first === undefined) invalid('Target.kubernetes buildTask', `there is no task ${show(before)}`, 'Add the task before the delivery');
  if (first && !task.steps.some(({ spawn }) => spawn === first.name)) task.spawn(first);
  task.exec(`rm -rf ${manifests}`);
  const given = values.map((file) => ` --values '${file}'`).join('');
  task.exec(`helm template '${releaseName}' './${path}' --namespace ${namespace} --skip-tests${given} --output-dir ${manifests}`);
}

/** The names of the project and the environment, as a label takes them. */
function nameOf(project: Project, environment: string): string {
  const plain = `${project.name.replace(/^@/, '')}-${environment}`.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  if (plain.length <= LONGEST_NAME) return plain;
  return invalid('Target.kubernetes name', `the names of the project and the environment are together longer than ${LONGEST_NAME} characters`, 'Set name, for example name: \'shop-production\'');
}
