/**
 * Text from outside (an answer, a header, a tag, an error) on its way to a person.
 * A service under test must not be able to forge a log line, a workflow command or a table.
 */

/** What a terminal acts upon: CSI sequences, OSC and other strings, two-character escapes. */
// eslint-disable-next-line no-control-regex -- control characters are what this is about
const ESCAPES = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;
/** Characters without a shape of their own: controls, formats (direction, zero width, BOM), private use, lone surrogates. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;

/**
 * One line that is safe in a log: no control characters, escapes or line breaks, at most `max`
 * characters, and nothing that the runner takes for a workflow command, wherever it is put:
 * neither `::command::` at the beginning nor the older `##[command]` anywhere.
 */
export function safeLine(text: string, max = 200): string {
  const line = text
    // Far more than is shown is never looked at: a body may hold a megabyte.
    .slice(0, Math.max(4096, max * 4))
    .replace(ESCAPES, ' ')
    .replace(/\s+/g, ' ')
    .replace(INVISIBLE, '')
    .trim()
    .replace(/^:+/, (colons) => [...colons].join(' '))
    .replaceAll('##[', '## [');
  return cut(line, max);
}

function cut(line: string, max: number): string {
  if (line.length <= max) return line;
  // Never between the two halves of a character.
  return `${line.slice(0, Math.max(0, max - 1)).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
