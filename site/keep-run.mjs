// Prints the run of a target that the gallery shows: node keep-run.mjs TARGET COMMANDS TABLE. COMMANDS is what scenarios.cjs recorded, TABLE what the script of
// the target printed.
import { readFileSync } from 'node:fs';

const [target, commands, table] = process.argv.slice(2);

/** Each command with its output, from `$ delivery ...` to `=> exit code ...`. */
const runs = readFileSync(commands, 'utf8').split(/^(?=\$ delivery )/m).filter((text) => text !== '').map((text) => text.trimEnd());
const good = runs.find((run) => run.startsWith('$ delivery deploy ') && run.endsWith('=> exit code 0'));
const bad = runs.find((run) => run.startsWith('$ delivery deploy ') && run.endsWith('=> exit code 1') && /rolled back/.test(run));
if (good === undefined || bad === undefined) throw new Error(`${target}: ${good === undefined ? 'no release went well' : 'no release was rolled back'}`);

const lines = readFileSync(table, 'utf8').split('\n');
const begin = lines.findLastIndex((line) => /^scenario +end /.test(line));
if (begin < 0) throw new Error(`${target}: there is no table`);

const plain = (text) => text.replace(/\u001b\[[\d;]*m/g, '');
process.stdout.write(`${plain([
  `recorded on ${new Date().toISOString().slice(0, 10)}`,
  '## A release that goes well', good,
  '## A release that is rolled back', bad,
  '## All scenarios', lines.slice(begin).join('\n').trimEnd(),
].join('\n')).replace(/[ \t]+$/gm, '')}\n`);
