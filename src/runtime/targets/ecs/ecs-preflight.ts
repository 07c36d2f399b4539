import { EcsApi, SEARCHED_REVISIONS } from './ecs-api';
import { EcsService } from './ecs-steps';
import { containerOf, TaskDefinition } from './task-definition';
import { EcsDriverManifest } from '../../../contract/ecs-manifest';
import { Release } from '../../release';
import { AwsCli, LEAST_AWS_CLI } from '../aws-cli';
import { PreflightCheck } from '../preflight-check';
import { Intent } from '../target-driver';

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
  const { api, cli, environment, giveUpAt, intent, settings: { account, cluster, container, service } } = given;
  const check = new PreflightCheck(environment, 'Target.ecs', {
    signedOut: 'Sign in before the deployment',
    accessDenied: 'Add the permissions of docs/targets/ecs.md to the role',
    cliMissing: 'Install the AWS CLI, version 2 or 1.29, in setupSteps',
  });
  const found = await check.awsAccount({ version: cli.version(giveUpAt), account: api.account(), least: LEAST_AWS_CLI, wanted: account });
  const where = `in ${cli.regionName} of the account ${found}`;
  const live = await check.fixed(api.service(), `service: there is no service ${service} in the cluster ${cluster} ${where}. Create it, or correct cluster, service or region`);
  checkController(check, given, live);
  const definition = await check.fixed(api.definition(live.taskDefinition));
  if (!containerOf(definition, container)) {
    const names = definition.containers.map(({ name }) => name).join(', ');
    check.refuse(`container: ${container === undefined ? `${definition.name} has several` : `${definition.name} has no container ${container}`}`, `Name one of ${names}`);
  }
  if (intent.kind === 'deploy' && intent.release.artifact !== undefined && intent.release.artifact.image === undefined) {
    check.refuse(`the release ${intent.release.version} has no image`, 'Set artifact: Artifact.image({ repository }) in the options of the delivery');
  }
  await checkRestorable(check, given, where);
}

/** Who else moves tasks would undo what the driver does, or be undone by it. */
function checkController(check: PreflightCheck, { settings }: EcsPreflight, { controller }: EcsService): void {
  if (controller === 'ECS') return;
  const { service } = settings;
  check.refuse(`service: ${service} has the deployment controller ${controller}, and Target.ecs needs ECS`, 'Create the service with the deployment controller ECS; the strategies BLUE_GREEN, LINEAR and CANARY of ECS itself are fine');
}

async function checkRestorable(check: PreflightCheck, given: EcsPreflight, where: string): Promise<void> {
  const { environment, find, intent: { kind, release, stable }, settings: { service } } = given;
  const needed = kind === 'rollback' ? release : stable;
  if (!needed || await check.fixed(find(needed))) return;
  check.refuse(
    `service: no active revision ${where} holds ${needed.version} (${needed.sha.slice(0, 7)}) for ${service}, of the newest ${SEARCHED_REVISIONS}: it was deregistered, or the service had another family then, `
    + (kind === 'rollback' ? 'so it cannot be restored' : 'so a bad release could not be rolled back'),
    kind === 'rollback' ? 'Choose another release' : `Record what is live as Stable: adopt ${environment} --release VERSION`,
  );
}
