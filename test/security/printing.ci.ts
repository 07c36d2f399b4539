/** What is printed, written for other jobs and put into summaries, whatever the texts are: thousands of them, held against what GitHub reads. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { hostileText, search } from './hostile';
import { BLUE_GREEN } from '../../src/contract/strategies';
import { GithubDialect } from '../../src/runtime/ci/github/log-dialect';
import { openOutputs } from '../../src/runtime/ci/github/outputs';
import { TerminalDialect } from '../../src/runtime/ci/local/log-dialect';
import { Log, openLog } from '../../src/runtime/ci/log';
import { commandBlock, escapeMarkdown, inCode, link, markdownTable } from '../../src/runtime/reporting/markdown';
import { masker } from '../../src/runtime/reporting/masking';
import { pathPicture } from '../../src/runtime/reporting/path-diagram';
import { safeLine } from '../../src/runtime/reporting/untrusted-text';
import { assignmentsOf } from '../../tools/github-actions-emulator/environment-file';
import { commandsIn } from '../runtime/runner-commands';

const hostile = hostileText('/nowhere');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'delivery-printing-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function printed(inCi: boolean, use: (log: Log) => void, secrets: string[] = []): string {
  let text = '';
  use(openLog({ write: (more) => { text += more; }, dialect: inCi ? new GithubDialect() : new TerminalDialect(), secrets }));
  return text;
}

describe('whatever is said in a job', () => {
  const SAID: Record<string, [(log: Log, text: string) => void, string[]]> = {
    'a line': [(log, text) => log.line(text), []],
    'what a probe saw': [(log, text) => log.progress(text), []],
    'the title of a group': [(log, text) => log.group(text), ['group']],
    'a notice': [(log, text) => log.notice(text, text), ['notice']],
    'a warning': [(log, text) => log.warning(text, text), ['warning']],
    'an error': [(log, text) => log.error(text, text), ['error']],
  };

  test.each(Object.entries(SAID))('%s is one line, and no other command than ours', (_, [say, commands]) => {
    fc.assert(fc.property(hostile, (text) => {
      const line = printed(true, (log) => say(log, text));
      expect(commandsIn(line)).toEqual(commands);
      expect(line.match(/[\r\n\u0085\u2028\u2029]/g)).toEqual(['\n']);
      expect(line).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    }), search(1500));
  });

  test("a command's output commands nothing, but that something be hidden", () => {
    fc.assert(fc.property(hostile, (text) => {
      const lines = printed(true, (log) => log.commandOutput(text)).split('\n').slice(0, -1);
      expect(lines.filter((line) => !line.startsWith('  │ ') && !/^::add-mask::[^\r\n]*$/.test(line))).toEqual([]);
      expect(lines.flatMap((line) => commandsIn(line)).filter((command) => command !== 'add-mask')).toEqual([]);
    }), search(1500));
  });
});

test('outputs are read back as they were meant, and no other is', () => {
  const file = join(folder, 'outputs');
  fc.assert(fc.property(hostile, hostile, (one, other) => {
    writeFileSync(file, '');
    openOutputs({ GITHUB_OUTPUT: file }).set({ release: one, config: other });
    // the runner ends every line with \n
    const asRead = (text: string) => Buffer.from(text).toString().replace(/\r\n?/g, '\n');
    const read = [...assignmentsOf(readFileSync(file, 'utf8'))].map(([name, value]) => [name, asRead(value)]);
    expect(read).toEqual([['release', asRead(one)], ['config', asRead(other)]]);
  }), search(400));
});

describe('in a summary', () => {
  /** Letters, spaces and marks without a meaning; entities; our own elements around an entity. */
  const INERT = /^(?:[^\\`*_{}[\]()#+!|<>~&@:"'$^=\p{Cc}\u2028\u2029]|&#\d+;|<span>&#(?:64|35);<\/span>)*$/u;
  const decoded = (markdown: string) => markdown
    .replace(/<\/?(?:span|code)>/g, '')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));

  test('a text is shown as it is, and nothing in it means anything', () => {
    fc.assert(fc.property(hostile, (text) => {
      const shown = escapeMarkdown(text);
      expect(shown).toMatch(INERT);
      expect(shown).not.toMatch(/^[-.\d]|www\.|^\s|\s$/);
      expect(decoded(shown)).toBe(safeLine(text, 300));
      expect(inCode(text).replace(/^<code>|<\/code>$/g, '')).toMatch(INERT);
      expect(decoded(inCode(text))).toBe(safeLine(text, 300));
    }), search(3000));
  });

  test('a table keeps its shape', () => {
    fc.assert(fc.property(hostile, hostile, (one, other) => {
      const [, , row, ...more] = markdownTable(['a', 'b'], [[escapeMarkdown(one), inCode(other)]]).split('\n');
      expect(more).toEqual([]);
      expect(row.match(/\|/g)).toHaveLength(3);
    }), search(1000));
  });

  test('a link goes where it was meant to go, or is none', () => {
    fc.assert(fc.property(hostile, fc.oneof(hostile, hostile.map((text) => `https://ours.example.com/${text}`)), (text, address) => {
      const shown = link(text, address);
      const [, label, target] = /^\[(.*)\]\(<([^<>]*)>\)$/s.exec(shown) ?? [undefined, shown, undefined];
      expect(label).toMatch(INERT);
      if (target === undefined) return;
      expect(target).not.toMatch(/[\s\\|`\p{Cc}]/u);
      expect(new URL(target).protocol).toMatch(/^https?:$/);
      expect(new URL(target).username).toBe('');
    }), search(1500));
  });

  test('a command to copy stays in its block', () => {
    fc.assert(fc.property(hostile, (text) => {
      const lines = commandBlock(text).split('\n');
      expect(lines).toHaveLength(3);
      expect(lines[1]).not.toContain('```');
    }), search(1000));
  });

  test('a picture holds nothing but what a time is made of', () => {
    const shape = (picture: string) => picture.replace(/<br\/>[\w .]*/g, '<br/>');
    fc.assert(fc.property(hostile, (text) => {
      const picture = pathPicture({ steps: BLUE_GREEN.steps, path: ['deploying', 'verifying'], times: { deploying: `x${text}` } });
      const plain = pathPicture({ steps: BLUE_GREEN.steps, path: ['deploying', 'verifying'], times: { deploying: 'x' } });
      expect(shape(picture)).toBe(shape(plain));
    }), search(500));
  });
});

describe('a secret', () => {
  const MARK = 'S3CR3T';
  /** Made of anything, and with a mark in the middle that stands nowhere else. */
  const secret = fc.tuple(hostile, hostile).map(([before, after]) => `${before.slice(0, 60)}${MARK}${after.slice(0, 60)}`.trim());

  test('is never shown, whatever it is made of and wherever it stands', () => {
    fc.assert(fc.property(secret, hostile, hostile, (hidden, before, after) => {
      expect(masker([hidden])(`${before}${hidden}${after}`)).not.toContain(MARK);
    }), search(2000));
  });

  test.each<[string, (secret: string) => string]>([
    ['in JSON', (hidden) => JSON.stringify({ a: hidden })],
    ['in a form', (hidden) => new URLSearchParams({ a: hidden }).toString()],
    ['in the query of an address', (hidden) => `https://h/?a=${new URLSearchParams({ a: hidden }).toString().slice(2).replaceAll('+', '%20')}`],
  ])('is not shown %s', (_, look) => {
    fc.assert(fc.property(secret, (hidden) => expect(masker([hidden])(look(hidden))).not.toContain(MARK)), search(1000));
  });

  test.each([true, false])('is not in what is printed (in CI: %s)', (inCi) => {
    fc.assert(fc.property(secret, hostile, (hidden, text) => {
      const all = printed(inCi, (log) => {
        log.line(`${text}${hidden}`);
        log.progress(hidden);
        log.group(`${text} ${hidden}`);
        log.error(hidden, `${text}\n${hidden}`);
        // a command prints lines
        for (const line of hidden.split(/\r\n|[\r\n]/)) log.commandOutput(`> ${line}`);
      }, [hidden]);
      expect(all).not.toContain(MARK);
    }), search(1500));
  });
});
