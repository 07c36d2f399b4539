import { EcsApi, SEARCHED_REVISIONS } from './ecs-api';
import { EcsService } from './ecs-steps';
import { containerOf, TaskDefinition } from './task-definition';
import { EcsDriverManifest } from '../../../contract/ecs-manifest';
import { ConfigurationError } from '../../errors';
import { Release } from '../../release';
import { AwsCli } from '../aws-cli';
import { EngineError, EngineErrorKind } from '../engine-error';
import { isNewEnough } from '../lambda/lambda-steps';
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

/** The kinds that a retry does not help. */
const FIXES: Partial<Record<EngineErrorKind, string>> = {
  signedOut: 'Sign in before the deployment',
  accessDenied: 'Add the permissions of docs/targets/ecs.md to the role',
  cliMissing: 'Install the AWS CLI, version 2 or 1.29, in setupSteps',
};

/** Checks everything that a deployment and its rollback need, before anything is changed. Rejects with `ConfigurationError`. */
export async function preflightEcs(given: EcsPreflight): Promise<void> {
  const { api, cli, giveUpAt, intent, settings: { account, cluster, container, service } } = given;
  const version = await fixed(given, cli.version(giveUpAt));
  if (!isNewEnough(version)) refuse(given, `the AWS CLI ${version} is too old`, FIXES.cliMissing!);
  const found = await fixed(given, api.account());
  if (account !== undefined && account !== found) {
    refuse(given, `account: the credentials belong to the account ${found}, not ${account}`, 'Sign in to the right account, or correct Target.ecs account');
  }
  const where = `in ${cli.regionName} of the account ${found}`;
  const live = await fixed(given, api.service(), `service: there is no service ${service} in the cluster ${cluster} ${where}. Create it, or correct cluster, service or region`);
  checkController(given, live);
  const definition = await fixed(given, api.definition(live.taskDefinition));
  if (!containerOf(definition, container)) {
    const names = definition.containers.map(({ name }) => name).join(', ');
    refuse(given, `container: ${container === undefined ? `${definition.name} has several` : `${definition.name} has no container ${container}`}`, `Name one of ${names}`);
  }
  if (intent.kind === 'deploy' && intent.release.artifact !== undefined && intent.release.artifact.image === undefined) {
    refuse(given, `the release ${intent.release.version} has no image`, 'Set artifact: Artifact.image({ repository }) in the options of the delivery');
  }
  await checkRestorable(given, where);
}

/** Who else moves tasks would undo what the driver does, or be undone by it. */
function checkController(given: EcsPreflight, { controller }: EcsService): void {
  if (controller === 'ECS') return;
  const { service } = given.settings;
  refuse(given, `service: ${service} has the deployment controller ${controller}, and Target.ecs needs ECS`, 'Create the service with the deployment controller ECS; the strategies BLUE_GREEN, LINEAR and CANARY of ECS itself are fine');
}

async function checkRestorable(given: EcsPreflight, where: string): Promise<void> {
  const { environment, find, intent: { kind, release, stable }, settings: { service } } = given;
  const needed = kind === 'rollback' ? release : stable;
  if (!needed || await fixed(given, find(needed))) return;
  refuse(
    given,
    `service: no active revision ${where} holds ${needed.version} (${needed.sha.slice(0, 7)}) for ${service}, of the newest ${SEARCHED_REVISIONS}: it was deregistered, or the service had another family then, `
    + (kind === 'rollback' ? 'so it cannot be restored' : 'so a bad release could not be rolled back'),
    kind === 'rollback' ? 'Choose another release' : `Record what is live as Stable: adopt ${environment} --release VERSION`,
  );
}

/** What a retry does not help is an error of the configuration; anything else keeps its type. */
async function fixed<T>(given: EcsPreflight, asked: Promise<T>, missing?: string): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (error.kind === 'notFound' && missing !== undefined) throw new ConfigurationError(`${given.environment}: Target.ecs ${missing}. Nothing was changed.`);
    const fix = FIXES[error.kind];
    if (fix !== undefined) refuse(given, error.message, fix);
    throw error;
  }
}

function refuse({ environment }: EcsPreflight, problem: string, fix: string): never {
  throw new ConfigurationError(`${environment}: Target.ecs ${problem}. ${fix}. Nothing was changed.`);
}
