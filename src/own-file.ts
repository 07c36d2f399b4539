import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { FileBase, IResolver, Project } from 'projen';

/**
 * A file of ours, committed, and written as projen writes files, only that it is looked at once: projen looks several times and reads
 * again what it wrote, which for our files took a third of all the time that we add to a synthesis.
 */
export abstract class OwnFile extends FileBase {
  constructor(project: Project, path: string) {
    super(project, path, { committed: true });
  }

  public synthesize(): void {
    const { absolutePath: path } = this;
    const bytes = this.bytes();
    const present = statSync(path, { throwIfNoEntry: false });
    if (present?.size !== bytes.length || !readFileSync(path).equals(bytes)) {
      // a new file needs no right to write the old one
      if (present) rmSync(path);
      else mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
    }
    chmodSync(path, this.readonly ? 0o444 : 0o644);
  }

  /** What it holds. */
  protected abstract bytes(): Buffer;

  protected synthesizeContent(_resolver: IResolver): string {
    return this.bytes().toString();
  }
}
