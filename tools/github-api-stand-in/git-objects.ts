import { createHash } from 'node:crypto';
import { RejectedRequest } from './response';

export interface StoredCommit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: Signature;
}

export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly date: string;
}

/** An entry of a tree as a request names it; without content and sha the path is taken out. */
export interface NewTreeEntry {
  readonly path: string;
  readonly mode?: string;
  readonly type?: string;
  readonly content?: string;
  readonly sha?: string | null;
}

export interface TreeEntry {
  readonly path: string;
  readonly type: 'blob' | 'tree';
  readonly sha: string;
}

/** Blobs, trees and commits, by the names that git itself gives them: the same files are the same tree. */
export class GitObjects {
  private readonly blobs = new Map<string, string>();
  /** The blobs of each tree by their whole paths. */
  private readonly trees = new Map<string, ReadonlyMap<string, string>>();
  private readonly commits = new Map<string, StoredCommit>();

  public createTree(entries: readonly NewTreeEntry[], base?: string): string {
    const files = new Map(base === undefined ? [] : this.files(base));
    for (const { content, path, sha } of entries) {
      if (content === undefined && sha === undefined) throw new RejectedRequest(422, 'Must supply tree.sha or tree.content');
      if (sha === null && !files.has(path)) throw new RejectedRequest(422, 'GitRPC::BadObjectState');
      if (sha === null) files.delete(path);
      else files.set(path, content === undefined ? sha! : this.createBlob(content));
    }
    return this.storeTree(files);
  }

  public createCommit({ author, message, parents, tree }: Omit<StoredCommit, 'sha'>): StoredCommit {
    if (!this.trees.has(tree)) throw new RejectedRequest(422, 'Tree SHA does not exist');
    const signed = `${author.name} <${author.email}> ${Math.floor(Date.parse(author.date) / 1000)} +0000`;
    const text = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), `author ${signed}`, `committer ${signed}`, '', message].join('\n');
    const commit = { sha: named('commit', Buffer.from(text)), tree, parents, message, author };
    this.commits.set(commit.sha, commit);
    return commit;
  }

  /** What others made: only its time is known. */
  public setCommit(sha: string, date: string): void {
    this.commits.set(sha, { sha, tree: this.storeTree(new Map()), parents: [], message: '', author: { name: 'someone', email: 'someone@example.com', date } });
  }

  public commit(sha: string): StoredCommit | undefined {
    return this.commits.get(sha);
  }

  public blob(sha: string): string | undefined {
    return this.blobs.get(sha);
  }

  /** Of a tree or of a commit's. */
  public tree(sha: string, recursive: boolean): { readonly sha: string; readonly entries: TreeEntry[] } | undefined {
    const tree = this.commits.get(sha)?.tree ?? sha;
    const files = this.trees.get(tree);
    if (!files) return undefined;
    const folders = [...new Set([...files.keys()].flatMap((path) => path.split('/').slice(0, -1).map((_, i, parts) => parts.slice(0, i + 1).join('/'))))];
    const entries: TreeEntry[] = [
      ...folders.map((path) => ({ path, type: 'tree' as const, sha: this.storeTree(within(files, path)) })),
      ...[...files].map(([path, blob]) => ({ path, type: 'blob' as const, sha: blob })),
    ];
    return { sha: tree, entries: recursive ? entries : entries.filter(({ path }) => !path.includes('/')) };
  }

  private createBlob(content: string): string {
    const sha = named('blob', Buffer.from(content));
    this.blobs.set(sha, content);
    return sha;
  }

  private files(tree: string): ReadonlyMap<string, string> {
    const files = this.trees.get(this.commits.get(tree)?.tree ?? tree);
    if (!files) throw new RejectedRequest(404, 'Not Found');
    return files;
  }

  private storeTree(files: ReadonlyMap<string, string>): string {
    const names = [...new Set([...files.keys()].map((path) => path.split('/')[0]))];
    const entries = names.map((name) => {
      const blob = files.get(name);
      return blob === undefined ? { mode: '40000', name, sha: this.storeTree(within(files, name)) } : { mode: '100644', name, sha: blob };
    }).sort((a, b) => (sortName(a) < sortName(b) ? -1 : 1));
    const sha = named('tree', Buffer.concat(entries.flatMap(({ mode, name, sha: object }) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(object, 'hex')])));
    this.trees.set(sha, files);
    return sha;
  }
}

function within(files: ReadonlyMap<string, string>, folder: string): Map<string, string> {
  return new Map([...files].filter(([path]) => path.startsWith(`${folder}/`)).map(([path, sha]) => [path.slice(folder.length + 1), sha]));
}

/** Git sorts a folder as if its name ended with a slash. */
function sortName({ mode, name }: { readonly mode: string; readonly name: string }): string {
  return mode === '40000' ? `${name}/` : name;
}

function named(kind: string, content: Buffer): string {
  return createHash('sha1').update(`${kind} ${content.length}\0`).update(content).digest('hex');
}
