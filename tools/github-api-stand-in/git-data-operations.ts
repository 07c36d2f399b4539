import { GitObjects, NewTreeEntry, Signature, StoredCommit } from './git-objects';
import { GitReferences } from './git-references';
import { nodeId } from './rendering';
import { ApiResponse, Call, ok, Operations, RejectedRequest } from './response';

export interface GitDataOperationsOptions {
  readonly objects: GitObjects;
  readonly references: GitReferences;
  /** `<api>/repos/<owner>/<name>` */
  readonly repositoryUrl: () => string;
  /** ISO 8601. */
  readonly timestamp: () => string;
}

/** Blobs, trees and commits: how a branch is written without a checkout. */
export function gitDataOperations({ objects, references, repositoryUrl, timestamp }: GitDataOperationsOptions): Operations {
  const treeBody = (sha: string, recursive: boolean) => {
    const tree = objects.tree(sha, recursive);
    if (!tree) throw new RejectedRequest(404, 'Not Found');
    const entries = tree.entries.map(({ path, sha: object, type }) => ({ path, mode: type === 'tree' ? '040000' : '100644', type, sha: object }));
    return { sha: tree.sha, url: `${repositoryUrl()}/git/trees/${tree.sha}`, truncated: false, tree: entries };
  };
  return {
    'git/get-tree': ({ parameters, request }) => ok(treeBody(parameters.tree_sha, request.query.recursive !== undefined)),
    'git/create-tree': ({ request }) => {
      const { tree, base_tree: base } = request.body as { tree: NewTreeEntry[]; base_tree?: string };
      return { status: 201, body: treeBody(objects.createTree(tree, base), false) };
    },
    'git/get-blob': ({ parameters: { file_sha: sha } }) => {
      const content = objects.blob(sha);
      if (content === undefined) throw new RejectedRequest(404, 'Not Found');
      const lines = Buffer.from(content).toString('base64').replace(/.{60}/g, '$&\n');
      return ok({ sha, node_id: nodeId('B', sha), url: `${repositoryUrl()}/git/blobs/${sha}`, size: Buffer.byteLength(content), content: `${lines}\n`, encoding: 'base64' });
    },
    'git/get-commit': ({ parameters }) => {
      const commit = objects.commit(parameters.commit_sha);
      if (!commit) throw new RejectedRequest(404, 'Not Found');
      return ok(commitBody(commit, repositoryUrl()));
    },
    'git/create-commit': (call) => createCommit(call, objects, references, repositoryUrl(), timestamp()),
  };
}

function createCommit({ caller, request }: Call, objects: GitObjects, references: GitReferences, url: string, date: string): ApiResponse {
  const { message, parents = [], tree } = request.body as { message: string; tree: string; parents?: string[] };
  const author: Signature = { name: caller.login, email: `${caller.login}@users.noreply.github.com`, date };
  const commit = objects.createCommit({ message, parents, tree, author });
  for (const parent of parents) references.addCommit(commit.sha, parent);
  return { status: 201, body: commitBody(commit, url) };
}

function commitBody({ author, message, parents, sha, tree }: StoredCommit, url: string): unknown {
  const commitUrl = (one: string) => ({ url: `${url}/git/commits/${one}`, html_url: `${url}/commit/${one}` });
  return {
    sha,
    node_id: nodeId('C', sha),
    ...commitUrl(sha),
    author,
    committer: author,
    message,
    tree: { sha: tree, url: `${url}/git/trees/${tree}` },
    parents: parents.map((parent) => ({ sha: parent, ...commitUrl(parent) })),
    verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
  };
}
