import { GitReferences } from './git-references';
import { Listing } from './listing';
import { nodeId, user } from './rendering';
import { ApiResponse, Call, ok, Operations, RejectedRequest } from './response';

export interface ReleaseOperationsOptions {
  readonly references: GitReferences;
  readonly listing: Listing;
  readonly defaultBranch: string;
  readonly apiUrl: () => string;
  /** `owner/name` */
  readonly repository: string;
  /** ISO 8601. */
  readonly timestamp: () => string;
  /** A release has made this tag. */
  readonly onTag: (name: string, sha: string) => void;
}

/** What stands under "Releases". */
export interface StoredRelease {
  readonly id: number;
  readonly tag: string;
  readonly title: string;
  readonly notes: string;
  /** What the tag was put on, if there was none: a sha or a branch. */
  readonly target: string;
  readonly draft: boolean;
  readonly prerelease: boolean;
  readonly author: string;
  readonly createdAt: string;
}

/** A release of a tag that there is not makes it. */
export class ReleaseOperations {
  public readonly releases: StoredRelease[] = [];

  constructor(private readonly options: ReleaseOperationsOptions) {}

  public operations(): Operations {
    return {
      'repos/create-release': (call) => this.create(call),
      'repos/list-releases': ({ request }) => this.options.listing.page(request, this.options.listing.inOrder(this.releases), (one) => this.rendered(one)),
      'repos/get-release-by-tag': ({ parameters }) => {
        const found = this.releases.find(({ tag, draft }) => tag === parameters.tag && !draft);
        if (!found) throw new RejectedRequest(404, 'Not Found');
        return ok(this.rendered(found));
      },
    };
  }

  private create({ request, caller }: Call): ApiResponse {
    const { references, defaultBranch, timestamp } = this.options;
    const { tag_name: tag, target_commitish: target = defaultBranch, name = '', body = '', draft = false, prerelease = false } = request.body as {
      tag_name: string; target_commitish?: string; name?: string; body?: string; draft?: boolean; prerelease?: boolean;
    };
    if (this.releases.some((one) => one.tag === tag && !one.draft)) return invalid('tag_name', 'already_exists');
    const sha = references.commitOf(`refs/tags/${tag}`) ?? references.commitOf(target);
    if (!sha) return invalid('target_commitish', 'invalid');
    const release: StoredRelease = {
      id: this.releases.length + 1, tag, title: name, notes: body, target, draft, prerelease, author: caller.login, createdAt: timestamp(),
    };
    if (!draft) this.tag(tag, sha);
    this.releases.push(release);
    return { status: 201, body: this.rendered(release) };
  }

  private tag(name: string, sha: string): void {
    const { references, onTag } = this.options;
    if (references.commitOf(`refs/tags/${name}`)) return;
    references.create(`refs/tags/${name}`, sha);
    onTag(name, sha);
  }

  private rendered(release: StoredRelease): Record<string, unknown> {
    const { apiUrl, repository } = this.options;
    const { id, tag, draft, createdAt } = release;
    const url = `${apiUrl()}/repos/${repository}`;
    return {
      id,
      node_id: nodeId('RE', id),
      url: `${url}/releases/${id}`,
      html_url: `https://github.com/${repository}/releases/tag/${tag}`,
      assets_url: `${url}/releases/${id}/assets`,
      upload_url: `${url}/releases/${id}/assets{?name,label}`,
      tarball_url: `${url}/tarball/${tag}`,
      zipball_url: `${url}/zipball/${tag}`,
      tag_name: tag,
      target_commitish: release.target,
      name: release.title,
      body: release.notes,
      draft,
      prerelease: release.prerelease,
      created_at: createdAt,
      published_at: draft ? null : createdAt,
      author: user(apiUrl(), release.author),
      assets: [],
    };
  }
}

function invalid(field: string, code: string): ApiResponse {
  return {
    status: 422,
    body: {
      message: 'Validation Failed', errors: [{ resource: 'Release', code, field }], documentation_url: 'https://docs.github.com/rest/releases/releases#create-a-release',
    },
  };
}
