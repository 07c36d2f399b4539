import { COMMAND_VARIABLE } from '../../../contract/environment-variables';
import { isObject, isText } from '../../../runtime/json-value';
import { imageOf, Release } from '../../../runtime/release';
import { LiveRelease } from '../../../runtime/targets/target-driver';

type Json = Readonly<Record<string, unknown>>;

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A revision of a task definition. It never changes, but it can be deregistered. */
export interface TaskDefinition {
  readonly arn: string;
  /** `shop:12`. */
  readonly name: string;
  readonly family: string;
  readonly isActive: boolean;
  readonly containers: readonly Container[];
  /** All that AWS says of it, for a revision that differs in one image only. */
  readonly document: Json;
  readonly tags: readonly unknown[];
}

/** What AWS adds to a task definition, and does not take. */
const OF_AWS = [
  'taskDefinitionArn', 'revision', 'status', 'requiresAttributes', 'compatibilities', 'registeredAt', 'registeredBy', 'deregisteredAt', 'deleteRequestedAt',
];

/** Undefined for what is none. */
export function readTaskDefinition(document: unknown, tags: unknown): TaskDefinition | undefined {
  if (!isObject(document)) return undefined;
  const { containerDefinitions, family, status, taskDefinitionArn: arn } = document;
  if (!isText(arn) || !isText(family) || !Array.isArray(containerDefinitions)) return undefined;
  const containers = containerDefinitions.filter(isObject).map(({ environment, image, name }) => ({
    name: isText(name) ? name : '', image: isText(image) ? image : '', environment: readEnvironment(environment),
  }));
  return { arn, name: nameOf(arn), family, isActive: status === 'ACTIVE', containers, document, tags: Array.isArray(tags) ? tags : [] };
}

function readEnvironment(environment: unknown): Record<string, string> {
  const entries = Array.isArray(environment) ? environment.filter(isObject) : [];
  return Object.fromEntries(entries.flatMap(({ name, value }) => (isText(name) && isText(value) ? [[name, value]] : [])));
}

/** The name of a revision, from its ARN: `shop:12`. */
export function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** The container that releases are deployed to. Undefined if there is no such one, or if it is not clear which. */
export function containerOf({ containers }: Pick<TaskDefinition, 'containers'>, name: string | undefined): Container | undefined {
  if (name !== undefined) return containers.find((one) => one.name === name);
  return containers.length === 1 ? containers[0] : undefined;
}

/** What identifies a release in the container's environment. A service can read it, too. */
function releaseVariables({ sha, version }: Release): Record<string, string> {
  return { [COMMAND_VARIABLE.VERSION]: version, [COMMAND_VARIABLE.SHA]: sha };
}

/**
 * The input of `register-task-definition` for a release: the same task definition, with the image and what names the release in one
 * container.
 */
export function revisionFor({ document, tags }: TaskDefinition, container: Container, release: Release): Json {
  const added = releaseVariables(release);
  const isOther = (entry: unknown) => !isObject(entry) || !(String(entry.name) in added);
  const others = (environment: unknown): unknown[] => (Array.isArray(environment) ? environment.filter(isOther) : []);
  const containers = (document.containerDefinitions as Json[]).map((one) => (one.name !== container.name ? one : {
    ...one,
    image: imageOf(release),
    environment: [...others(one.environment), ...Object.entries(added).map(([name, value]) => ({ name, value }))],
  }));
  // an empty text stands for what is not set
  const kept = Object.entries(document).filter(([name, value]) => !OF_AWS.includes(name) && value !== null && value !== '');
  return { ...Object.fromEntries(kept), containerDefinitions: containers, ...(tags.length > 0 && { tags }) };
}

/** The release that a container names; undefined if no delivery registered it. */
export function releaseIn({ environment, image }: Container): Pick<Release, 'version' | 'sha'> & { readonly digest?: string } | undefined {
  const { [COMMAND_VARIABLE.SHA]: sha, [COMMAND_VARIABLE.VERSION]: version } = environment;
  if (!sha || !version) return undefined;
  const [, digest] = /@sha256:([0-9a-f]{64})$/.exec(image) ?? [];
  return { version, sha, ...(digest !== undefined && { digest }) };
}

/** Whether a revision holds a release: the same image, commit and version, because the container says its version. */
export function holds(definition: TaskDefinition, container: string | undefined, release: Release): boolean {
  if (release.engineId !== undefined) return definition.name === release.engineId;
  const found = containerOf(definition, container);
  const named = found && releaseIn(found);
  return named !== undefined && named.sha === release.sha && named.version === release.version && found!.image === imageOf(release);
}

/** The release that the tasks of a revision are. */
export function liveOf(definition: TaskDefinition, container: string | undefined): Extract<LiveRelease, { readonly kind: 'release' | 'foreign' }> {
  const found = containerOf(definition, container);
  const release = found && releaseIn(found);
  return release ? { kind: 'release', release, engineId: definition.name } : { kind: 'foreign', engineId: definition.name };
}
