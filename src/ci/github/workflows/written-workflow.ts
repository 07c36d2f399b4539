import { github, IResolver, ObjectFile } from 'projen';
import { isMap } from '../invariants/violation';

/** A workflow as it is written, with all changes by projen's API, overrides and patches. Its values can have any type. */
export interface WrittenWorkflow {
  readonly 'name'?: unknown;
  readonly 'run-name'?: unknown;
  readonly 'on'?: unknown;
  readonly 'permissions'?: unknown;
  readonly 'env'?: unknown;
  readonly 'defaults'?: unknown;
  readonly 'concurrency'?: unknown;
  readonly 'jobs'?: Record<string, WrittenJob | undefined>;
}

export interface WrittenJob {
  readonly 'name'?: unknown;
  readonly 'if'?: unknown;
  readonly 'uses'?: unknown;
  readonly 'needs'?: unknown;
  readonly 'runs-on'?: unknown;
  readonly 'permissions'?: unknown;
  readonly 'environment'?: unknown;
  readonly 'concurrency'?: unknown;
  readonly 'timeout-minutes'?: unknown;
  readonly 'cancel-timeout-minutes'?: unknown;
  readonly 'continue-on-error'?: unknown;
  readonly 'strategy'?: unknown;
  readonly 'outputs'?: unknown;
  readonly 'env'?: unknown;
  readonly 'container'?: unknown;
  readonly 'defaults'?: unknown;
  readonly 'steps'?: unknown;
}

export interface WrittenStep {
  readonly 'id'?: unknown;
  readonly 'name'?: unknown;
  readonly 'if'?: unknown;
  readonly 'uses'?: unknown;
  readonly 'run'?: unknown;
  readonly 'shell'?: unknown;
  readonly 'with'?: unknown;
  readonly 'env'?: unknown;
  readonly 'working-directory'?: unknown;
  readonly 'timeout-minutes'?: unknown;
  readonly 'continue-on-error'?: unknown;
}

/** Private parts of projen's file. */
interface ProjensFile {
  readonly obj?: unknown;
  readonly rawOverrides?: object;
  readonly patchOperations?: unknown[];
  synthesizeContent(resolver: IResolver): string | undefined;
}

/** Returns whether a file has overrides or patches, or projen's private parts have moved. */
export function isPatched(file: ObjectFile): boolean {
  const { rawOverrides, patchOperations } = file as unknown as ProjensFile;
  return !rawOverrides || !patchOperations || Object.keys(rawOverrides).length > 0 || patchOperations.length > 0;
}

/** Returns what projen would write now, with overrides and patches. */
export function writtenWorkflow(file: ObjectFile): WrittenWorkflow {
  const { obj } = file as unknown as ProjensFile;
  // faster than through text
  if (obj !== undefined && !isPatched(file)) return asWorkflow(asItIsNow(obj));
  const { synthesizeContent } = ObjectFile.prototype as unknown as ProjensFile;
  const json = synthesizeContent.call(file, NOW);
  return json === undefined ? {} : asWorkflow(JSON.parse(json));
}

function asWorkflow(written: unknown): WrittenWorkflow {
  return isMap(written) ? written : {};
}

const NOW: IResolver = { resolve: asItIsNow };

/** Copies a value and resolves lazy values. */
function asItIsNow(value: unknown): unknown {
  if (typeof value === 'function') return asItIsNow((value as () => unknown)());
  if (typeof value !== 'object' || value === null) return value;
  if (hasToJson(value)) return asItIsNow(value.toJSON());
  if (Array.isArray(value)) return value.map(asItIsNow).filter((item) => item !== undefined && item !== null);
  const map: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const now = asItIsNow(item);
    if (now !== undefined) map[key] = now;
  }
  return map;
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

/** How GitHub runs a step's lines by default. */
const SHELL = 'bash -e {0}';
const DIRECTORY = '.';

/** For the delivery's jobs in a workflow with defaults of its own. */
export const RUN_DEFAULTS: github.workflows.JobDefaults = { run: { shell: SHELL, workingDirectory: DIRECTORY } };
/** The same, as written. */
export const RUN_DEFAULTS_WRITTEN = { run: { 'shell': SHELL, 'working-directory': DIRECTORY } };

export function changesRunDefaults(defaults: unknown): boolean {
  return isMap(defaults) && defaults.run !== undefined;
}

/** Only an override or a patch can set them. */
export function workflowChangesRunDefaults({ file }: github.GithubWorkflow): boolean {
  return file !== undefined && isPatched(file) && changesRunDefaults(writtenWorkflow(file).defaults);
}
