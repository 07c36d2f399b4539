import { IResolver, ObjectFile } from 'projen';
import { contentOf } from './workflow-file';

/** A workflow as its file will say it, with everything that was changed by projen's API, overrides and patches: so it can be anything. */
export interface WrittenWorkflow {
  readonly name?: unknown;
  readonly env?: unknown;
  readonly defaults?: unknown;
  readonly concurrency?: unknown;
  readonly jobs?: Record<string, WrittenJob | undefined>;
}

export interface WrittenJob {
  readonly 'if'?: unknown;
  readonly 'uses'?: unknown;
  readonly 'needs'?: unknown;
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

/** What would be written now. */
export function writtenWorkflow(file: ObjectFile): WrittenWorkflow {
  return contentOf(file, NOW) ?? {};
}

/** The file as projen would write it now. */
export function writtenText(file: ObjectFile): string {
  const { synthesizeContent } = file as unknown as { synthesizeContent(resolver: IResolver): string | undefined };
  return synthesizeContent.call(file, NOW) ?? '';
}

/** Values that are only known at the end, as they are now. */
const NOW: IResolver = {
  resolve(value: unknown): unknown {
    if (typeof value === 'function') return (value as () => unknown)();
    return (value as { toJSON?: () => unknown }).toJSON?.() ?? value;
  },
};
