import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ArchiveError, unpack } from './artifact-archive';
import { download, DownloadError, Limits } from './resumed-download';
import { ARTIFACT_FETCH_MS } from '../../../../contract/manifest';
import { Clock } from '../../../clock';
import { ArtifactError, InterruptedError } from '../../../errors';
import { EventLogError } from '../../../event-log/event-log';
import { fileFault, isDiskError } from '../../../files/file-error';
import { Artifact } from '../../../release';
import { safeLine } from '../../../reporting/untrusted-text';
import { GithubApi, GithubError } from '../api';

export interface GithubArtifactsOptions {
  /** Created with the first download. Throws `EventLogError`. */
  readonly api: () => GithubApi;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** @default - 10 GiB, 5 minutes in total, 30 seconds without a byte */
  readonly limits?: Limits;
}

const LIMITS: Limits = { maxBytes: 10 * 1024 ** 3, totalMs: ARTIFACT_FETCH_MS, idleMs: 30_000 };
/** A damaged zip is downloaded once more from the beginning. */
const TRIES = 2;

/** Downloads artifacts by their ids, because several may have the same name. The job needs `permissions: actions: read`. */
export class GithubArtifacts {
  private readonly limits: Limits;

  constructor(private readonly options: GithubArtifactsOptions) {
    this.limits = options.limits ?? LIMITS;
  }

  /** Writes `<digest>.tar` to an existing folder. Rejects with `ArtifactError` or `InterruptedError`, without leaving a partial file. */
  public async download({ digest, id }: Artifact, folder: string): Promise<void> {
    if (id === undefined || !/^\d+$/.test(id)) throw new ArtifactError('the ledger names no artifact that holds the release\'s files. Build it again: deploy a new commit.', { isGone: true });
    try {
      const own = await mkdtemp(join(folder, 'fetching-'));
      try {
        for (let tries = 1; !(await this.downloadInto(own, { digest, id }, tries === TRIES)); tries++);
        await rename(join(own, 'tar'), join(folder, `${digest}.tar`));
      } finally {
        await rm(own, { recursive: true, force: true });
      }
    } catch (error) {
      throw this.explain(error, id);
    }
  }

  /** Whether the files arrived complete. */
  private async downloadInto(own: string, { digest, id }: { readonly digest: string; readonly id: string }, isLast: boolean): Promise<boolean> {
    const { clock, signal } = this.options;
    const [zip, tar] = [join(own, 'zip'), join(own, 'tar')];
    await download({ locate: () => this.locate(id), to: zip, clock, limits: this.limits, signal });
    try {
      const found = await unpack(zip, { name: `${digest}.tar`, to: tar, maxBytes: this.limits.maxBytes, signal });
      if (found !== digest) throw new ArchiveError(`it is not what was built: the sha256 of ${digest.slice(0, 12)}….tar in it is ${found}`);
      return true;
    } catch (error) {
      if (!(error instanceof ArchiveError) || isLast) throw error;
      return false;
    }
  }

  /** The signed URL of the storage: it needs no token, and expires soon. */
  private async locate(id: string): Promise<URL> {
    const api = this.options.api();
    const to = await api.location({
      what: `give the address of artifact ${id}`,
      route: 'GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}',
      permission: 'actions: read',
      parameters: { artifact_id: Number(id), archive_format: 'zip' },
    });
    if (to.protocol !== 'https:' && api.isEncrypted) throw new DownloadError(`GitHub sends to ${to.protocol}//${to.host}, which is not encrypted`);
    return to;
  }

  private explain(error: unknown, id: string): unknown {
    if (this.options.signal.aborted) return new InterruptedError();
    const said = `the release's files (artifact ${id}) cannot be fetched: `;
    if (isDiskError(error)) return new ArtifactError(`${said}${fileFault(error)} Nothing was placed.`);
    if (error instanceof ArchiveError) return new ArtifactError(`${said}${safeLine(error.message, 300)}. Nothing was placed. Build it again: deploy a new commit.`);
    if (error instanceof DownloadError) return new ArtifactError(`${said}${safeLine(error.message, 300)}. Run the job again.`);
    if (error instanceof GithubError && (error.status === 410 || error.status === 404)) {
      const why = error.status === 410 ? 'its retention has passed' : 'it was deleted, or this token cannot see it: the job needs `permissions: actions: read`';
      const remedy = 'Build it again: deploy a new commit. To go back further than artifacts are kept, keep them longer or give the target a rollback command.';
      return new ArtifactError(`${said}GitHub does not keep them any more (HTTP ${error.status}): ${why}. ${remedy}`, { isGone: true });
    }
    return error instanceof EventLogError ? new ArtifactError(`${said}${error.message}`) : error;
  }
}
