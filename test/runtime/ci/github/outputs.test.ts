import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openOutputs } from '../../../../src/runtime/ci/github/outputs';

let folder: string;
const at = (name: string) => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'delivery-outputs-'));
  writeFileSync(at('output'), 'before=1\n');
  writeFileSync(at('summary'), 'before\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (secrets: string[] = []) => openOutputs({ GITHUB_OUTPUT: at('output'), GITHUB_STEP_SUMMARY: at('summary') }, secrets);

/** As GitHub's runner reads the file. */
function outputs(): Record<string, string> {
  const lines = readFileSync(at('output'), 'utf8').split('\n');
  const read: Record<string, string> = {};
  for (let i = 0; i < lines.length - 1; i++) {
    const [, name, delimiter] = /^([^=<]+)<<(.+)$/.exec(lines[i]) ?? [];
    if (delimiter === undefined) {
      read[lines[i].slice(0, lines[i].indexOf('='))] = lines[i].slice(lines[i].indexOf('=') + 1);
      continue;
    }
    const end = lines.indexOf(delimiter, i);
    read[name] = lines.slice(i + 1, end).join('\n');
    i = end;
  }
  return read;
}

describe("a step's outputs", () => {
  test('are added to those that are there', () => {
    open().set({ go: 'true', stable: '' });
    open().set({ url: 'https://x' });
    expect(outputs()).toEqual({ before: '1', go: 'true', stable: '', url: 'https://x' });
  });

  test('hold what they are given, whatever it is', () => {
    const values = { lines: 'a\nb\n', forged: 'x\ngo=true\nEOF\ngo<<EOF\ntrue\nEOF', json: '{"a":"b"}', odd: '<<=%0A::error::' };
    open().set(values);
    expect(outputs()).toEqual({ before: '1', ...values });
  });

  test('cannot end each other: a delimiter is never used twice', () => {
    open().set({ a: '1', b: '2' });
    open().set({ c: '3' });
    const delimiters = [...readFileSync(at('output'), 'utf8').matchAll(/<<(.+)/g)].map(([, delimiter]) => delimiter);
    expect(new Set(delimiters).size).toBe(3);
    expect(delimiters[0]).toMatch(/^delivery-[0-9a-f-]{36}$/);
  });
});

describe("a job's summary", () => {
  test('grows', () => {
    open().summary('## one');
    open().summary('## two');
    expect(readFileSync(at('summary'), 'utf8')).toBe('before\n## one\n## two\n');
  });

  test('holds no secret', () => {
    open(['hunter2']).summary('a hunter2 b');
    expect(readFileSync(at('summary'), 'utf8')).toBe('before\na *** b\n');
  });
});

test('on a laptop nothing is written', () => {
  const outside = openOutputs({});
  outside.set({ go: 'true' });
  outside.summary('## one');
  expect(readFileSync(at('output'), 'utf8')).toBe('before=1\n');
});
