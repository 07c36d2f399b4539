import { parseArgs } from 'node:util';
import { rehearse } from './rehearse';
import { FaultKind, FAULTS, ReleaseKind, RELEASES, RehearsalError } from './scenario';
import { abandonWorlds } from './world';

/** The program behind `delivery rehearse`. Exit codes are the runtime's: 0 as promised, 1 unsafe, 2 wrong use. */
async function main(): Promise<number> {
  const [command, ...args] = process.argv.slice(2);
  if (command !== 'rehearse' && command !== undefined && command !== '--help') throw new RehearsalError(`there is no command "${command}". There is: rehearse`);
  const { values, positionals } = parsed(args);
  if (values.help || command !== 'rehearse') {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  if (positionals.length > 1) throw new RehearsalError(`rehearse takes one environment, not ${positionals.length}: ${positionals.join(', ')}`);
  return rehearse({
    root: process.cwd(),
    environment: positionals[0],
    subproject: values.project,
    all: values.all === true,
    json: values.json === true,
    scenario: { release: oneOf('release', RELEASES, values.release ?? 'good'), fault: oneOf('fault', FAULTS, values.fault ?? 'none') },
    print: (text) => process.stdout.write(`${text}\n`),
    progress: (text) => process.stderr.write(`${text}\n`),
  });
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        release: { type: 'string' },
        fault: { type: 'string' },
        all: { type: 'boolean' },
        project: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new RehearsalError(`${(error as Error).message.split('. ')[0]}. Try: rehearse --help`);
  }
}

function oneOf<T extends ReleaseKind | FaultKind>(option: string, known: Readonly<Record<T, string>>, value: string): T {
  if (Object.hasOwn(known, value)) return value as T;
  throw new RehearsalError(`--${option} ${value}: there is no such ${option}. There is: ${Object.keys(known).join(', ')}`);
}

const described = (entries: Readonly<Record<string, string>>) => Object.entries(entries).map(([name, text]) => `    ${name.padEnd(15)}${text}`);

const HELP = [
  'delivery rehearse [environment] [options]',
  '',
  '  execute the deploy workflow on this machine, with a fault, and show what production would have seen; changes nothing',
  '',
  '  environment      default: the last one that a push reaches',
  '  --release <kind> what the release does (default: good)',
  ...described(RELEASES),
  '  --fault <kind>   what goes wrong beside it (default: none)',
  ...described(FAULTS),
  '  --all            every release and every fault, as a table',
  '  --project <name> the subproject of a monorepo',
  '  --json           print JSON for machines',
].join('\n');

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
  process.on(signal, () => {
    abandonWorlds();
    process.exit(code);
  });
}

main().then((code) => {
  process.stdout.write('', () => process.exit(code));
}, (error: unknown) => {
  if (error instanceof RehearsalError) process.stderr.write(`Not rehearsed: ${error.message}\n`);
  else process.stderr.write(`The rehearsal failed: ${error instanceof Error ? (process.env.DELIVERY_DEBUG ? error.stack : error.message) : String(error)}\n`);
  process.exit(2);
});
