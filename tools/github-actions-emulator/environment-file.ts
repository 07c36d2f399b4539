/** GITHUB_OUTPUT or GITHUB_ENV holds what is no assignment: GitHub fails the step. */
export class MalformedFile extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedFile';
  }
}

/**
 * The assignments of GITHUB_OUTPUT or GITHUB_ENV: `name=value`, or `name<<delimiter`, lines, the delimiter alone on a line.
 * Which of `=` and `<<` comes first decides, as in the runner.
 *
 * @see https://github.com/actions/runner/blob/main/src/Runner.Worker/FileCommandManager.cs
 */
export function assignmentsOf(text: string): Map<string, string> {
  const assignments = new Map<string, string>();
  const lines = text.split('\n');
  // the text after the last newline is a line only if there is any
  if (lines.at(-1) === '') lines.pop();
  while (lines.length > 0) {
    const line = lines.shift()!;
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      assignments.set(line.slice(0, equals), line.slice(equals + 1));
    } else if (heredoc > 0 && heredoc + 2 < line.length) {
      assignments.set(line.slice(0, heredoc), upTo(line.slice(heredoc + 2), lines));
    } else {
      throw new MalformedFile(`Invalid format '${line}'`);
    }
  }
  return assignments;
}

function upTo(delimiter: string, lines: string[]): string {
  const end = lines.indexOf(delimiter);
  if (end < 0) throw new MalformedFile(`Invalid value. Matching delimiter not found '${delimiter}'`);
  const value = lines.splice(0, end + 1).slice(0, -1);
  return value.join('\n');
}
