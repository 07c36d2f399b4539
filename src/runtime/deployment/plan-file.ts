import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { Plan } from './plan';
import { CheckoutState, checkoutState } from './working-tree';
import { Manifest } from '../../contract/manifest';
import { RuntimeContext } from '../context';
import { ConfigurationError } from '../errors';
import { isObject, parseJson } from '../json-value';
import { EnvironmentHistory } from '../ledger/history';
import { Release } from '../release';
import { PlannedChanges } from '../targets/planned-changes';

const FORMAT = 2;

/** What a plan showed, and all that it was made from. A deployment with the file compares each value with what it finds itself. */
export interface PlanFile {
  readonly format: typeof FORMAT;
  readonly environment: string;
  /** ISO 8601. */
  readonly plannedAt: string;
  readonly release: PlannedRelease;
  readonly stable?: PlannedRelease;
  /** The last deployment of the environment. */
  readonly newest?: { readonly id: string; readonly state: string };
  readonly slot?: string;
  /** What is checked out, from which the deployment takes its commands. */
  readonly checkout: CheckoutState;
  readonly alreadyLive: boolean;
  readonly rollbackPoint: string;
  readonly changedByHand?: string;
  readonly notNow?: string;
  readonly frozen?: string;
  /** The manifest, with this environment only. */
  readonly configuration: Manifest;
  /** What the deployment changes in the engine. */
  readonly changes?: readonly string[];
  /** Why that is not known. */
  readonly unknownChanges?: string;
}

/** The digests are absent where nothing is built, or where the build is not over yet. */
interface PlannedRelease {
  readonly version: string;
  readonly sha: string;
  readonly digest?: string;
  readonly imageDigest?: string;
}

export async function planFileOf(
  context: RuntimeContext, history: EnvironmentHistory, plan: Plan, changes: PlannedChanges | undefined,
): Promise<PlanFile> {
  const { clock, environment, manifest } = context;
  const newest = await history.newest();
  const { alreadyLive, changedByHand, frozen, notNow, rollbackPoint, slot, stable } = plan;
  return {
    format: FORMAT,
    environment: environment.name,
    plannedAt: new Date(clock.now()).toISOString(),
    release: plannedRelease(plan.release),
    ...(stable && { stable: plannedRelease(stable.release) }),
    ...(newest && { newest: { id: newest.record.id, state: newest.state } }),
    slot,
    checkout: checkoutState(context),
    alreadyLive,
    rollbackPoint,
    changedByHand,
    notNow,
    frozen,
    configuration: { ...manifest, environments: manifest.environments.filter(({ name }) => name === environment.name) },
    ...(changes?.kind === 'known' && { changes: changes.changes.map(({ kind, properties, type, what }) => [kind, type, what, ...properties].join(' ')) }),
    ...(changes?.kind === 'unknown' && { unknownChanges: changes.why }),
  };
}

function plannedRelease({ artifact, image, sha, version }: Release): PlannedRelease {
  return { version, sha, ...(artifact && { digest: artifact.digest }), ...(image && { imageDigest: image.digest }) };
}

/** Returns the SHA-256 of what it wrote, in hex. Rejects with `ConfigurationError` if the file cannot be written. */
export async function writePlanFile(path: string, file: PlanFile): Promise<string> {
  const text = `${JSON.stringify(file, null, 2)}\n`;
  try {
    await writeFile(path, text);
    return sha256(text);
  } catch (error) {
    throw new ConfigurationError(`--out ${path}: the plan cannot be written: ${(error as Error).message}. Name a file in a folder that exists`, { cause: error });
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Rejects with `ConfigurationError` if it is no plan of the environment, or not the one that a person read.
 *
 * @param digest the SHA-256 that `plan` printed, if it is given
 */
export async function readPlanFile(path: string, { environment: { name } }: RuntimeContext, digest?: string): Promise<PlanFile> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new ConfigurationError(`--plan ${path}: the file cannot be read: ${error.message}`, { cause: error });
  });
  const found = sha256(text);
  if (digest !== undefined && digest.toLowerCase() !== found) {
    throw new ConfigurationError(`--plan ${path}: the file is not the plan with this SHA-256: it was changed since, or is another one. Its SHA-256 is ${found}; nothing was changed`);
  }
  const file = parseJson(text);
  if (!isPlanFile(file)) throw new ConfigurationError(`--plan ${path}: the file is no plan of this version of delivery. Make it with delivery plan ${name} --out ${path}`);
  if (file.environment !== name) throw new ConfigurationError(`--plan ${path}: the plan is for ${file.environment}, not for ${name}`);
  return file;
}

function isPlanFile(value: unknown): value is PlanFile {
  if (!isObject(value) || !isObject(value.release) || !isObject(value.checkout)) return false;
  return value.format === FORMAT && [value.environment, value.plannedAt, value.release.version, value.release.sha].every((one) => typeof one === 'string');
}

/** Returns each value that is not what was planned: `slot: "blue" in the plan, "green" now`. */
export function changedSince(planned: PlanFile, now: PlanFile): string[] {
  const before = valuesIn(planned);
  const after = valuesIn(now);
  // a plan that is made beside the build does not know what is built
  const isCompared = (path: string) => path !== 'plannedAt' && (before.has(path) || !['release.digest', 'release.imageDigest'].includes(path));
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter(isCompared);
  return paths.filter((path) => before.get(path) !== after.get(path)).map((path) => `${path}: ${before.get(path) ?? 'nothing'} in the plan, ${after.get(path) ?? 'nothing'} now`);
}

/** The values by their paths. The order of the engine's changes does not count. */
function valuesIn(value: unknown, path = ''): Map<string, string> {
  if (path === 'changes' && Array.isArray(value)) return new Map(value.map((one) => [`${path}[${JSON.stringify(one)}]`, 'listed']));
  if (typeof value !== 'object' || value === null) return value === undefined ? new Map() : new Map([[path, JSON.stringify(value)]]);
  return new Map(Object.entries(value).flatMap(([name, one]) => [...valuesIn(one, path === '' ? name : `${path}.${name}`)]));
}
