import { globPattern } from '../../../src/monitoring/exports/gatus/conditions';
import { portablePattern } from '../../../src/monitoring/exports/portable-pattern';

const pattern = (source: string) => portablePattern('health check \'health\' bodyPattern', source, 'the blackbox exporter');

// What Go makes of these, and of thousands of others, is compared with JavaScript in expressions.ci.ts.
test.each([
  ['^ok$', '^ok$'],
  ['"status":\\s*"up"', '"status":[\\t\\n\\v\\f\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}]*"up"'],
  ['a.c', 'a[^\\n\\r\\x{2028}\\x{2029}]c'],
  ['(a|b)\\.(?:\\d{1,3})+?', '(a|b)\\.(?:\\d{1,3})+?'],
  ['\\{x\\}', '\\{x\\}'],
  ['\\u00e9\\xe9é', '\\x{00e9}\\xe9é'],
  ['[a-z0-9_.-]', '[a-z0-9_.-]'],
  ['[^\\]\\d]', '[^\\]\\d]'],
  ['[-a]', '[-a]'],
  ['[\\u0041-\\u005a]', '[\\x{0041}-\\x{005a}]'],
  ['a{1000}b{1000}', 'a{1000}b{1000}'],
  ['(a{10}|b){100}', '(a{10}|b){100}'],
  ['', ''],
])('%j is portable, and is %j for RE2', (source, expected) => {
  expect(pattern(source)).toBe(expected);
});

test.each([
  ['a(?=b)', 'look-around (\'(?=b)\')', 'Write a pattern without it, or use two conditions'],
  ['a(?!b)', 'look-around', ''],
  ['(?<=a)b', 'look-around', ''],
  ['(?<!a)b', 'look-around', ''],
  ['(?<n>a)', 'a named group', 'Write (...)'],
  ['(a)\\1', 'a back-reference', 'Repeat the text'],
  ['{x}', 'a bracket that is not escaped', 'Write a backslash before it'],
  ['a]', 'a bracket that is not escaped', ''],
  ['[[:alpha:]]', 'a character class outside of the portable subset', 'In brackets use'],
  ['[^]', 'a character class outside of the portable subset', ''],
  ['[]', 'a character class outside of the portable subset', ''],
  ['[a-\\d]', 'a character class outside of the portable subset', ''],
  ['[\\b]', 'a character class outside of the portable subset', ''],
  ['[😀]', 'a character class outside of the portable subset', ''],
  ['\\a', 'an escape outside of the portable subset', 'Write the character itself'],
  ['\\p{L}', 'an escape outside of the portable subset', ''],
  ['\\cJ', 'an escape outside of the portable subset', ''],
  ['\\0', 'an escape outside of the portable subset', ''],
  ['😀', 'a character beyond U+FFFF', 'Write . in its place'],
  ['\\ud83d\\ude00', 'a character beyond U+FFFF', ''],
])('%j is rejected: it has %s', (source, construct, fix) => {
  expect(() => pattern(source)).toThrow(`health check 'health' bodyPattern: '${source.replaceAll('\\', '\\\\')}' has ${construct}`);
  expect(() => pattern(source)).toThrow('which RE2 does not interpret as JavaScript does, and the blackbox exporter uses RE2');
  expect(() => pattern(source)).toThrow(fix);
});

test.each(['a{1001}', '(a{40}){40}', '((a{2}b){20}c){30}'])('%j is rejected: it repeats too often', (source) => {
  expect(() => pattern(source)).toThrow('repeats a part more than 1000 times, which RE2 does not support, and the blackbox exporter uses RE2. Use smaller counts');
});
test.each([
  ['ok', { glob: '*ok*', isAnchored: false, crossesLines: false }],
  ['^ok$', { glob: 'ok', isAnchored: true, crossesLines: false }],
  ['Welcome, .*\\$5', { glob: '*Welcome, *$5*', isAnchored: false, crossesLines: true }],
  ['\\[a\\*\\]', { glob: '*\\[a\\*\\]*', isAnchored: false, crossesLines: false }],
  ['"a"[\\s\\S]*"b"', { glob: '*"a"*"b"*', isAnchored: false, crossesLines: false }],
])('%j is the glob %j', (source, glob) => {
  expect(globPattern(source)).toEqual(glob);
});

test.each(['a.c', 'a|b', 'a+', '\\d', '(a)', 'a\\n', '[ab]'])('%j is no glob', (source) => {
  expect(globPattern(source)).toBeUndefined();
});
