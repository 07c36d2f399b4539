import { execFileSync } from 'node:child_process';
import { shellCommand, shellWord } from '../../../src/engines/servers/runtime/shell-quoting';
import { Random } from '../../random';

const AWKWARD = ['', 'plain', 'it\'s', '\'\'', '$HOME', '`id`', '$(id)', '\\', 'a\\\'b', '"x"', '*', '~', '#', '-n', '--', 'a b', 'a\tb', 'a\nb\n', '!x', '=x', 'a=b', '{a,b}', 'é\u{1f600}', '; rm -rf /', '|', '&', '<', '>', '(', ')'];

/** What a shell splits a line into. */
function words(line: string): string[] {
  return execFileSync('sh', ['-c', `for word in ${line}; do printf '%s\\0' "$word"; done`], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

test('a shell reads exactly the words that were given', () => {
  expect(words(shellCommand(AWKWARD))).toEqual(AWKWARD);
});

test('a shell reads exactly random words', () => {
  const random = new Random(15);
  const pieces = [...AWKWARD.join(''), ...'abcXYZ019'];
  const all = Array.from({ length: 400 }, () => Array.from({ length: random.below(12) }, () => random.oneOf(pieces)).join(''));
  expect(words(shellCommand(all))).toEqual(all);
});

test('no argument can hold NUL', () => {
  expect(() => shellWord('a\0b')).toThrow(RangeError);
});

test('plain words stay readable', () => {
  expect(shellCommand(['sh', '-s', '--', '/srv/shop', 'a b'])).toBe('sh -s -- /srv/shop \'a b\'');
});
