import { github, IResolver, ObjectFile } from 'projen';
import { versionOf } from './pins';
import { Json, renderYaml } from './workflow-yaml';

/** What every file of projen's has, for itself and for those derived from it. */
interface Content {
  synthesizeContent(resolver: IResolver): string | undefined;
}

/**
 * The workflow's file in our own writing: a commit that an action is pinned to is followed by its version, which projen's
 * writer cannot say, and nothing is permitted on top, which projen has no word for. What goes into the file is projen's as ever,
 * overrides and patches included.
 */
export function writeOurWay({ file }: github.GithubWorkflow): void {
  if (!file) return;
  // The workflow makes its file itself, so there is no class of ours to derive.
  const derived = file as unknown as Content;
  const base = ObjectFile.prototype as unknown as Content;
  derived.synthesizeContent = (resolver) => {
    const json = base.synthesizeContent.call(file, resolver);
    if (json === undefined) return undefined;
    const { marker } = file;
    const { jobs = {}, permissions = {}, ...above } = JSON.parse(json) as { [key: string]: Json };
    return (marker ? `# ${marker}\n\n` : '') + renderYaml({ ...above, permissions, jobs }, remark);
  };
}

/** What a reviewer would ask of a permission. */
const PURPOSES: Record<string, string> = {
  'actions: read': 'finds artifacts, and whether other runs are at work',
  'contents: write': 'holds the lock, a ref',
  'deployments: read': 'reads the ledger',
  'deployments: write': 'writes the ledger',
  'id-token: write': 'signs in by OpenID Connect',
};

function remark(key: string, value: string): string | undefined {
  return key === 'uses' ? versionOf(value) : PURPOSES[`${key}: ${value}`];
}
