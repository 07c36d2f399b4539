import { randomUUID } from 'node:crypto';
import { keep, known } from './kept';
import { shell } from './shell';

test('what was said of a text is known, and of no other', () => {
  const text = randomUUID();
  expect(known('shellcheck', text)).toBeUndefined();
  expect(keep([{ line: 1 }], 'shellcheck', text)).toEqual([{ line: 1 }]);
  expect([known('shellcheck', text), known('workflow', text), known('shellcheck', `${text} `)]).toEqual([[{ line: 1 }], undefined, undefined]);
});

test('a script is said to be wrong each time, of each workflow that has it', async () => {
  const workflow = (name: string) => `on: push\njobs:\n  ${name}:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo $UNQUOTED # ${script}\n`;
  const script = randomUUID();
  const findings = [await shell(workflow('one')), await shell(workflow('one')), await shell(workflow('two'))];
  expect(findings.map((found) => found.map(({ where, message }) => [where, message.slice(0, 6)]))).toEqual(
    ['one', 'one', 'two'].map((job) => [[expect.stringContaining(job), 'SC2086']]));
});
