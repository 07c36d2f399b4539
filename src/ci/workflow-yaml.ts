/** What JSON can say. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

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
export function renderYaml(map: { [key: string]: Json }, remark: Remark = () => undefined): string {
  return Object.entries(map).map(([key, value]) => entry(key, value, '', remark)).join('');
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

function entry(key: string, value: Json, indent: string, remark: Remark): string {
  // nobody quotes GitHub's `on`, and GitHub reads it as it is meant
  const name = key === 'on' ? key : word(key);
  if (typeof value !== 'object' || value === null) {
    const said = typeof value === 'string' ? remark(key, value) : undefined;
    return `${indent}${name}: ${scalar(value, indent)}${said === undefined ? '' : ` # ${said}`}\n`;
  }
  if (Array.isArray(value)) return value.length === 0 ? `${indent}${name}: []\n` : `${indent}${name}:\n${items(value, `${indent}  `, remark)}`;
  const entries = Object.entries(value);
  return entries.length === 0 ? `${indent}${name}: {}\n` : `${indent}${name}:\n${entries.map(([k, v]) => entry(k, v, `${indent}  `, remark)).join('')}`;
}

function items(list: Json[], indent: string, remark: Remark): string {
  return list.map((item) => `${indent}- ${afterDash(item, indent, remark)}`).join('');
}

/** The first line stands behind the dash. */
function afterDash(item: Json, indent: string, remark: Remark): string {
  if (typeof item !== 'object' || item === null) return `${scalar(item, indent)}\n`;
  const deeper = `${indent}  `;
  const whole = Array.isArray(item)
    ? item.length > 0 && items(item, deeper, remark)
    : Object.keys(item).length > 0 && Object.entries(item).map(([key, value]) => entry(key, value, deeper, remark)).join('');
  return whole ? whole.slice(deeper.length) : `${Array.isArray(item) ? '[]' : '{}'}\n`;
}

function scalar(value: string | number | boolean | null, indent: string): string {
  if (typeof value !== 'string') return String(value);
  if (value.includes('\n') && BLOCK.test(value) && !/ \n/.test(value)) {
    const kept = value.endsWith('\n');
    const lines = (kept ? value.slice(0, -1) : value).split('\n');
    return `|${kept ? '' : '-'}\n${lines.map((line) => (line === '' ? '' : `${indent}  ${line}`)).join('\n')}`;
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
