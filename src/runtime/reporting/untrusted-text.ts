/**
 * Makes untrusted text (a response, a header, a tag, an error) safe to show: a service under test must not be able to forge a log line, a
 * workflow command or a table.
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
    // a body may hold a megabyte
    .slice(0, Math.max(4096, max * 4))
    .replace(ESCAPES, ' ')
    .replace(/\s+/g, ' ')
    .replace(INVISIBLE, '')
    .trim()
    .replace(/^:+/, (colons) => [...colons].join(' '))
    .replaceAll('##[', '## [');
  return truncate(line, max);
}

/** Cuts a text to `max` UTF-16 units including `mark`, never within a character. */
export function truncate(text: string, max: number, mark = '…'): string {
  if (text.length <= max) return text;
  return `${text.slice(0, Math.max(0, max - mark.length)).replace(/[\uD800-\uDBFF]$/, '')}${mark}`;
}

/** The URL, where a browser may follow it: http or https, without credentials. */
export function webUrl(address: string | undefined): URL | undefined {
  const url = address !== undefined && URL.canParse(address) ? new URL(address) : undefined;
  return url && ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === '' ? url : undefined;
}

const COLOURS_AND_ESCAPES = new RegExp(`(\\u001b\\[[\\d;:]*m)|${ESCAPES.source}`, 'g');
/** Control characters except tab and escape, and characters that change the direction of writing. */
// eslint-disable-next-line no-control-regex -- as above
const CONTROLS = /[\u0000-\u0008\u000a-\u001a\u001c-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const RESET = '\u001b[0m';

/**
 * Makes a line of a command's output safe: keeps its colours, and removes line breaks, other terminal sequences and workflow commands
 * (`##[group]` anywhere in a line).
 */
export function colouredLine(text: string): string {
  let coloured = false;
  const plain = text.replace(COLOURS_AND_ESCAPES, (_, colour: string | undefined) => {
    coloured ||= colour !== undefined;
    return colour ?? '';
  });
  const line = plain.replace(CONTROLS, '').replaceAll('##[', '## [');
  return coloured ? `${line}${RESET}` : line;
}
