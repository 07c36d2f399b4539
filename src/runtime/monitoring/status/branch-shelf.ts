import { DATA_FILE, Files } from './published-files';
import { Published, Shelf } from './shelf';
import { GithubApi, GithubRequest } from '../../ledger/github-api';
import { isObject, isText } from '../../ledger/record';
import { Misconfigured } from '../../misconfigured';

export interface BranchShelfOptions {
  readonly api: Pick<GithubApi, 'request' | 'repository'>;
  readonly branch: string;
  /** Of a subproject: its files lie in a folder of that name. @default - the root project */
  readonly project?: string;
  /** @default 'https://github.com' */
  readonly serverUrl?: string;
}

/** Says whose branch it is. Pages of GitHub take it to mean that there is nothing to build, too. */
const OURS = '.nojekyll';
const READ_ME = 'README.md';
const READ_ME_TEXT = `# Status

Written by projen-delivery with every run of the watch: see index.html. Do not commit here. Whoever deletes this branch
deletes what was measured; it is then begun anew.
`;
const PATIENCE_MS = 20_000;

interface Tree {
  readonly sha: string;
  readonly tree: readonly { readonly path: string; readonly type: string; readonly sha: string }[];
}

/**
 * A branch that has no history in common with any other, written through GitHub's git data API: no checkout, and no credentials but the
 * job's token. It only ever moves forward from the commit that was read, so of two that write at once one is told to read again.
 * What a job's token pushes starts no workflow.
 */
export class BranchShelf implements Shelf {
  constructor(private readonly options: BranchShelfOptions) {}

  public get place(): string {
    const { api, branch, project, serverUrl = 'https://github.com' } = this.options;
    return `${serverUrl}/${api.repository}/tree/${branch}${project === undefined ? '' : `/${project}`}`;
  }

  public async read(): Promise<Published | undefined> {
    const head = await this.head();
    if (head === undefined) return undefined;
    const { tree } = await this.tree(head);
    this.refuseOthers(tree);
    const data = tree.find(({ path, type }) => type === 'blob' && path === this.pathOf(DATA_FILE));
    return { version: head, paths: tree.map(({ path }) => path), ...(data && { data: await this.blob(data.sha) }) };
  }

  public async write(files: Files, before: Published | undefined): Promise<boolean> {
    const all: Record<string, string> = { ...named(files, (name) => this.pathOf(name)), [OURS]: '', [READ_ME]: READ_ME_TEXT };
    const gone = this.goneBadges(before?.paths ?? [], all);
    const entries = [
      ...Object.entries(all).map(([path, content]) => ({ path, mode: '100644', type: 'blob', content })),
      ...gone.map((path) => ({ path, mode: '100644', type: 'blob', sha: null })),
    ];
    const tree = await this.post<{ sha: string }>('write the files', 'POST /repos/{owner}/{repo}/git/trees', {
      tree: entries, ...(before && { base_tree: await this.treeOf(before.version) }),
    });
    const commit = await this.post<{ sha: string }>('write the commit', 'POST /repos/{owner}/{repo}/git/commits', {
      // for other systems that build what is pushed; a job's token starts no workflow of GitHub's
      message: 'status [skip ci]', tree: tree.sha, parents: before ? [before.version] : [],
    });
    return this.move(commit.sha, before?.version);
  }

  private async move(sha: string, before: string | undefined): Promise<boolean> {
    const { branch } = this.options;
    try {
      if (before !== undefined) await this.post('move the branch', 'PATCH /repos/{owner}/{repo}/git/refs/{ref}', { ref: `heads/${branch}`, sha, force: false });
      else await this.post('make the branch', 'POST /repos/{owner}/{repo}/git/refs', { ref: `refs/heads/${branch}`, sha });
      return true;
    } catch (error) {
      // it was moved, made or deleted meanwhile; or it was done, and the answer was lost: who reads again sees that
      // where it stands as it stood, a rule of the repository forbids it
      if ((statusOf(error) === 422 || statusOf(error) === 409) && await this.head() !== before) return false;
      throw error;
    }
  }

  /** Undefined where there is no such branch. */
  private async head(): Promise<string | undefined> {
    try {
      const { object } = await this.get<{ object: { sha: string } }>('find the branch', 'GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: `heads/${this.options.branch}` });
      return object.sha;
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  private async treeOf(commit: string): Promise<string> {
    const { tree } = await this.get<{ tree: { sha: string } }>('read the commit', 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}', { commit_sha: commit });
    return tree.sha;
  }

  private tree(commit: string): Promise<Tree> {
    return this.get('read the files', 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}', { tree_sha: commit, recursive: '1' });
  }

  private async blob(sha: string): Promise<string> {
    const { content } = await this.get<{ content: string }>('read the data', 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}', { file_sha: sha });
    return Buffer.from(content, 'base64').toString('utf8');
  }

  /** Of environments that are none any more. */
  private goneBadges(paths: readonly string[], files: Readonly<Record<string, string>>): string[] {
    const folder = this.pathOf('badge-');
    return paths.filter((path) => path.startsWith(folder) && path.endsWith('.svg') && !Object.hasOwn(files, path));
  }

  /** A branch that somebody works on is never written to. */
  private refuseOthers(tree: Tree['tree']): void {
    if (tree.some(({ path }) => path === OURS) && tree.some(({ path }) => path === DATA_FILE || path.endsWith(`/${DATA_FILE}`))) return;
    throw new Misconfigured(`the branch ${this.options.branch} holds something else than a status page, and is left as it is. Give monitoring.statusPage another branch, or delete that one.`);
  }

  private pathOf(name: string): string {
    const { project } = this.options;
    return project === undefined ? name : `${project}/${name}`;
  }

  private get<T>(what: string, route: string, parameters: Record<string, unknown>): Promise<T> {
    return this.ask(what, route, parameters, 'contents: read');
  }

  private post<T>(what: string, route: string, parameters: Record<string, unknown>): Promise<T> {
    return this.ask(what, route, parameters, 'contents: write');
  }

  private async ask<T>(what: string, route: string, parameters: Record<string, unknown>, permission: string): Promise<T> {
    const request: GithubRequest<unknown> = { what: `${what} of ${this.options.branch}`, route, parameters, permission, isAnswer: isAnswerOf(route), patienceMs: PATIENCE_MS };
    return (await this.options.api.request(request)).data as T;
  }
}

/** By what is used of each. */
function isAnswerOf(route: string): (data: unknown) => data is unknown {
  const isRight = (data: unknown): boolean => {
    if (!isObject(data)) return false;
    if (route.includes('/git/ref')) return isObject(data.object) && isText(data.object.sha);
    if (route.startsWith('GET') && route.includes('/git/trees')) {
      return Array.isArray(data.tree) && data.tree.every((one) => isObject(one) && isText(one.path) && isText(one.type) && isText(one.sha));
    }
    if (route.includes('/git/blobs')) return isText(data.content) && data.encoding === 'base64';
    return isText(data.sha) && (!route.startsWith('GET') || (isObject(data.tree) && isText(data.tree.sha)));
  };
  return isRight as (data: unknown) => data is unknown;
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && error.name === 'GithubError' ? (error as { readonly status?: number }).status : undefined;
}

function named(files: Files, path: (name: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [path(name), text]));
}
