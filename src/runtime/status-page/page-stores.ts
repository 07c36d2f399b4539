import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Published, PageStore, DATA_FILE, Files } from './published-files';
import { Changes, CiBranches } from '../ci/ci-runtime';
import { ConfigurationError } from '../errors';
import { writeWhole } from '../files/durable-file';

export interface BranchPageStoreOptions {
  readonly branches: CiBranches;
  readonly branch: string;
  /** Of a subproject: its files lie in a folder of that name. @default - the root project */
  readonly project?: string;
}

/** Identifies the branch as the delivery's. It also makes GitHub Pages not build the files. */
const OURS = '.nojekyll';
const READ_ME = 'README.md';
const READ_ME_TEXT = `# Status

Written by projen-delivery with every run of the watch: see index.html. Do not commit here: the branch is one commit, which each
run replaces. If you delete it, the measurements are lost, and the next run starts a new one.
`;
// for other CI systems; pushes with a job's token start no GitHub workflow
const MESSAGE = 'status [skip ci]';

/**
 * An orphan branch of one commit, so it does not grow. Each run replaces the commit if the branch did not move since it was read; of two
 * concurrent runs, one reads again, so nothing is lost.
 */
export class BranchPageStore implements PageStore {
  constructor(private readonly options: BranchPageStoreOptions) {}

  public get place(): string {
    const { branch, branches, project } = this.options;
    return `${branches.url(branch)}${project === undefined ? '' : `/${project}`}`;
  }

  public read(): Promise<Published | undefined> {
    return this.options.branches.open(this.options.branch, async (remote) => {
      const version = await remote.fetchBranch();
      if (version === undefined) return undefined;
      const paths = await remote.pathsOf(version);
      this.rejectOthers(paths);
      const path = this.pathOf(DATA_FILE);
      return { version, paths, ...(paths.includes(path) && { data: await remote.textOf(version, path) }) };
    });
  }

  public write(files: Files, before: Published | undefined): Promise<boolean> {
    return this.options.branches.open(this.options.branch, async (remote) => {
      const version = await remote.fetchBranch();
      if (version !== before?.version) return false;
      return remote.push(await remote.commit(MESSAGE, this.changes(files, before?.paths ?? []), version), version);
    });
  }

  private changes(files: Files, paths: readonly string[]): Changes {
    const all = { ...Object.fromEntries(Object.entries(files).map(([name, text]) => [this.pathOf(name), text])), [OURS]: '', [READ_ME]: READ_ME_TEXT };
    const badges = this.pathOf('badge-');
    // of removed environments
    const gone = paths.filter((path) => path.startsWith(badges) && path.endsWith('.svg') && !Object.hasOwn(all, path));
    return { ...all, ...Object.fromEntries(gone.map((path) => [path, null])) };
  }

  /** A branch with other files is never changed. */
  private rejectOthers(paths: readonly string[]): void {
    if (paths.includes(OURS) && paths.some((path) => path === DATA_FILE || path.endsWith(`/${DATA_FILE}`))) return;
    throw new ConfigurationError(`the branch ${this.options.branch} does not hold a status page, so it is not changed. Set another branch in monitoring.statusPage, or delete this one.`);
  }

  private pathOf(name: string): string {
    const { project } = this.options;
    return project === undefined ? name : `${project}/${name}`;
  }
}

/** A folder on this machine, with one writer at a time. */
export class FolderPageStore implements PageStore {
  /** @param before the earlier folder of the files, if it is another one */
  constructor(public readonly place: string, private readonly before = place) {}

  public async read(): Promise<Published | undefined> {
    try {
      return { data: readFileSync(join(this.before, DATA_FILE), 'utf8'), version: '' };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  public async write(files: Files): Promise<boolean> {
    for (const [name, text] of Object.entries(files)) {
      // an environment's name may have a slash
      const file = join(this.place, name);
      mkdirSync(dirname(file), { recursive: true });
      writeWhole(file, text);
    }
    return true;
  }
}
