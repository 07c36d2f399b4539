import { blocksOf, differenceOf } from './page';

const FENCE = '```';

describe('the blocks of a page', () => {
  it('are files, commands and outputs, in their order', () => {
    const page = `# Page\n\n\`a/b.sh\`:\n\n${FENCE}bash\necho hi\n${FENCE}\n\n${FENCE}sh exit=1\nbash a/b.sh\n${FENCE}\n\n${FENCE}text\nhi\n${FENCE}\n`;
    expect(blocksOf(page)).toEqual([
      { kind: 'file', line: 5, path: 'a/b.sh', text: 'echo hi\n' },
      { kind: 'commands', line: 9, text: 'bash a/b.sh\n', isBackground: false, exitCode: 1 },
      { kind: 'output', line: 13, text: 'hi\n' },
    ]);
  });

  it('of a section end where the next section begins', () => {
    const page = `## One\n${FENCE}sh\none\n${FENCE}\n## Two\n${FENCE}sh background\ntwo\n${FENCE}\n## Three\n${FENCE}sh\nthree\n${FENCE}\n`;
    expect(blocksOf(page, 'Two')).toEqual([{ kind: 'commands', line: 6, text: 'two\n', isBackground: true, exitCode: 0 }]);
    expect(() => blocksOf(page, 'Four')).toThrow('there is no section "Four"');
  });

  it.each([
    ['an example that nothing would run', `${FENCE}ts\nx\n${FENCE}`, 'line 1: a block "ts" is neither'],
    ['a word that is not known', `${FENCE}sh exits=1\nx\n${FENCE}`, 'line 1: a block "sh exits=1" is neither'],
    ['an output of nothing', `${FENCE}text\nx\n${FENCE}`, 'line 1: the output belongs to no commands'],
    ['a block without an end', `${FENCE}sh\nx\n`, 'line 1: the block has no end'],
  ])('cannot be %s', (_, page, message) => {
    expect(() => blocksOf(page)).toThrow(message);
  });
});

describe('the output that a page shows', () => {
  const real = 'begin\n  deploy succeeded in 2.6 s\nat 11a5007 since 2026-11-28T10:25:11.544Z\nname   state\n-----  -----\nshop   good\n';

  it.each([
    ['all of it', real],
    ['other times, commits and widths', 'begin\n  deploy succeeded in 17 ms\nat 0c63f1e since 2027-01-01T00:00:00Z\nname  state\n----  -----\nshop  good\n'],
    ['its end', 'shop   good\n'],
    ['lines with others left out between them', 'begin\n…\nshop   good\n'],
    ['a line with its end left out', 'at …\n'],
  ])('agrees: %s', (_, shown) => {
    expect(differenceOf(shown, real)).toBeUndefined();
  });

  it.each([
    ['another word', 'begin\n  deploy failed in 2.6 s\n', '  deploy failed in 2.6 s'],
    ['a line too much', 'begin\nand so on\n', 'and so on'],
    ['lines that are missing between two', 'begin\nat 11a5007 since 2026-11-28T10:25:11.544Z\n', 'at 11a5007 since 2026-11-28T10:25:11.544Z'],
    ['another order', 'shop   good\n…\nbegin\n', 'begin'],
    ['a part of a line', 'deploy succeeded\n', 'deploy succeeded'],
    ['a number that is no time', 'name 7\n', 'name 7'],
    ['a line after the end', 'shop   good\n\nmore\n', 'more'],
  ])('differs: %s', (_, shown, line) => {
    expect(differenceOf(shown, real)).toBe(line);
  });
});
