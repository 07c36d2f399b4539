import { renderTable } from '../../../src/runtime/reporting/table';

describe('a table', () => {
  test('has columns as wide as their widest cell, and a rule under its headers', () => {
    expect(renderTable(['environment', 'stable'], [['staging', 'v1.2.3-rc.1'], ['production', 'v1.2.2']])).toBe([
      'environment  stable',
      '-----------  -----------',
      'staging      v1.2.3-rc.1',
      'production   v1.2.2',
    ].join('\n'));
  });

  test('without headers has no rule', () => {
    expect(renderTable([], [['url', 'https://x'], ['strategy', 'redeploy']])).toBe('url       https://x\nstrategy  redeploy');
  });

  test('without rows is its headers, and without those nothing', () => {
    expect(renderTable(['a', 'b'], [])).toBe('a  b\n-  -');
    expect(renderTable([], [])).toBe('');
  });

  test('has no spaces at the end of a line', () => {
    expect(renderTable(['a', 'b'], [['x', ''], ['longer', 'y']])).not.toMatch(/ $/m);
  });

  test('stands straight with wide letters, emoji and accents', () => {
    const lines = renderTable([], [['日本', '|'], ['✅', '|'], ['e\u0301', '|'], ['abcd', '|']]).split('\n');
    expect(lines).toEqual(['日本  |', '✅    |', 'e\u0301     |', 'abcd  |']);
  });

  test('may have rows of different lengths', () => {
    expect(renderTable(['a'], [['1', '2'], []])).toBe('a\n-  -\n1  2\n');
  });

  test('is not broken by what is in its cells', () => {
    const table = renderTable(['check', 'saw'], [['health', 'a\nb\r\u001b[2Jc'], ['::error::x', '']]);
    expect(table.split('\n')).toHaveLength(4);
    expect(table).not.toMatch(/\u001b|\r|^::/m); // eslint-disable-line no-control-regex
  });
});
