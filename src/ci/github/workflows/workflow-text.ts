import { CommandName, runtimeLine } from '../../../contract/command-line';
import { versionOf } from '../pins';

/** A line: a key and its value, or another value without a key. */
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
/** Matches the last line of a quoted text of several lines. */
const ENDS: Record<string, RegExp> = { '"': /^(?:[^"\\]|\\.)*"$/s, '\'': /^(?:[^']|'')*'$/s };

/** The keys whose short values take one line. */
const IN_ONE_LINE = new Set(['needs', 'options', 'concurrency', 'environment', 'with', 'env', 'outputs']);
const LONGEST_MAP = 120;
const SIMPLE_KEY = new RegExp(`^(?:${DOUBLE_QUOTED}|[\\w./-]+)$`, 's');
/** Values with the same meaning between brackets, numbers, booleans and null included. */
const SIMPLE_VALUE = /^[\w./$+-][\w./$@%+=&()*!|<>~': -]*$/;
/** Values that are not plain text: a block, a map, a list or a key. */
const NOT_PLAIN = /^(?:[|>{[&*!%@`#?,"']|- |$)|: |:$/s;

/** The purpose of a permission, for reviewers. */
const PURPOSES: Record<string, Record<string, string>> = {
  'actions': { read: 'finds artifacts, and whether other runs are at work', write: 'sees whether other runs are at work, and starts runs' },
  'contents': { write: 'writes a ref: the lock, or the status page' },
  'deployments': { read: 'reads the ledger', write: 'writes the ledger' },
  'issues': { write: 'opens and closes the issue about an environment' },
  'id-token': { write: 'signs in by OpenID Connect' },
  'pull-requests': { write: 'writes the comment with the plan' },
};

/** The comment is about the preview. */
const PURPOSES_IN_PREVIEWS: typeof PURPOSES = { ...PURPOSES, 'pull-requests': { read: 'reads whether the pull request is open', write: 'writes the comment with the result' } };

/** Where pull requests are planned, it finds no artifacts. */
const PURPOSES_IN_PLANS: typeof PURPOSES = { ...PURPOSES, actions: { read: 'reads who must approve a deployment' } };
const PURPOSES_WITH_CHANGES: typeof PURPOSES = { ...PURPOSES, actions: { read: 'reads who must approve a deployment, or the files of the merge' } };

/**
 * Makes a workflow shorter and easier to review: short lists and maps take one line, and comments show the version of a pinned action and the
 * purpose of a permission. A workflow without permissions gets an empty map, the only change of meaning.
 */
export function finishedWorkflow(text: string): string {
  const runs = (command: CommandName) => text.includes(runtimeLine(command));
  const purposes = runs('comment-preview') ? PURPOSES_IN_PREVIEWS : runs('plan-changes') ? PURPOSES_WITH_CHANGES : runs('plan-merge') ? PURPOSES_IN_PLANS : PURPOSES;
  const lines = text.split('\n');
  const finished: string[] = [];
  for (let at = 0; at < lines.length;) {
    const line = read(lines[at]);
    // a key of several lines: no workflow has one
    if (line.value.startsWith('? ')) return withoutPermissions(text);
    const end = afterText(lines, at, line);
    const short = end === at + 1 ? inOneLine(lines, at, line) : undefined;
    if (short) finished.push(short.text);
    else finished.push(lines[at] + remark(line, purposes), ...lines.slice(at + 1, end));
    at = short?.end ?? end;
  }
  return withoutPermissions(finished.join('\n'));
}

function read(text: string): Line {
  const [, lead, key, value] = LINE.exec(text)!;
  return { lead, key, value };
}

/** Only the workflow's own keys are not indented. */
function withoutPermissions(text: string): string {
  return text.includes('\npermissions:') ? text : text.replace('\njobs:', '\npermissions: {}\njobs:');
}

/** Returns the index after the last line of a value. */
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

/** Writes a list or map of one-line values in one line. */
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

/** Returns a value as written between brackets; undefined if it is not on one line. */
function between(value: string): string | undefined {
  if (WHOLE_QUOTED.test(value) || SIMPLE_VALUE.test(value) && !NOT_PLAIN.test(value)) return value;
  return NOT_PLAIN.test(value) ? undefined : JSON.stringify(value);
}

function remark({ key, value }: Line, purposes: typeof PURPOSES): string {
  const said = key === undefined ? undefined : key === 'uses' ? versionOf(value) : purposes[key]?.[value];
  return said === undefined ? '' : ` # ${said}`;
}
