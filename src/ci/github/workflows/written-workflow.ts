import { github, IResolver, ObjectFile } from 'projen';
import { asItIsNow, objectIn } from '../../../files/projen-object';
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
  // faster than through text
  const object = isPatched(file) ? undefined : objectIn(file);
  if (object !== undefined) return asWorkflow(object);
  const { synthesizeContent } = ObjectFile.prototype as unknown as ProjensFile;
  const json = synthesizeContent.call(file, NOW);
  return json === undefined ? {} : asWorkflow(JSON.parse(json));
}

function asWorkflow(written: unknown): WrittenWorkflow {
  return isMap(written) ? written : {};
}

const NOW: IResolver = { resolve: asItIsNow };

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
