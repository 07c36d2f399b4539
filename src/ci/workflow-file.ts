import { github, IResolver, ObjectFile } from 'projen';
import { write } from '../own-file';
import { versionOf } from './pins';
import { Json, renderYaml } from './workflow-yaml';

/** What every file of projen's has, for itself and for those derived from it. */
interface Synthesized {
  synthesize(): void;
  synthesizeContent(resolver: IResolver): string | undefined;
}

const base = ObjectFile.prototype as unknown as Synthesized;

type Workflow = { [key: string]: Json };

/**
 * The workflow's file in our own writing: a commit that an action is pinned to is followed by its version, which projen's
 * writer cannot say, and nothing is permitted on top, which projen has no word for. What goes into the file is projen's as ever,
 * overrides and patches included.
 *
 * @param check sees how large the file is before it is written
 */
export function writeOurWay({ file }: github.GithubWorkflow, check: (bytes: number) => void = () => undefined): void {
  if (!file) return;
  // The workflow makes its file itself, so there is no class of ours to derive.
  const derived = file as unknown as Synthesized;
  derived.synthesizeContent = (resolver) => textOf(file, resolver);
  derived.synthesize = () => {
    let isKnown = true;
    const text = textOf(file, {
      resolve() {
        isKnown = false;
      },
    });
    const bytes = text === undefined ? undefined : Buffer.from(text);
    if (bytes) check(bytes.length);
    if (isKnown && bytes) write(file, bytes);
    else base.synthesize.call(file);
  };
}

function textOf(file: ObjectFile, resolver: IResolver): string | undefined {
  const workflow = isPatched(file) ? contentOf(file, resolver) : dataOf(file) ?? contentOf(file, resolver);
  if (workflow === undefined) return undefined;
  const { marker } = file;
  const { jobs = {}, permissions = {}, ...above } = workflow;
  return (marker ? `# ${marker}\n\n` : '') + renderYaml({ ...above, permissions, jobs }, remark);
}

/** Whether its file says more than the workflow itself. What projen keeps to itself may be elsewhere one day: then it may. */
export function isPatched(file: ObjectFile): boolean {
  const { rawOverrides, patchOperations } = file as unknown as { rawOverrides?: object; patchOperations?: unknown[] };
  return !rawOverrides || !patchOperations || Object.keys(rawOverrides).length > 0 || patchOperations.length > 0;
}

/** What nobody changed, where all of it is data, as nearly always: projen would copy it twice. */
function dataOf(file: ObjectFile): Workflow | undefined {
  let data: unknown;
  base.synthesizeContent.call(file, {
    resolve(obj: () => unknown) {
      data = obj();
    },
  });
  return isData(data) ? data as Workflow : undefined;
}

/** Whether it is written as it stands: nothing in it is known only later, or left out of a list. */
function isData(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return typeof value !== 'function';
  if (Array.isArray(value)) return value.every((item) => item !== undefined && item !== null && isData(item));
  if (Object.getPrototypeOf(value) !== Object.prototype || 'toJSON' in value) return false;
  for (const key in value) {
    if (!isData((value as Record<string, unknown>)[key])) return false;
  }
  return true;
}

/** What projen would write, before it is text: as text it would have to be read again. A patch may have made another object of it. */
export function contentOf(file: ObjectFile, resolver: IResolver): Workflow | undefined {
  let whole: Workflow | undefined;
  const json = base.synthesizeContent.call(file, {
    resolve(obj: () => unknown, options) {
      const content = resolved(obj(), (value) => resolver.resolve(value, options) as unknown);
      return content && Object.defineProperty(content, 'toJSON', {
        value() {
          whole = this as Workflow;
          return null;
        },
      });
    },
  });
  return whole ?? (json === undefined ? undefined : JSON.parse(json) as Workflow);
}

/** As projen resolves values, only that data, which is nearly all of a workflow, is not asked what else it might be. */
function resolved(value: unknown, resolve: (value: unknown) => unknown): unknown {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return value;
  if (Array.isArray(value)) return value.map((item) => resolved(item, resolve)).filter((item) => item !== undefined && item !== null);
  if (Object.getPrototypeOf(value) !== Object.prototype || 'toJSON' in value) return resolve(value);
  const entries: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const own = resolved(item, resolve);
    if (own !== undefined) entries[key] = own;
  }
  return entries;
}

/** What a reviewer would ask of a permission. */
const PURPOSES: Record<string, Record<string, string>> = {
  'actions': { read: 'finds artifacts, and whether other runs are at work', write: 'sees whether other runs are at work, and starts runs' },
  'contents': { write: 'writes a ref: the lock, or the status page' },
  'deployments': { read: 'reads the ledger', write: 'writes the ledger' },
  'issues': { write: 'opens and closes the issue about an environment' },
  'id-token': { write: 'signs in by OpenID Connect' },
};

function remark(key: string, value: string): string | undefined {
  return key === 'uses' ? versionOf(value) : PURPOSES[key]?.[value];
}
