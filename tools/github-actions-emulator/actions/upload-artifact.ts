import { existsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { filesIn } from '../artifact-store';
import { Action, ActionFailed } from './action';

/** actions/upload-artifact: the files are copied, without a zip. */
export const uploadArtifact: Action = {
  inputs: {
    'name': true,
    'path': true,
    'if-no-files-found': true,
    'overwrite': true,
    'include-hidden-files': true,
    'retention-days': false,
    'compression-level': false,
  },
  async run({ input, workspace, runId, attempt, artifacts, warn, setOutput }) {
    const name = input('name') || 'artifact';
    const patterns = input('path').split('\n').map((line) => line.trim()).filter((line) => line !== '');
    const search = new FileSearch(workspace, input('include-hidden-files') === 'true');
    const files = search.find(patterns);
    if (files.length === 0) {
      const message = `No files were found with the provided path: ${patterns.join(', ')}. No artifacts will be uploaded.`;
      const action = input('if-no-files-found') || 'warn';
      if (action === 'error') throw new ActionFailed(message);
      if (action === 'warn') warn(message);
      return;
    }
    // an earlier attempt's stays beside it
    const same = artifacts.of(runId).find((artifact) => artifact.name === name && artifact.attempt === attempt);
    if (same && input('overwrite') !== 'true') {
      throw new ActionFailed(`Failed to CreateArtifact: Received non-retryable error: (409) Conflict: an artifact with this name already exists: ${name}`);
    }
    if (same) artifacts.remove(same);
    const artifact = artifacts.add({ name, runId, attempt }, search.base(patterns, files), files);
    setOutput('artifact-id', String(artifact.id));
    setOutput('artifact-digest', artifact.digest);
  },
};

/** Paths as `path:` takes them: files, folders, `*`, `**`, and `!` for what to leave out. */
class FileSearch {
  constructor(private readonly workspace: string, private readonly hidden: boolean) {}

  public find(patterns: string[]): string[] {
    const found = new Set<string>();
    for (const pattern of patterns) {
      if (pattern.startsWith('!')) {
        const left = regexOf(this.absolute(pattern.slice(1)));
        [...found].filter((file) => left.test(file)).forEach((file) => found.delete(file));
      } else {
        this.matching(this.absolute(pattern)).forEach((file) => found.add(file));
      }
    }
    return [...found].sort();
  }

  /** What paths in the artifact are relative to: the folder that all patterns have in common. */
  public base(patterns: string[], files: string[]): string {
    const wanted = patterns.filter((pattern) => !pattern.startsWith('!')).map((pattern) => this.absolute(pattern));
    const roots = wanted.map((pattern) => {
      const fixed = fixedPart(pattern);
      return fixed === pattern && files.includes(pattern) ? dirname(pattern) : fixed;
    });
    return roots.reduce((a, b) => common(a.split(sep), b.split(sep)));
  }

  private absolute(pattern: string): string {
    return isAbsolute(pattern) ? join(pattern) : join(this.workspace, pattern);
  }

  private matching(pattern: string): string[] {
    const fixed = fixedPart(pattern).replace(/(?<=.)\/$/, '');
    if (!existsSync(fixed)) return [];
    if (!statSync(fixed).isDirectory()) return [fixed];
    const matches = fixed === pattern.replace(/\/$/, '') ? () => true : (file: string) => regexOf(pattern).test(file);
    const isVisible = (file: string) => this.hidden || !/\/\./.test(file.slice(fixed.length));
    return filesIn(fixed).filter((file) => matches(file) && isVisible(file));
  }
}

/** The folders before the first wildcard. */
function fixedPart(pattern: string): string {
  const wildcard = pattern.search(/[*?[]/);
  return wildcard < 0 ? pattern : pattern.slice(0, pattern.lastIndexOf('/', wildcard)) || '/';
}

/** A match takes in everything below it. */
function regexOf(pattern: string): RegExp {
  const source = pattern.replace(/\*\*\/?|\*|\?|[.+^$(){}|\\]/g, (token) => {
    if (token.startsWith('**')) return '.*';
    return { '*': '[^/]*', '?': '[^/]' }[token] ?? `\\${token}`;
  });
  return new RegExp(`^${source}(/.*)?$`);
}

function common(a: string[], b: string[]): string {
  const end = a.findIndex((name, i) => name !== b[i]);
  return (end < 0 ? a : a.slice(0, end)).join(sep);
}
