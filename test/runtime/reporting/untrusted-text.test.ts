import { safeLine } from '../../../src/runtime/reporting/untrusted-text';

describe('a line of text from outside', () => {
  test('stays as it is when it is harmless', () => {
    expect(safeLine('200 in 12 ms, v1.2.3 from http://[::1]:3000/ läuft 🚀')).toBe('200 in 12 ms, v1.2.3 from http://[::1]:3000/ läuft 🚀');
  });

  test.each([
    ['::error::forged', ': :error::forged'],
    ['  \t::stop-commands::x', ': :stop-commands::x'],
    [':::x', ': : :x'],
    ['\u200b::x', ': :x'],
    [':\u200b:x', ': :x'],
    ['\u001b[0m::x', ': :x'],
    ['\u0000::x', ': :x'],
    ['\ufeff::x', ': :x'],
    ['a ##[error]b', 'a ## [error]b'],
    ['###[error]b', '### [error]b'],
    ['##\u0001[error]b', '## [error]b'],
    ['##[##[x', '## [## [x'],
  ])('cannot begin a workflow command: %j', (text, safe) => {
    expect(safeLine(text)).toBe(safe);
  });

  test.each([
    ['a\nb\r\nc\u2028d\u2029e\u0085f\u000bg', 'a b c d ef g'],
    ['\u001b[31;1mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007x', 'x'],
    ['\u001b]8;;http://evil\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u009b31mred', 'red'],
    ['\u001bcx', 'x'],
    ['a\u202egnp.exe', 'agnp.exe'],
    ['a\ud800b', 'ab'],
    ['end\u001b', 'end'],
  ])('is one line without escapes: %j', (text, safe) => {
    expect(safeLine(text)).toBe(safe);
  });

  test('is no longer than allowed and never ends in half a character', () => {
    expect(safeLine('x'.repeat(300), 10)).toBe('xxxxxxxxx…');
    expect(safeLine('🚀🚀🚀🚀', 6)).toBe('🚀🚀…');
    expect(safeLine('x'.repeat(10), 10)).toBe('xxxxxxxxxx');
    expect(safeLine(`${'\u001b['.repeat(10_000_000)}`, 10).length).toBeLessThanOrEqual(10);
  });

  test('is harmless whatever it is made of', () => {
    const pieces = [':', '::', '#', '##[', '[', ']', '\n', '\r', '\u001b', '\u001b[', 'm', '\u009b', ' ', '\t', '\u200b', '\u0000', '\u2028', 'a', '0;', '\\', '\u0007', '\ud83d', '\ude80', '\ufeff', '\u0085'];
    let seed = 1;
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    for (let round = 0; round < 20_000; round += 1) {
      const text = Array.from({ length: random(12) }, () => pieces[random(pieces.length)]).join('');
      const max = 1 + random(10);
      const line = safeLine(text, max);
      // eslint-disable-next-line no-control-regex -- control characters are what this is about
      const harmless = !/^\s*::|##\[|[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/.test(line) && line.length <= max;
      if (!harmless) throw new Error(`not harmless: ${JSON.stringify({ text, max, line })}`);
    }
  });
});
