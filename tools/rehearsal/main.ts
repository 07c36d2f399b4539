import { parseArgs } from 'node:util';
import { OwnCommands, replacementOf, Slot, SLOTS } from './own-commands';
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
  const own = ownCommandsOf(positionals[0], values);
  return rehearse({
    root: process.cwd(),
    environment: positionals[0],
    own,
    subproject: values.project,
    all: values.all === true,
    json: values.json === true,
    scenario: { release: own ? 'own' : oneOf('release', RELEASES, values.release ?? 'good'), fault: oneOf('fault', FAULTS, values.fault ?? 'none') },
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
        'release': { type: 'string' },
        'fault': { type: 'string' },
        'all': { type: 'boolean' },
        'dry': { type: 'boolean' },
        'no-dry': { type: 'boolean' },
        'url': { type: 'string' },
        'replace': { type: 'string', multiple: true },
        'before': { type: 'string' },
        'slot': { type: 'string' },
        'project': { type: 'string' },
        'json': { type: 'boolean' },
        'help': { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new RehearsalError(`${(error as Error).message.split('. ')[0]}. Try: rehearse --help`);
  }
}

/** Own commands really deploy: nothing about where is a default. */
function ownCommandsOf(environment: string | undefined, values: ReturnType<typeof parsed>['values']): OwnCommands | undefined {
  const { before, release, replace = [], slot, url } = values;
  if (!values['no-dry']) {
    const [option] = Object.entries({ url, replace: values.replace, before, slot }).find(([, value]) => value !== undefined) ?? [];
    if (option) throw new RehearsalError(`--${option} is for a rehearsal with the project's own commands. Add --no-dry, or leave it out.`);
    return undefined;
  }
  const example = 'Try: rehearse staging --no-dry --url http://127.0.0.1:8080';
  if (values.dry) throw new RehearsalError('--dry and --no-dry exclude each other. Leave one of them out.');
  if (release !== undefined) throw new RehearsalError(`--release ${release}: with --no-dry the release is the one of your checkout. Leave --release out, or --no-dry.`);
  if (environment === undefined) throw new RehearsalError(`--no-dry executes the project's own commands, which really deploy: name the environment. ${example}`);
  if (url === undefined) throw new RehearsalError(`--no-dry executes the project's own commands, which really deploy: set --url to where users reach what they deploy. ${example}`);
  return { environment, url, before, replacements: replace.map(replacementOf), ...(slot !== undefined && { slot: slotOf(slot) }) };
}

function slotOf(text: string): Slot {
  const slot = SLOTS.find((one) => one === text);
  if (!slot) throw new RehearsalError(`--slot ${text}: there is no such slot. There is: ${SLOTS.join(', ')}`);
  return slot;
}

function oneOf<T extends ReleaseKind | FaultKind>(option: string, known: Readonly<Record<T, string>>, value: string): T {
  if (Object.hasOwn(known, value)) return value as T;
  throw new RehearsalError(`--${option} ${value}: there is no such ${option}. There is: ${Object.keys(known).join(', ')}`);
}

const described = (entries: Readonly<Record<string, string>>) => Object.entries(entries).map(([name, text]) => `    ${name.padEnd(15)}${text}`);

const HELP = [
  'delivery rehearse [environment] [options]',
  '',
  '  execute the deploy workflow on this machine, with a fault, and show what production would have seen; changes nothing without --no-dry',
  '',
  '  environment      default: the last one that a push reaches',
  '  --release <kind> what the release does (default: good)',
  ...described(RELEASES),
  '  --fault <kind>   what goes wrong beside it (default: none)',
  ...described(FAULTS),
  '  --all            every release and every fault, as a table',
  '  --dry            a local service takes the place of the commands (default)',
  "  --no-dry         execute the project's own commands, which really deploy. Needs the environment and --url",
  '  --url <url>      with --no-dry: what the commands deploy is reached here, in place of the URL of the environment',
  '  --replace <a=b>  with --no-dry: b in place of a in the URLs and variables of the environment. Can be repeated',
  '  --before <name>  with --no-dry: the commit or tag that is deployed first (default: HEAD)',
  '  --slot <slot>    with --no-dry: the slot that users are on now, blue or green (default: none)',
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
