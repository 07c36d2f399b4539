import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isListOf, isObject, isText, parseJson } from '../../../runtime/json-value';
import { EngineError } from '../../../runtime/targets/engine-error';

/** A stack as a cloud assembly describes it. */
export interface AssemblyStack {
  /** As `cdk list` prints it: `shop`, or `Production/Api` for a stack in a stage. */
  readonly id: string;
  /** Its name in CloudFormation. */
  readonly stackName: string;
  /** The stage that it is in, for example `Production`; undefined at the top. */
  readonly stage?: string;
  /** Undefined where the credentials decide. */
  readonly account?: string;
  readonly region?: string;
  /** Relative to the assembly. */
  readonly templateFile: string;
  /** Whether it has termination protection. */
  readonly isProtected?: boolean;
  /** Files that list its assets, relative to the assembly. */
  readonly assetManifests: readonly string[];
  /** The ids of the stacks that it depends on. */
  readonly dependencies: readonly string[];
  /** What the account must be bootstrapped with. */
  readonly bootstrap?: { readonly version: number; readonly parameter: string };
}

/** One `manifest.json`. */
export interface AssemblyPart {
  readonly stacks: readonly AssemblyStack[];
  readonly stages: readonly { readonly folder: string; readonly name: string }[];
}

const MANIFEST = 'manifest.json';

/** Reads the stacks of a cloud assembly, those of its stages included. Rejects with `EngineError`. */
export async function readAssembly(root: string): Promise<AssemblyStack[]> {
  return readPart(root, '', undefined);
}

async function readPart(root: string, folder: string, stage: string | undefined): Promise<AssemblyStack[]> {
  const { stacks, stages } = partOf(await readJson(root, join(folder, MANIFEST)), folder, stage);
  const nested = await Promise.all(stages.map((one) => readPart(root, one.folder, one.name)));
  return [...stacks, ...nested.flat()];
}

/** Reads a JSON file of a cloud assembly. Rejects with `EngineError`. */
export async function readJson(root: string, file: string): Promise<unknown> {
  const text = await readFile(join(root, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new EngineError('rejected', `${file} of the cloud assembly cannot be read (${error.code})`);
  });
  const value = parseJson(text);
  if (value === undefined) throw new EngineError('rejected', `${file} of the cloud assembly is not JSON`);
  return value;
}

/**
 * The stacks and stages of one `manifest.json`.
 *
 * @param folder where it is, relative to the assembly
 * @param stage the stage that it describes; undefined for the app
 */
export function partOf(manifest: unknown, folder: string, stage: string | undefined): AssemblyPart {
  if (!isObject(manifest) || !isObject(manifest.artifacts)) throw new EngineError('rejected', `${join(folder, MANIFEST)} is not the manifest of a cloud assembly`);
  const artifacts = Object.entries(manifest.artifacts).map(([key, value]) => artifactOf(key, value));
  const idOf = new Map(artifacts.filter(({ type }) => type === STACK).map(({ displayName, key }) => [key, displayName]));
  const assetsOf = new Map(artifacts.filter(({ type }) => type === ASSETS).map(({ key, properties }) => [key, textOr(properties.file, '')]));
  return {
    stacks: artifacts.filter(({ type }) => type === STACK).map(({ dependencies, displayName, environment, key, properties }) => ({
      id: displayName,
      stackName: textOr(properties.stackName, key),
      ...(stage !== undefined && { stage }),
      ...placeOf(environment),
      templateFile: join(folder, textOr(properties.templateFile, '')),
      ...(properties.terminationProtection === true && { isProtected: true }),
      assetManifests: dependencies.flatMap((name) => (assetsOf.has(name) ? [join(folder, assetsOf.get(name)!)] : [])),
      dependencies: dependencies.flatMap((name) => (idOf.has(name) ? [idOf.get(name)!] : [])),
      ...bootstrapOf(properties),
    })),
    stages: artifacts.filter(({ type }) => type === STAGE).map(({ displayName, properties }) => ({ folder: join(folder, textOr(properties.directoryName, '')), name: displayName })),
  };
}

const STACK = 'aws:cloudformation:stack';
const STAGE = 'cdk:cloud-assembly';
const ASSETS = 'cdk:asset-manifest';

function artifactOf(key: string, value: unknown) {
  const { dependencies, displayName, environment, properties, type } = isObject(value) ? value : {};
  const ownProperties = isObject(properties) ? properties : {};
  return {
    key,
    type,
    environment,
    properties: ownProperties,
    // a stage has its name among its properties
    displayName: textOr(displayName ?? ownProperties.displayName, key),
    dependencies: isListOf(dependencies, isText) ? dependencies : [],
  };
}

/** From `aws://123456789012/eu-central-1`. */
function placeOf(environment: unknown): Pick<AssemblyStack, 'account' | 'region'> {
  const [, account = '', region = ''] = /^aws:\/\/([^/]+)\/(.+)$/.exec(textOr(environment, '')) ?? [];
  return { ...(/^\d{12}$/.test(account) && { account }), ...(region !== '' && region !== 'unknown-region' && { region }) };
}

function bootstrapOf({ bootstrapStackVersionSsmParameter: parameter, requiresBootstrapStackVersion: version }: Record<string, unknown>): Pick<AssemblyStack, 'bootstrap'> {
  return typeof version === 'number' && isText(parameter) ? { bootstrap: { version, parameter } } : {};
}

function textOr(value: unknown, otherwise: string): string {
  return isText(value) && value !== '' ? value : otherwise;
}
