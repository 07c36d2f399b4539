import { github, IResolver, ObjectFile } from 'projen';
import { isMap } from '../invariants/violation';

/** A workflow as its file says it, with everything that was changed by projen's API, overrides and patches: so it can be anything. */
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
  readonly 'continue-on-error'?: unknown;
  readonly 'strategy'?: unknown;
  readonly 'outputs'?: unknown;
  readonly 'env'?: unknown;
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

/** What projen keeps to itself, and what is in the file before it is text. */
interface ProjensFile {
  readonly obj?: unknown;
  readonly rawOverrides?: object;
  readonly patchOperations?: unknown[];
  synthesizeContent(resolver: IResolver): string | undefined;
}

/** Whether its file says more than the workflow itself. What projen keeps to itself may be elsewhere one day: then it may. */
export function isPatched(file: ObjectFile): boolean {
  const { rawOverrides, patchOperations } = file as unknown as ProjensFile;
  return !rawOverrides || !patchOperations || Object.keys(rawOverrides).length > 0 || patchOperations.length > 0;
}

/** What would be written now, overrides and patches included. */
export function writtenWorkflow(file: ObjectFile): WrittenWorkflow {
  const { obj } = file as unknown as ProjensFile;
  // as it comes, without the detour over text: every synthesis does this
  if (obj !== undefined && !isPatched(file)) return asWorkflow(asItIsNow(obj));
  const { synthesizeContent } = ObjectFile.prototype as unknown as ProjensFile;
  const json = synthesizeContent.call(file, NOW);
  return json === undefined ? {} : asWorkflow(JSON.parse(json));
}

/** What is no map has none of a workflow's keys. */
function asWorkflow(written: unknown): WrittenWorkflow {
  return isMap(written) ? written : {};
}

const NOW: IResolver = { resolve: asItIsNow };

/** A copy, with values that are only known at the end as they are now. */
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

/** For jobs of ours in a workflow that says how the lines of all its jobs run: they run as they are written. */
export const RUN_DEFAULTS: github.workflows.JobDefaults = { run: { shell: SHELL, workingDirectory: DIRECTORY } };
/** As it is written. */
export const RUN_DEFAULTS_WRITTEN = { run: { 'shell': SHELL, 'working-directory': DIRECTORY } };

/** Whether `defaults` change how lines run. */
export function changesRunDefaults(defaults: unknown): boolean {
  return isMap(defaults) && defaults.run !== undefined;
}

/** Only an override or a patch can say them: projen has no word for it. */
export function workflowChangesRunDefaults({ file }: github.GithubWorkflow): boolean {
  return file !== undefined && isPatched(file) && changesRunDefaults(writtenWorkflow(file).defaults);
}
