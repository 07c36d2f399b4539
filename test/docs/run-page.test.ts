/** What executes the tutorial in .ci/tutorial fails where a page is wrong. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../test-project';

const ROOT = join(__dirname, '../..');

function execute(page: string, beginning: string[] = []) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'page.md'), page.replaceAll('~~~', '```').replaceAll('FOLDER', folder));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', './tools/typescript.cjs', 'test/docs/run-page.ts', join(folder, 'page.md'), '', '/tarball.tgz', ...beginning],
    { cwd: ROOT, encoding: 'utf8' },
  );
  return { folder, status, printed: stdout + stderr };
}

it('writes files, stays where cd went, keeps the code of a failure, and ends what runs in the background', () => {
  const { folder, status, printed } = execute([
    '~~~sh', 'mkdir shop && cd shop', '~~~', '`a/b.txt`:', '~~~js', 'text', '~~~',
    '~~~sh background', 'echo $$ > FOLDER/pid; exec tail -f /dev/null', '~~~',
    '~~~sh exit=3', 'cat a/b.txt; basename "$PWD"; echo "${CI:-no CI}"; echo error >&2; exit 3', '~~~', '~~~text', 'text', 'shop', 'no CI', '…', '~~~',
    '~~~sh', 'until [ -s FOLDER/pid ]; do sleep 0.1; done', '~~~',
  ].join('\n'));
  expect([status, printed]).toEqual([0, expect.stringContaining('all as the page says')]);
  const pid = readFileSync(join(folder, 'pid'), 'utf8').trim();
  // killed: gone soon, or a zombie that its parent has not looked after
  const isGone = () => !existsSync(`/proc/${pid}`) || /\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  for (let i = 0; i < 100 && !isGone(); i++) spawnSync('sleep', ['0.1']);
  expect(isGone()).toBe(true);
});

it('goes on from what the same first commands left and printed, and from nothing else', () => {
  const beginning = temporaryFolder();
  const page = (first: string, printed: string) => `~~~sh\n${first}\n~~~\n~~~text\n${printed}\n~~~\n~~~sh\nbasename "$PWD"; ls\n~~~\n~~~text\n…\nonce\n~~~`;
  const made = `mkdir -p shop && cd shop && touch once && echo made; echo . >> ${beginning}/count`;

  const pages = [page(made, 'made'), page(made, 'made'), page(made, 'other'), page(`${made};`, 'made')].map((one) => execute(one, [beginning]));

  expect(pages.map(({ status }) => status)).toEqual([0, 0, 1, 0]);
  expect(pages.map(({ printed }) => printed.includes('as they were executed before'))).toEqual([false, true, true, false]);
  expect(readFileSync(join(beginning, 'count'), 'utf8')).toBe('.\n.\n');
});

it.each([
  ['another output', '~~~sh\necho hi\n~~~\n~~~text\nho\n~~~', 'line 4: the output has no line\nho\n'],
  ['another exit code', '~~~sh exit=1\ntrue\n~~~', 'line 1: exit code 0 instead of 1'],
  ['a command that fails before the last', '~~~sh\nfalse\ntrue\n~~~', 'line 1: exit code 1 instead of 0'],
  ['a block that cannot be executed', '~~~ts\nx\n~~~', 'line 1: a block "ts" is neither'],
])('fails for %s', (_, page, message) => {
  const { status, printed } = execute(page);
  expect([status, printed]).toEqual([1, expect.stringContaining(message)]);
});
