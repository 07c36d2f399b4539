/** What JSON can say; what is undefined is left out of a map. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };

/** A remark behind a value: `uses: actions/checkout@3d3c... # v7.0.1`. Undefined where none is wanted. */
export type Remark = (key: string, value: string) => string | undefined;

/** Text that needs no quotes, in a block and as a whole line: it is no other type, no indicator and no comment. */
const PLAIN = /^(?:[A-Za-z/(\\<$]|\.(?=[a-z/])(?!inf|nan))[^\0-\x1f\x7f-\uffff]*$/i;
const NOT_PLAIN = /: |:$| #| $|^(?:null|true|false|yes|no|on|off|y|n|<<)$/i;
/** Lines that a block keeps as they are: the first is not indented, none ends in a space, at most one ends the text. */
const BLOCK = /^[^\0-\x20\x7f-\uffff#][^\0-\x09\x0b-\x1f\x7f-\uffff]*\n[^\0-\x09\x0b-\x1f\x7f-\uffff]*[^\n \0-\x1f\x7f-\uffff]\n?$/;

/**
 * YAML as a person would write it: of a map (the whole of a workflow) blocks, two spaces deep. projen's writer allows no remarks,
 * and takes most of a synthesis for large workflows; this one only knows what JSON knows.
 */
export function renderYaml(map: { [key: string]: Json | undefined }, remark: Remark = () => undefined): string {
  return block(map, '', remark);
}

/** Empty where the map is. The first line may begin otherwise than the others. */
function block(map: { [key: string]: Json | undefined }, indent: string, remark: Remark, first = indent): string {
  let text = '';
  for (const [key, value] of Object.entries(map)) {
    if (value !== undefined) text += (text === '' ? first : indent) + entry(key, value, `${indent}  `, remark);
  }
  return text;
}

/** Words as they are written: a workflow has thousands, and few different ones. */
const words = new Map<string, string>();

function word(text: string): string {
  const known = words.get(text);
  if (known !== undefined) return known;
  const written = isPlain(text) ? text : quoted(text);
  words.set(text, written);
  return written;
}

/** @param indent of what is inside */
function entry(key: string, value: Json, indent: string, remark: Remark): string {
  // nobody quotes GitHub's `on`, and GitHub reads it as it is meant
  const name = key === 'on' ? key : word(key);
  if (typeof value !== 'object' || value === null) {
    const said = typeof value === 'string' ? remark(key, value) : undefined;
    return `${name}: ${scalar(value, indent)}${said === undefined ? '' : ` # ${said}`}\n`;
  }
  const line = IN_ONE_LINE.has(key) ? flow(value) : undefined;
  if (line !== undefined) return `${name}: ${line}\n`;
  const inside = Array.isArray(value) ? items(value, indent, remark) : block(value, indent, remark);
  return inside === '' ? `${name}: ${empty(value)}\n` : `${name}:\n${inside}`;
}

/** What a person writes in one line where it is short: it is read more often than changed, and does not grow by lines. */
const IN_ONE_LINE = new Set(['needs', 'options', 'concurrency', 'environment', 'with', 'env', 'outputs']);
const LONGEST_MAP = 120;

/** A list of texts, or a short map of plain values; undefined for what is better read in lines of its own. */
function flow(value: Json[] | { [key: string]: Json | undefined }): string | undefined {
  if (Array.isArray(value)) {
    return value.length > 0 && value.every((one) => typeof one === 'string') ? `[${value.map((one) => flowWord(one as string)).join(', ')}]` : undefined;
  }
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  const isPlainMap = entries.length > 0 && entries.every(([, one]) => typeof one !== 'object' && !(typeof one === 'string' && /[\n"]/.test(one)));
  if (!isPlainMap) return undefined;
  const text = `{ ${entries.map(([key, one]) => `${flowWord(key)}: ${typeof one === 'string' ? flowWord(one) : String(one)}`).join(', ')} }`;
  return text.length > LONGEST_MAP ? undefined : text;
}

function flowWord(text: string): string {
  return /[,[\]{}]/.test(text) ? quoted(text) : word(text);
}

function items(list: Json[], indent: string, remark: Remark, first = indent): string {
  let text = '';
  for (const one of list) {
    const dash = `${text === '' ? first : indent}- `;
    text += item(one, dash, `${indent}  `, remark);
  }
  return text;
}

/** Its first line stands behind the dash. */
function item(value: Json, dash: string, indent: string, remark: Remark): string {
  if (typeof value !== 'object' || value === null) return `${dash}${scalar(value, indent)}\n`;
  const inside = Array.isArray(value) ? items(value, indent, remark, dash) : block(value, indent, remark, dash);
  return inside === '' ? `${dash}${empty(value)}\n` : inside;
}

function empty(value: object): string {
  return Array.isArray(value) ? '[]' : '{}';
}

/** @param indent of the lines of a text that has several */
function scalar(value: string | number | boolean | null, indent: string): string {
  if (typeof value !== 'string') return String(value);
  if (value.includes('\n') && BLOCK.test(value) && !/ \n/.test(value)) {
    const kept = value.endsWith('\n');
    const lines = (kept ? value.slice(0, -1) : value).split('\n');
    return `|${kept ? '' : '-'}\n${lines.map((line) => (line === '' ? '' : `${indent}${line}`)).join('\n')}`;
  }
  return word(value);
}

function isPlain(text: string): boolean {
  return PLAIN.test(text) && !NOT_PLAIN.test(text);
}

/** As JSON has it, which YAML reads; but it leaves characters as they are that YAML wants escaped. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
