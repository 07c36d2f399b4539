import { globPattern } from '../../../src/monitoring/exports/glob-pattern';
import { re2Pattern } from '../../../src/monitoring/exports/re2-pattern';

// What Go makes of these, and of thousands of others, is compared with JavaScript in expressions.ci.ts.
test.each([
  ['"status":\\s*"up"', '"status":[\\t\\n\\v\\f\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}]*"up"'],
  ['^ok$', '^ok$'],
  ['a.c', 'a[^\\n\\r\\x{2028}\\x{2029}]c'],
  ['[\\s\\S]*', '(?s:.)*'],
  ['(?<major>\\d+)\\.(?:\\d{1,3})+?', '(\\d+)\\.(?:\\d{1,3})+?'],
  ['{x}', '\\{x\\}'],
  ['\\u00e9\\xe9é', '\\x{e9}\\x{e9}\\x{e9}'],
  ['\\a\\z\\Q', 'azQ'],
  ['\\u{3}', 'u{3}'],
  ['[[:alpha:]]', '[\\[:alpha:]\\]'],
  ['[]', '[^\\x00-\\x{10ffff}]'],
  ['[\\b-]', '[\\x08\\-]'],
  ['\\cJ\\0', '\\x0a\\x00'],
  ['😀', '\\x{1f600}'],
  ['\\ud83d\\ude00', '\\x{1f600}'],
  ['', ''],
])('RE2 has %j as %j', (source, pattern) => {
  expect(re2Pattern(source)).toEqual({ pattern });
});

test.each([
  ['a(?=b)', 'RE2 has no lookahead'],
  ['a(?!b)', 'RE2 has no lookahead'],
  ['(?<=a)b', 'RE2 has no lookbehind'],
  ['(?<!a)b', 'RE2 has no lookbehind'],
  ['(a)\\1', 'RE2 has no back-references'],
  ['(?<n>a)\\k<n>', 'RE2 has no back-references'],
  ['a{1001}', 'RE2 repeats nothing more than 1000 times'],
  ['(a{40}){40}', 'RE2 repeats nothing more than 1000 times'],
  ['\\012', 'it has the escape \\0, which means different things'],
  ['😀+', 'it takes half of a character beyond U+FFFF'],
  ['[😀]', 'it has a character beyond U+FFFF in brackets, or half of one'],
  ['[a-\\d]', 'a range in brackets ends in a class'],
])('RE2 has no %j', (source, fault) => {
  expect(re2Pattern(source)).toEqual({ fault });
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
