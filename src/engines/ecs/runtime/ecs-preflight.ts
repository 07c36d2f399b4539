import { EcsDriverManifest } from '../manifest';
import { EcsApi, SEARCHED_REVISIONS } from './ecs-api';
import { EcsService } from './ecs-steps';
import { containerOf, TaskDefinition } from './task-definition';
import { AwsCli } from '../../../runtime/aws/aws-cli';
import { AwsCliVersion, LEAST_AWS_CLI } from '../../../runtime/aws/aws-cli-versions';
import { imageOf, Release } from '../../../runtime/release';
import { awsFixes, PreflightCheck } from '../../../runtime/targets/preflight-check';
import { Intent } from '../../../runtime/targets/target-driver';

export interface EcsPreflight {
  readonly api: EcsApi;
  readonly cli: AwsCli;
  readonly environment: string;
  readonly giveUpAt: number;
  readonly intent: Intent;
  readonly settings: EcsDriverManifest;
  /** Finds the revision of a release that can run now. */
  readonly find: (release: Release) => Promise<TaskDefinition | undefined>;
}

/** Checks everything that a deployment and its rollback need, before anything is changed. Rejects with `ConfigurationError`. */
export async function preflightEcs(given: EcsPreflight): Promise<void> {
  const { api, cli, environment, find, giveUpAt, intent, settings: { account, cluster, container, service } } = given;
  const check = ecsCheck(environment, LEAST_AWS_CLI);
  const found = await check.awsAccount({ version: cli.version(giveUpAt), account: api.account(), least: LEAST_AWS_CLI, wanted: account });
  const where = `in ${cli.regionName} of the account ${found}`;
  const live = await check.fixed(api.service(), `service: there is no service ${service} in the cluster ${cluster} ${where}. Create it, or correct cluster, service or region`);
  checkController(check, { option: 'service', service }, live);
  checkContainer(check, await check.fixed(api.definition(live.taskDefinition)), container);
  checkImage(check, intent);
  await checkRestorable(check, { find, intent, shown: `service: no active revision ${where}`, services: service });
}

/** The checks of `Target.ecs`, with the fixes that all of them share. */
export function ecsCheck(environment: string, least: AwsCliVersion, fixes: Readonly<{ rejected?: string }> = {}): PreflightCheck {
  return new PreflightCheck(environment, 'Target.ecs', { ...fixes, ...awsFixes('ecs', least) });
}

/** Who else moves tasks would undo what the driver does, or be undone by it. */
export function checkController(
  check: PreflightCheck, { option, service }: { readonly option: string; readonly service: string }, { controller }: EcsService,
): void {
  if (controller === 'ECS') return;
  check.refuse(`${option}: ${service} has the deployment controller ${controller}, and Target.ecs needs ECS`, 'Create the service with the deployment controller ECS; the strategies BLUE_GREEN, LINEAR and CANARY of ECS itself are fine');
}

export function checkContainer(check: PreflightCheck, definition: TaskDefinition, container: string | undefined): void {
  if (containerOf(definition, container)) return;
  const names = definition.containers.map(({ name }) => name).join(', ');
  check.refuse(`container: ${container === undefined ? `${definition.name} has several` : `${definition.name} has no container ${container}`}`, `Name one of ${names}`);
}

export function checkImage(check: PreflightCheck, { kind, release }: Intent): void {
  if (kind !== 'deploy' || release.artifact === undefined || imageOf(release) !== undefined) return;
  check.refuse(`the release ${release.version} has no image`, 'Set artifact: Artifact.image({ repository }) in the options of the delivery');
}

export interface RestorableCheck extends Pick<EcsPreflight, 'find' | 'intent'> {
  /** What the message begins with. */
  readonly shown: string;
  /** For people. */
  readonly services: string;
}

export function checkRestorable(check: PreflightCheck, { find, intent, services, shown }: RestorableCheck): Promise<void> {
  return check.restorable(intent, async (needed) => (await check.fixed(find(needed)) ? undefined
    : `${shown} holds ${needed.version} (${needed.sha.slice(0, 7)}) for ${services}, of the newest ${SEARCHED_REVISIONS}: it was deregistered, or the service had another family then`));
}
