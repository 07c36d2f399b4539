import { versionOf } from '../pins';

/** What follows `- ` and indentation: a key as it is written, and its value, or what is no entry of a map. */
interface Line {
  /** Indentation and dashes. */
  readonly lead: string;
  readonly key?: string;
  readonly value: string;
}

const DOUBLE_QUOTED = '"(?:[^"\\\\]|\\\\.)*"';
const SINGLE_QUOTED = '\'(?:[^\']|\'\')*\'';
const LINE = new RegExp(`^( *(?:- )*)(?:(${DOUBLE_QUOTED}|${SINGLE_QUOTED}|[^"'#\\s].*?):(?: |$))?(.*)$`, 's');
const BLOCK = /^[|>][-+\d]*$/;
const WHOLE_QUOTED = new RegExp(`^(?:${DOUBLE_QUOTED}|${SINGLE_QUOTED})$`, 's');
/** The line on which a quoted text that began on an earlier one ends. */
const ENDS: Record<string, RegExp> = { '"': /^(?:[^"\\]|\\.)*"$/s, '\'': /^(?:[^']|'')*'$/s };

/** These are short, and a reviewer reads them as one thing. */
const IN_ONE_LINE = new Set(['needs', 'options', 'concurrency', 'environment', 'with', 'env', 'outputs']);
const LONGEST_MAP = 120;
const SIMPLE_KEY = new RegExp(`^(?:${DOUBLE_QUOTED}|[\\w./-]+)$`, 's');
/** It means the same between brackets; numbers, truth values and null are all of this kind. */
const SIMPLE_VALUE = /^[\w./$+-][\w./$@%+=&()*!|<>~': -]*$/;
/** What is no plain text: a block, a map or list, a key. */
const NOT_PLAIN = /^(?:[|>{[&*!%@`#?,"']|- |$)|: |:$/s;

/** What a reviewer would ask of a permission. */
const PURPOSES: Record<string, Record<string, string>> = {
  'actions': { read: 'finds artifacts, and whether other runs are at work', write: 'sees whether other runs are at work, and starts runs' },
  'contents': { write: 'writes a ref: the lock, or the status page' },
  'deployments': { read: 'reads the ledger', write: 'writes the ledger' },
  'issues': { write: 'opens and closes the issue about an environment' },
  'id-token': { write: 'signs in by OpenID Connect' },
};

/**
 * Makes a workflow, as projen writes it, shorter and easier to review: short lists and maps take one line, the version stands behind
 * the commit that an action is pinned to, and the purpose behind a permission. The only change of meaning: a workflow that names
 * no permissions gets none.
 */
export function finishedWorkflow(text: string): string {
  const lines = text.split('\n');
  const finished: string[] = [];
  for (let at = 0; at < lines.length;) {
    const line = read(lines[at]);
    // A key of several lines: no workflow has one.
    if (line.value.startsWith('? ')) return withoutPermissions(text);
    const end = afterText(lines, at, line);
    const short = end === at + 1 ? inOneLine(lines, at, line) : undefined;
    if (short) finished.push(short.text);
    else finished.push(lines[at] + remark(line), ...lines.slice(at + 1, end));
    at = short?.end ?? end;
  }
  return withoutPermissions(finished.join('\n'));
}

function read(text: string): Line {
  const [, lead, key, value] = LINE.exec(text)!;
  return { lead, key, value };
}

/** Keys of the workflow itself are the only text that is not indented. */
function withoutPermissions(text: string): string {
  return text.includes('\npermissions:') ? text : text.replace('\njobs:', '\npermissions: {}\njobs:');
}

/** @returns the index behind the last line of the text that begins in a line */
function afterText(lines: string[], at: number, { lead, key, value }: Line): number {
  let end = at + 1;
  if (BLOCK.test(value)) {
    const indent = ' '.repeat(key === undefined ? lead.length : lead.length + 1);
    while (end < lines.length && (lines[end].trim() === '' || lines[end].startsWith(indent))) end += 1;
  } else if (value[0] in ENDS && !WHOLE_QUOTED.test(value)) {
    while (end < lines.length && !ENDS[value[0]].test(lines[end])) end += 1;
    end += 1;
  }
  return end;
}

/** A list or map of one-line values below a key. */
function inOneLine(lines: string[], at: number, { lead, key, value }: Line): { text: string; end: number } | undefined {
  if (key === undefined || value !== '' || !IN_ONE_LINE.has(key)) return undefined;
  const indent = ' '.repeat(lead.length + 2);
  let end = at + 1;
  while (end < lines.length && lines[end].startsWith(indent)) end += 1;
  const inside = lines.slice(at + 1, end).map((line) => line.slice(indent.length));
  const text = inside[0]?.startsWith('- ') ? list(inside) : map(inside);
  return text === undefined ? undefined : { text: `${lead}${key}: ${text}`, end };
}

function list(lines: string[]): string | undefined {
  const items = lines.map((line) => (line.startsWith('- ') ? between(line.slice(2)) : undefined));
  return items.includes(undefined) ? undefined : `[${items.join(', ')}]`;
}

function map(lines: string[]): string | undefined {
  const entries = lines.map((line) => {
    const { lead, key, value } = read(line);
    const short = between(value);
    return lead !== '' || key === undefined || !SIMPLE_KEY.test(key) || short === undefined || value.includes('"') ? undefined : `${key}: ${short}`;
  });
  if (entries.length === 0 || entries.includes(undefined)) return undefined;
  const text = `{ ${entries.join(', ')} }`;
  return text.length > LONGEST_MAP ? undefined : text;
}

/** A value as it stands between brackets; undefined for what is no value of one line. */
function between(value: string): string | undefined {
  if (WHOLE_QUOTED.test(value) || SIMPLE_VALUE.test(value) && !NOT_PLAIN.test(value)) return value;
  return NOT_PLAIN.test(value) ? undefined : JSON.stringify(value);
}

function remark({ key, value }: Line): string {
  const said = key === undefined ? undefined : key === 'uses' ? versionOf(value) : PURPOSES[key]?.[value];
  return said === undefined ? '' : ` # ${said}`;
}
