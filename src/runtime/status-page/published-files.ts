import { badge } from './badge';
import { PageEnvironment, renderPage, verdictOf } from './page';
import { environmentOf, onlyOf, StatusData, writeData } from './status-data';
import { Manifest } from '../../contract/manifest';

/** The published files: the text by file name. */
export type Files = Readonly<Record<string, string>>;

export const DATA_FILE = 'data.json';
const PAGE_FILE = 'index.html';

export interface FilesOptions {
  /** The name of the project. */
  readonly title: string;
  readonly manifest: Manifest;
  readonly now: number;
}

export function filesOf(data: StatusData, { manifest, now, title }: FilesOptions): Files {
  const { environments: watched = [], intervalMs = 0 } = manifest.monitoring ?? {};
  const environments: PageEnvironment[] = manifest.environments
    .filter(({ name }) => watched.includes(name))
    .map(({ name, url }) => ({ name, url, data: environmentOf(data, name) }));
  return {
    [DATA_FILE]: writeData(onlyOf(data, watched)),
    [PAGE_FILE]: renderPage({ title, environments, now, intervalMs }),
    ...Object.fromEntries(environments.map((one) => {
      const version = one.data.latest?.live?.version;
      return [badgeFile(one.name), badge(one.name, version, verdictOf(one, { now, intervalMs }))];
    })),
  };
}

function badgeFile(environment: string): string {
  return `badge-${environment}.svg`;
}

/** The store of the published files. */
export interface PageStore {
  /** The name of the store, for messages. */
  readonly place: string;
  /** Rejects with an error whose message contains the fix. */
  read(): Promise<Published | undefined>;
  /** False if another process published meanwhile: then read again. Rejects as `read` does. */
  write(files: Files, before: Published | undefined): Promise<boolean>;
}

export interface Published {
  /** The text of `data.json`; undefined if there is none. */
  readonly data?: string;
  /** Identifies the version for the page store. */
  readonly version: string;
  /** The existing files, if the page store needs them. */
  readonly paths?: readonly string[];
}
