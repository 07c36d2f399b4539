import { safeLine, webUrl } from './untrusted-text';

/** Every mark that Markdown, HTML or GitHub could take for more than a letter. The rest never means anything inside a line. */
const MARKS = /[\\`*_{}[\]()#+!|<>~&@:"'$^=]/g;
/** GitHub looks for addresses, mentions and numbers of issues in what it has rendered, entities resolved: an element of its own parts these. */
const RENDERED = '@#';

/**
 * Text from anywhere, shown as it is: no HTML, links, mentions, tables, formulas or emoji names.
 * One line, at most `max` characters long.
 */
export function escapeMarkdown(text: string, max = 300): string {
  return inert(safeLine(text, max))
    // a line may begin with it: a list, a heading's underline, a number
    .replace(/^[-.\d]/, (first) => entity(first));
}

/** The same in a fixed-width font; GitHub looks for no mention, reference or link in it. */
export function inCode(text: string, max = 300): string {
  return `<code>${inert(safeLine(text, max))}</code>`;
}

/** A link, where the address is one that a browser may follow; else the text alone. */
export function link(text: string, address: string): string {
  const url = webUrl(address);
  return url === undefined ? escapeMarkdown(text) : `[${escapeMarkdown(text)}](<${url.href.replace(/[<>\\|`\s@]/g, encodeURIComponent)}>)`;
}

/** Cells are Markdown already. Columns named in `numbers` are set flush right. */
export function markdownTable(headers: readonly string[], rows: readonly (readonly string[])[], numbers: readonly string[] = []): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(headers), line(headers.map((header) => (numbers.includes(header) ? '--:' : ':--'))), ...rows.map(line)].join('\n');
}

/** A command to copy. It is cut nowhere: half a command is worse than none. */
export function commandBlock(command: string): string {
  return ['```sh', safeLine(command, 2000).replaceAll('```', "'``'`"), '```'].join('\n');
}

function inert(line: string): string {
  return line
    .replace(MARKS, (mark) => (RENDERED.includes(mark) ? `<span>${entity(mark)}</span>` : entity(mark)))
    .replace(/www\./gi, (www) => `${www.slice(0, 3)}&#46;`);
}

function entity(character: string): string {
  return `&#${character.codePointAt(0)};`;
}
