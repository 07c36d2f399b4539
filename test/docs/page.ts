/** A page of the documentation that can be executed: its files, its commands, and the output that it shows. */

/** Writes a file: a block after a line that is `` `path`: `` and nothing else. */
interface FileBlock {
  readonly kind: 'file';
  readonly line: number;
  readonly path: string;
  readonly text: string;
}

/** Runs commands: a block in `sh`. `background` after it means a second terminal, `exit=1` the exit code. */
export interface CommandBlock {
  readonly kind: 'commands';
  readonly line: number;
  readonly text: string;
  readonly isBackground: boolean;
  readonly exitCode: number;
}

/** Shows what the commands before it print: a block in `text`. A line `…` stands for any lines, a `…` in a line for any text. */
export interface OutputBlock {
  readonly kind: 'output';
  readonly line: number;
  readonly text: string;
}

export type Block = FileBlock | CommandBlock | OutputBlock;

/** The blocks of a page, or of one of its sections. A block of another kind is an error: it could not be checked. */
export function blocksOf(markdown: string, section?: string): Block[] {
  const lines = markdown.split('\n');
  const [from, to] = section === undefined ? [0, lines.length] : extentOf(lines, section);
  const blocks: Block[] = [];
  for (let i = from; i < to; i += 1) {
    const [, info] = /^```(.*)$/.exec(lines[i]) ?? [];
    if (info === undefined) continue;
    const end = lines.indexOf('```', i + 1);
    if (end < 0) throw new Error(`line ${i + 1}: the block has no end`);
    const block = blockOf(info, lines.slice(i + 1, end).join('\n') + '\n', i + 1, lines.slice(0, i).filter((other) => other !== '').at(-1) ?? '');
    if (block.kind === 'output' && blocks.filter(({ kind }) => kind !== 'output').at(-1)?.kind !== 'commands') throw new Error(`line ${i + 1}: the output belongs to no commands`);
    blocks.push(block);
    i = end;
  }
  return blocks;
}

function extentOf(lines: readonly string[], section: string): [number, number] {
  const from = lines.indexOf(`## ${section}`);
  if (from < 0) throw new Error(`there is no section "${section}"`);
  const length = lines.slice(from + 1).findIndex((line) => line.startsWith('## '));
  return [from, length < 0 ? lines.length : from + 1 + length];
}

function blockOf(info: string, text: string, line: number, before: string): Block {
  const [language, ...words] = info.split(' ');
  const [, path] = /^`([^`]+)`:$/.exec(before) ?? [];
  if (path !== undefined) return { kind: 'file', line, path, text };
  if (language === 'text' && words.length === 0) return { kind: 'output', line, text };
  const unknown = words.find((word) => !/^(background|exit=\d+)$/.test(word));
  if (language !== 'sh' || unknown !== undefined) throw new Error(`line ${line}: a block "${info}" is neither a file (named in the line before it), nor sh, nor text`);
  return { kind: 'commands', line, text, isBackground: words.includes('background'), exitCode: Number(words.find((word) => word.startsWith('exit='))?.slice(5) ?? 0) };
}

/** Times, dates, commits and the widths of columns differ from run to run. */
function normalized(line: string): string {
  return line
    .replace(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, '<date>')
    .replace(/\b(?=[a-f]*\d)[0-9a-f]{7}\b/g, '<commit>')
    .replace(/\b\d+(\.\d+)? (ms|s|min)\b/g, '<time>')
    .replace(/-{3,}/g, '---')
    .replace(/ {2,}/g, '  ')
    .trimEnd();
}

/** The first shown line that the real output does not have where the page has it; undefined if page and reality agree. */
export function differenceOf(shown: string, real: string): string | undefined {
  const actual = real.split('\n').map(normalized);
  let next = 0;
  let isFree = true;
  for (const line of shown.trimEnd().split('\n')) {
    if (line.trim() === '…') {
      isFree = true;
      continue;
    }
    const expected = patternOf(line);
    const found = isFree ? actual.findIndex((candidate, i) => i >= next && expected.test(candidate)) : next;
    if (found < 0 || found >= actual.length || !expected.test(actual[found])) return line;
    next = found + 1;
    isFree = false;
  }
  return undefined;
}

function patternOf(line: string): RegExp {
  const parts = normalized(line).split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
