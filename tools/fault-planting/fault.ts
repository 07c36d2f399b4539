/** A text of a file that stands in it once, and what takes its place. */
export interface Edit {
  readonly text: string;
  readonly replacement: string;
}

/** A mistake in one file. */
export interface Fault extends Edit {
  /** Short, and unique. */
  readonly id: string;
  /** Relative to the root of the repository. */
  readonly file: string;
  /** What else must change so that the file compiles. */
  readonly moreEdits?: readonly Edit[];
  /** What a user sees of it: one line. */
  readonly what: string;
}

/** The file with the fault. Throws where a text does not stand in it exactly once. */
export function planted({ file, id, moreEdits = [], replacement, text }: Fault, source: string): string {
  return [{ text, replacement }, ...moreEdits].reduce((before, edit) => {
    const count = before.split(edit.text).length - 1;
    if (count !== 1) throw new Error(`${id}: its text stands ${count} times in ${file}. Adapt the fault to the file: ${JSON.stringify(edit.text)}`);
    return before.replace(edit.text, () => edit.replacement);
  }, source);
}
