import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Published, PageStore, DATA_FILE, Files } from './published-files';
import { writeWhole } from '../files/durable-file';

/** A folder of this machine. Whoever writes it has it for himself. */
export class FolderPageStore implements PageStore {
  /** @param before where the files were, if that is another folder */
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
