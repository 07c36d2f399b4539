import { GithubDialect } from '../../../src/runtime/ci/github/log-dialect';
import { TerminalDialect } from '../../../src/runtime/ci/local/log-dialect';
import { Log, openLog } from '../../../src/runtime/ci/log';
import { masker, maskWithin } from '../../../src/runtime/reporting/masking';
import { commandsIn } from '../runner-commands';

function opened(options: { inCi: boolean; secrets?: string[] }): { log: Log; printed: () => string } {
  const written: string[] = [];
  const dialect = options.inCi ? new GithubDialect() : new TerminalDialect();
  const log = openLog({ write: (text) => written.push(text), dialect, secrets: options.secrets ?? [] });
  return { log, printed: () => written.join('') };
}

function printedBy(inCi: boolean, use: (log: Log) => void, secrets: string[] = []): string {
  const { log, printed } = opened({ inCi, secrets });
  use(log);
  return printed();
}

const FORGERIES = [
  '::error::forged',
  '  ::set-output name=go::true',
  '\u00a0::warning::forged',
  'innocent\n::error::forged',
  'innocent\r::stop-commands::x',
  'innocent\r\n::add-mask::e',
  'innocent\u2028::error::forged',
  '##[error]forged',
  'innocent ##[group]forged',
  '\u0000::error::forged',
  '\u001b[0m::error::forged',
  '#\u0000#[error]forged',
  '#\u200b#[error]forged',
  ':\u0007:error::forged',
];

describe("in GitHub's log", () => {
  test('what we say is a line', () => {
    expect(printedBy(true, (log) => log.line('all is well'))).toBe('all is well\n');
  });

  test('a group is opened and closed', () => {
    expect(printedBy(true, (log) => {
      log.group('Deploy v1.2.3');
      log.line('hello');
      log.endGroup();
    })).toBe('::group::Deploy v1.2.3\nhello\n::endgroup::\n');
  });

  test('groups never nest, and none is closed twice', () => {
    const printed = printedBy(true, (log) => {
      log.group('one');
      log.group('two');
      log.endGroup();
      log.endGroup();
    });
    expect(commandsIn(printed)).toEqual(['group', 'endgroup', 'group', 'endgroup']);
  });

  test('an annotation carries its title and all its lines', () => {
    expect(printedBy(true, (log) => log.error('Not done: a, b', 'first\nsecond 100%'))).toBe('::error title=Not done%3A a%2C b::first%0Asecond 100%25\n');
    expect(commandsIn(printedBy(true, (log) => log.notice('t', 'x')))).toEqual(['notice']);
    expect(commandsIn(printedBy(true, (log) => log.warning('t', 'x')))).toEqual(['warning']);
  });

  test.each(FORGERIES.map((text) => [JSON.stringify(text), text]))('%s commands nothing, wherever it is put', (_, text) => {
    expect(commandsIn(printedBy(true, (log) => log.line(text)))).toEqual([]);
    expect(commandsIn(printedBy(true, (log) => log.progress(text)))).toEqual([]);
    expect(commandsIn(printedBy(true, (log) => log.group(text)))).toEqual(['group']);
    expect(commandsIn(printedBy(true, (log) => log.error(text, text)))).toEqual(['error']);
    expect(commandsIn(printedBy(true, (log) => log.commandOutput(text.replace(/^[^]*::add-mask::.*$/, ''))))).toEqual([]);
  });

  test('an annotation stays one line, whatever is in it', () => {
    for (const text of FORGERIES) expect(printedBy(true, (log) => log.error(text, text)).match(/[\r\n]/g)).toEqual(['\n']);
  });

  test("a command's masks pass, because they can only hide", () => {
    expect(printedBy(true, (log) => log.commandOutput('::add-mask::hunter2'))).toBe('::add-mask::hunter2\n');
  });

  test("a command's masks pass only as a whole line of their own", () => {
    expect(commandsIn(printedBy(true, (log) => log.commandOutput('x ::add-mask::y')))).toEqual([]);
    expect(commandsIn(printedBy(true, (log) => log.commandOutput('::add-mask foo=bar::y')))).toEqual([]);
    expect(commandsIn(printedBy(true, (log) => log.commandOutput('::add-mask::y\n::error::forged')))).toEqual(['add-mask']);
  });
});

describe('on a terminal', () => {
  test('nothing is a workflow command', () => {
    expect(commandsIn(printedBy(false, (log) => {
      log.group('Deploy');
      log.line('hello');
      log.error('Not done', 'why');
      log.endGroup();
      log.notice('Done', 'well');
    }))).toEqual([]);
  });

  test('what belongs to a group is indented under its title', () => {
    expect(printedBy(false, (log) => {
      log.group('Deploy v1.2.3');
      log.line('hello');
      log.progress('health: 200');
      log.endGroup();
      log.line('done');
    })).toBe('\nDeploy v1.2.3\n  hello\n    health: 200\ndone\n');
  });

  test('the lines of a text are indented, so that none of them passes for one of ours', () => {
    expect(printedBy(false, (log) => log.error('Not done', 'first\nsecond'))).toBe('error: Not done: first\n    second\n');
  });

  test.each([
    ['moves no cursor', '\u001b[2J\u001b[Hcleared', 'cleared'],
    ['sets no title', '\u001b]0;owned\u0007text', 'text'],
    ['makes no link', '\u001b]8;;https://evil.example.com\u001b\\click\u001b]8;;\u001b\\', 'click'],
    ['overwrites no line', 'text\rsafe', 'text safe'],
    ['does not turn around', 'abc\u202edef', 'abcdef'],
  ])('a text %s', (_, text, shown) => {
    expect(printedBy(false, (log) => log.line(text))).toBe(`${shown}\n`);
  });

  test("a command's mask hides what it names from here on, and is not shown itself", () => {
    expect(printedBy(false, (log) => {
      log.commandOutput('::add-mask::hunter2');
      log.commandOutput('::add-mask::50%25 off');
      log.commandOutput('password hunter2, 50% off');
      log.line('said hunter2');
    })).toBe('  │ password ***, ***\nsaid ***\n');
  });
});

describe("a line of a command's output", () => {
  test.each([true, false])('stands behind a bar (in CI: %s)', (inCi) => {
    expect(printedBy(inCi, (log) => log.commandOutput('hello'))).toBe('  │ hello\n');
  });

  test('keeps its colours, and they end with it', () => {
    expect(printedBy(true, (log) => log.commandOutput('\u001b[32mgreen\u001b[0m and \u001b[1;38;5;196mred'))).toBe('  │ \u001b[32mgreen\u001b[0m and \u001b[1;38;5;196mred\u001b[0m\n');
  });

  test.each([
    ['clears no screen', 'a\u001b[2Jb', 'ab'],
    ['moves no cursor', 'a\u001b[3Ab\u001b7c\u001b8', 'abc'],
    ['sets no title', '\u001b]0;owned\u0007b', 'b'],
    ['rings no bell', 'a\u0007b', 'ab'],
    ['erases nothing', 'ab\b\bcd', 'abcd'],
    ['uses no 8-bit controls', 'a\u009b2Jb', 'ab'],
  ])('%s', (_, text, shown) => {
    expect(printedBy(false, (log) => log.commandOutput(text))).toBe(`  │ ${shown}\n`);
  });

  test('keeps its tabs and its spaces', () => {
    expect(printedBy(true, (log) => log.commandOutput('  a\tb'))).toBe('  │   a\tb\n');
  });

  test('keeps its length, so that an error message is complete', () => {
    expect(printedBy(true, (log) => log.commandOutput('x'.repeat(8000))).length).toBe(8000 + '  │ \n'.length);
  });
});

describe('a secret', () => {
  const secrets = ['hunter2', 'hunter2-and-more', '-----BEGIN KEY-----\nfirst line\nsecond line\n-----END KEY-----\n'];

  test.each([true, false])('is hidden in everything that is said (in CI: %s)', (inCi) => {
    const printed = printedBy(inCi, (log) => {
      log.line('a hunter2 b');
      log.progress('hunter2');
      log.group('hunter2');
      log.commandOutput('hunter2');
      log.notice('hunter2', 'hunter2');
      log.warning('hunter2', 'hunter2');
      log.error('hunter2', 'hunter2\nhunter2');
    }, secrets);
    expect(printed).not.toContain('hunter2');
    expect(printed.match(/\*\*\*/g)).toHaveLength(11);
  });

  test('that holds another one is hidden whole', () => {
    expect(printedBy(true, (log) => log.line('hunter2-and-more'), secrets)).toBe('***\n');
  });

  test('of several lines is hidden whole and line by line', () => {
    expect(printedBy(true, (log) => log.line(`key: ${secrets[2]}`), secrets)).toBe('key: ***\n');
    expect(printedBy(true, (log) => log.error('t', secrets[2]), secrets)).not.toMatch(/first line|second line/);
    expect(printedBy(true, (log) => log.commandOutput('  second line'), secrets)).toBe('  │   ***\n');
  });

  test('is hidden though control characters were put between its letters', () => {
    expect(printedBy(true, (log) => log.line('hun\u0000ter2'), secrets)).toBe('***\n');
    expect(printedBy(true, (log) => log.commandOutput('hun\u0007ter2'), secrets)).toBe('  │ ***\n');
  });

  test('is hidden though a long line is cut within it', () => {
    for (let before = 980; before < 1010; before++) {
      expect(printedBy(true, (log) => log.line(`${'x'.repeat(before)} hunter2`), secrets)).not.toMatch(/h|hu|hun|hunt/);
    }
  });

  test('with a percent sign or a colon is hidden in annotations, where it would be spelt differently', () => {
    expect(printedBy(true, (log) => log.error('a:b%c', 'a:b%c'), ['a:b%c'])).toBe('::error title=***::***\n');
  });

  test.each<[string, (secret: string) => string]>([
    ['in JSON', (secret) => JSON.stringify({ a: secret })],
    ['as a part of a URL', encodeURIComponent],
    ['in a form', (secret) => new URLSearchParams({ a: secret }).toString()],
    ['in the path and the query of an address', (secret) => new URL(`http://h/${secret}?a=${secret}`).href],
    ['as Base64', (secret) => Buffer.from(secret).toString('base64')],
    ['as Base64 after others', (secret) => `${Buffer.from(`u:${secret}`).toString('base64')} ${Buffer.from(`me:${secret}!`).toString('base64')}`],
    ['as Base64 for URLs', (secret) => Buffer.from(`x${secret}`).toString('base64url')],
  ])('is hidden %s', (_, look) => {
    const secret = 'p@ss w0rd/+"\u00ff\\x';
    const printed = printedBy(true, (log) => log.line(look(secret)), [secret]);
    expect(printed).toContain('***');
    // a rest of a group of three bytes may be left at either end
    expect(printed.length - 1).toBeLessThan(look(secret).length / 2 + 8);
  });

  test('that stands behind a scheme is hidden without it, too', () => {
    expect(printedBy(true, (log) => log.line('sent abcdefgh'), ['Bearer abcdefgh'])).toBe('sent ***\n');
  });

  test('that an address would swallow hides nothing else', () => {
    expect(printedBy(true, (log) => log.line('v1.2.3 is live'), ['../', './.', '?ab'])).toBe('v1.2.3 is live\n');
  });

  test('that is empty or very short hides nothing: it would hide everything', () => {
    expect(printedBy(true, (log) => log.line('v1.2.3 is live'), ['', '1', 'v'])).toBe('v1.2.3 is live\n');
  });

  test('is hidden in every text of a plain value', () => {
    const value = { a: ['hunter2', { b: 'x hunter2' }], n: 1, none: undefined, nothing: null, yes: true };
    expect(maskWithin(value, masker(secrets))).toEqual({ a: ['***', { b: 'x ***' }], n: 1, none: undefined, nothing: null, yes: true });
  });
});
