import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Copy } from './copy';
import { planted } from './fault';
import { FAULTS } from './faults';
import { report, runOf, Runs } from './report';
import { Results } from './result';
import { selectedSuites } from './selected-suites';
import { plantEach, plantForSelected, plantTogether } from './steps';

const ROOT = resolve(__dirname, '../..');
const KEPT = join(__dirname, 'results.json');
const USAGE = 'main.ts check | each | together | selected | keep NAME | table  [--copy FOLDER] [--results FOLDER] [--known FOLDER] [--suites PATH,PATH] [--only ID,ID]';

const OPTIONS = { copy: { type: 'string' }, results: { type: 'string' }, known: { type: 'string' }, suites: { type: 'string' }, only: { type: 'string' } } as const;

const { positionals: [command, name], values } = parseArgs({ allowPositionals: true, options: OPTIONS });
const log = (line: string) => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
const faults = FAULTS.filter(({ id }) => values.only === undefined || values.only.split(',').includes(id));
const kept = () => JSON.parse(readFileSync(KEPT, 'utf8')) as Runs;

function given(option: 'copy' | 'results'): string {
  return resolve(values[option] ?? fail(`--${option} is missing. ${USAGE}`));
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

switch (command) {
  case 'check':
    for (const fault of faults) planted(fault, readFileSync(join(ROOT, fault.file), 'utf8'));
    log(`${faults.length} faults can be planted`);
    break;
  case 'each': {
    const known = values.known === undefined ? undefined : new Results(resolve(values.known));
    plantEach(Copy.at(given('copy'), ROOT), new Results(given('results')), faults, log, known);
    break;
  }
  case 'together': plantTogether(Copy.at(given('copy'), ROOT), new Results(given('results')), faults, log, values.suites?.split(',')); break;
  case 'selected': plantForSelected(Copy.at(given('copy'), ROOT), new Results(given('results')), faults, (file) => selectedSuites(ROOT, file), log); break;
  case 'keep': {
    const results = new Results(given('results'));
    writeFileSync(KEPT, `${JSON.stringify({ ...kept(), [name ?? fail(USAGE)]: runOf(FAULTS, (id) => results.of(id)) }, undefined, 2)}\n`);
    break;
  }
  case 'table': console.log(report(kept(), FAULTS)); break;
  default: fail(USAGE);
}
