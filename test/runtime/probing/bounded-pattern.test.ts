import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { matches } from '../../../src/runtime/probing/bounded-pattern';

const SLOW = '^(a+)+$';

test('a pattern that takes too long is no answer, however often it is asked', () => {
  expect(matches(SLOW, `${'a'.repeat(40)}!`, 20)).toBeUndefined();
  expect(matches('^text/', 'text/html', 20)).toBe(true);
  expect(matches('^text/', 'image/png', 20)).toBe(false);
});

test('a machine that gives the process no turn for longer than that changes no answer', async () => {
  const matching = spawn(process.execPath, ['-e', `
    require('ts-node').register({ transpileOnly: true, skipProject: true, compilerOptions: { module: 'commonjs', target: 'es2022' } });
    const { matches } = require(${JSON.stringify(join(__dirname, '../../../src/runtime/probing/bounded-pattern'))});
    console.log('begins');
    console.log(matches(${JSON.stringify(SLOW)}, 'a'.repeat(25) + '!', 1_500));
  `], { cwd: join(__dirname, '../../..'), stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  createInterface(matching.stdout).on('line', (line) => {
    lines.push(line);
    if (line !== 'begins') return;
    matching.kill('SIGSTOP');
    setTimeout(() => matching.kill('SIGCONT'), 1_700);
  });
  await once(matching, 'close');

  expect(lines).toEqual(['begins', 'false']);
});
