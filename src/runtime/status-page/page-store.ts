import { Files } from './published-files';

/** Where what is published lies, and what was published before. */
export interface PageStore {
  /** For a person. */
  readonly place: string;
  /** Rejects with an error whose message says what to do. */
  read(): Promise<Published | undefined>;
  /** False where somebody else published meanwhile: then it is to be read again. Rejects as `read` does. */
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
