import { GitReferences, StoredReference, StoredTag } from './git-references';
import { nodeId } from './rendering';
import { ApiResponse, Call, ok, Operations, RejectedRequest } from './response';

export interface GitOperationsOptions {
  readonly references: GitReferences;
  /** `<api>/repos/<owner>/<name>` */
  readonly repositoryUrl: () => string;
  /** ISO 8601. */
  readonly timestamp: () => string;
}

/** References and annotated tags: where a lock may lie. */
export class GitOperations {
  constructor(private readonly options: GitOperationsOptions) {}

  public operations(): Operations {
    const { references } = this.options;
    return {
      'git/get-ref': ({ parameters }) => {
        const [found] = references.read((name) => name === `refs/${parameters.ref}`);
        if (!found) throw new RejectedRequest(404, 'Not Found');
        return ok(this.reference(found));
      },
      'git/list-matching-refs': ({ parameters }) =>
        ok(references.read((name) => name.startsWith(`refs/${parameters.ref}`)).map((found) => this.reference(found))),
      'git/create-ref': ({ request }) => {
        const { ref, sha } = request.body as { ref: string; sha: string };
        return { status: 201, body: this.reference(references.create(ref, sha)) };
      },
      'git/update-ref': ({ request, parameters }) => {
        const { sha, force = false } = request.body as { sha: string; force?: boolean };
        return ok(this.reference(references.update(`refs/${parameters.ref}`, sha, force)));
      },
      'git/delete-ref': ({ parameters }) => {
        references.delete(`refs/${parameters.ref}`);
        return { status: 204 };
      },
      'git/create-tag': (call) => this.createTag(call),
      'git/get-tag': ({ parameters }) => {
        const tag = references.tag(parameters.tag_sha);
        if (!tag) throw new RejectedRequest(404, 'Not Found');
        return ok(this.tag(tag));
      },
    };
  }

  private createTag({ request, caller }: Call): ApiResponse {
    const { tag, message, object, type, tagger } = request.body as {
      tag: string;
      message: string;
      object: string;
      type: string;
      tagger?: { name: string; email: string; date?: string };
    };
    const { name = caller.login, email = `${caller.login}@users.noreply.github.com`, date = this.options.timestamp() } = tagger ?? {};
    const created = this.options.references.createTag({ tag, message, object: { sha: object, type }, tagger: { name, email, date } });
    return { status: 201, body: this.tag(created) };
  }

  private reference({ name, target }: StoredReference): Record<string, unknown> {
    const { sha, type } = target!;
    return { ref: name, node_id: nodeId('REF', name), url: `${this.url}/git/${name}`, object: { sha, type, url: this.objectUrl(type, sha) } };
  }

  private tag({ sha, tag, message, object, tagger }: StoredTag): Record<string, unknown> {
    return {
      node_id: nodeId('TA', sha),
      sha,
      url: this.objectUrl('tag', sha),
      tag,
      message,
      tagger,
      object: { ...object, url: this.objectUrl(object.type, object.sha) },
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
    };
  }

  private objectUrl(type: string, sha: string): string {
    return `${this.url}/git/${type}s/${sha}`;
  }

  private get url(): string {
    return this.options.repositoryUrl();
  }
}
