import { badge } from './badge';
import { PageEnvironment, renderPage, verdictOf } from './page';
import { environmentOf, onlyOf, StatusData, writeData } from './status-data';
import { Manifest } from '../../contract/manifest';

/** What is published: the text of each file by its name. */
export type Files = Readonly<Record<string, string>>;

export const DATA_FILE = 'data.json';
export const PAGE_FILE = 'index.html';

export interface FilesOptions {
  /** What the project is called. */
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

export function badgeFile(environment: string): string {
  return `badge-${environment}.svg`;
}

/** Where what is published lies, and what was published before. */
export interface PageStore {
  /** For a person. */
  readonly place: string;
  /** Rejects with an error whose message says what to do. */
  read(): Promise<Published | undefined>;
  /** False if another process published meanwhile: then read again. Rejects as `read` does. */
  write(files: Files, before: Published | undefined): Promise<boolean>;
}

export interface Published {
  /** The text of `data.json`; undefined where there is none. */
  readonly data?: string;
  /** As the page store knows it again. */
  readonly version: string;
  /** What lies there, where the page store must know. */
  readonly paths?: readonly string[];
}
