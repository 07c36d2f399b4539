import { parseArgs, ParseArgsConfig } from 'node:util';
import { RemoteCi, RemoteSearch } from './ci/remote-ci';
import { adopt } from './commands/adopt';
import { build } from './commands/build';
import { check } from './commands/check';
import { Command, CommandArguments, Option } from './commands/command';
import { commentPlan } from './commands/comment';
import { commentPreview } from './commands/comment-preview';
import { config } from './commands/config';
import { deploy } from './commands/deploy';
import { drill } from './commands/drill';
import { finishPreview } from './commands/finish-preview';
import { hold } from './commands/hold';
import { monitor } from './commands/monitor';
import { notify } from './commands/notify';
import { page } from './commands/page';
import { plan } from './commands/plan';
import { planChanges } from './commands/plan-changes';
import { planMerge } from './commands/plan-merge';
import { beginPreview } from './commands/preview';
import { rehearse } from './commands/rehearse';
import { removePreview } from './commands/remove-preview';
import { resolve } from './commands/resolve';
import { rollback } from './commands/rollback';
import { runPreview } from './commands/run-preview';
import { startDrills } from './commands/start-drills';
import { status } from './commands/status';
import { sweepPreviews } from './commands/sweep-previews';
import { trust } from './commands/trust';
import { unblock } from './commands/unblock';
import { unfreeze } from './commands/unfreeze';
import { watch } from './commands/watch';
import { RuntimeContext } from './context';
import { withKnownOutputs } from './deployment/outputs';
import { ConfigurationError } from './errors';
import { EventLogError } from './event-log/event-log';
import { withEnvironments } from './help-examples';
import { alone } from './one-at-a-time';
import { runOnRemote } from './remote-command';
import { DELIVERY, shellWord, unlessEjected } from './reporting/command-line';
import { safeLine } from './reporting/untrusted-text';
import { Records, whoseRecords } from './whose-records';
import { COMMAND_NAMES, ExitCode, isCommandName, OPTION, usesRecords } from '../contract/command-line';
import { RUNTIME_FILE } from '../contract/manifest';

/** Synthesis leaves out those that the repository does not use. They are undefined then. */
const OPTIONAL: readonly (Command | undefined)[] = [
  page, planMerge, planChanges, commentPlan, beginPreview, runPreview, finishPreview, removePreview, sweepPreviews, commentPreview,
];

export const COMMANDS: readonly Command[] = [
  plan, deploy, monitor, rollback, status, config, adopt, resolve, unblock,
  unfreeze, hold, drill, startDrills, notify, watch, trust, build, check, rehearse, ...OPTIONAL.filter((command) => command !== undefined),
];

const COMMON: Record<string, Option> = {
  [OPTION.RELEASE]: { type: 'string', description: 'the release, e.g. v1.2.3 (default: the tag, else the short sha of HEAD; rollback: Stable, where something else is live)' },
  [OPTION.PROJECT]: { type: 'string', description: 'the subproject of a monorepo' },
  json: { type: 'boolean', description: 'print JSON for machines' },
  help: { type: 'boolean', description: 'show this help' },
  version: { type: 'boolean', description: "print the runtime's version, the manifest schema it reads and its sha256" },
};

const LOCAL: Option = { type: 'boolean', description: 'on a laptop: use the records of this machine, not those of the CI system' };

/** The context of the command line. */
export interface Cli {
  /** Prints to standard output. */
  readonly print: (text: string) => void;
  readonly version: string;
  readonly environments: () => string[];
  /** Throws `ConfigurationError` when the manifest has no such environment. */
  readonly context: (environment: string, given: CommandArguments, remote?: RemoteSearch) => Promise<RuntimeContext>;
  /** Whether a person runs this, not a job. */
  readonly isOnLaptop: boolean;
  /** Finds the CI system from a laptop. Undefined in a job, and if the environment variables name another ledger. */
  readonly remote: (permission: string) => RemoteSearch | undefined;
  /** Gives this process its number among the runs of this machine. In CI it has one. Throws `EventLogError`. */
  readonly beginRun: (context: RuntimeContext) => Promise<void>;
}

/** Runs one command. Throws `ConfigurationError` on wrong use. */
export async function runCli(argv: string[], cli: Cli): Promise<ExitCode> {
  const command = COMMANDS.find(({ name }) => name === argv[0]);
  if (argv.includes('--version')) {
    cli.print(cli.version);
    return 0;
  }
  if (argv.length === 0 || argv.includes('--help')) {
    cli.print(command ? helpOf(command, examplesOf(command, cli)) : help());
    return 0;
  }
  if (!command && isCommandName(argv[0])) {
    const [option, fix] = optionOf(argv[0]!);
    throw new ConfigurationError(`the command "${argv[0]}" is not in ${RUNTIME_FILE}, because no delivery of this repository has ${option}. ${fix}`);
  }
  if (!command) throw new ConfigurationError(`there is no command "${argv[0]}". Commands: ${COMMANDS.map(({ name }) => name).join(', ')}`);
  const given = parse(command, argv.slice(1), cli);
  const names = given.environment === undefined ? cli.environments() : [given.environment];
  const meant = await recordsMeant(command, given, cli, { argv, names });
  if (meant.remote) return runOnRemote(meant.remote, command, meant.contexts[0]!, given);
  let context = meant.contexts;
  if (!command.readsNoRecords) context = await Promise.all(context.map((one) => withKnownOutputs(one, { asksEngine: command.changes })));
  const run = async (asked = given) => {
    if (command.changes || command.decides) await cli.beginRun(context[0]!);
    return command.run(context, asked);
  };
  if (!command.changes) return run();
  return alone(context[0]!, run, async () => {
    if (!command.asksFirst) return undefined;
    await cli.beginRun(context[0]!);
    return command.asksFirst(context[0]!, given);
  });
}

/** The option that a command belongs to, and how it is set. */
function optionOf(command: string): readonly [option: string, fix: string] {
  const other = 'Only projen can write it';
  if (command === 'page') return ['monitoring', unlessEjected('Set monitoring: { ... }, run npx projen and commit the files', other)];
  if (command.includes('preview')) return ['previews', unlessEjected('Set previews: { ... }, run npx projen and commit the files', other)];
  return ['pullRequests', unlessEjected('Set pullRequests: { plan: true }, run npx projen and commit the files', other)];
}

interface Asked {
  readonly argv: readonly string[];
  /** The environments. */
  readonly names: readonly string[];
}

interface Meant {
  readonly contexts: RuntimeContext[];
  /** Where the command runs, if not here. */
  readonly remote?: RemoteCi;
}

/** On a laptop it names the records in the first line. */
async function recordsMeant(command: Command, given: CommandArguments, cli: Cli, { argv, names }: Asked): Promise<Meant> {
  const open = (remote?: RemoteSearch) => Promise.all(names.map((name) => cli.context(name, given, remote)));
  const search = searchRemote(command, given, cli);
  const machine = await open();
  const localLine = safeLine([DELIVERY, ...argv.map(shellWord), ...projectOf(machine[0]), '--local'].join(' '), 1000);
  const records: Records = search ? await whoseRecords({ command, search, machine, openRemote: () => open(search), localLine }) : { of: 'machine' };
  if (command.readsRemote) {
    // what is missing is a hint in its report
    const reads = search && (records.of === 'ci' || 'missing' in search);
    return { contexts: reads ? await open(search) : machine };
  }
  if (!usesRecords(command.name) || !cli.isOnLaptop) return { contexts: machine };
  nameRecords(machine[0]!, records);
  return { contexts: machine, ...(records.of === 'ci' && { remote: records.remote }) };
}

function nameRecords({ ci, log }: RuntimeContext, records: Records): void {
  const note = records.of === 'machine' && records.note !== undefined ? `; ${records.note}` : '';
  try {
    log.line(`records: ${records.of === 'ci' ? records.remote.records : ci.records}${note}`);
  } catch (error) {
    // what is wrong with the command line comes before that there is no place for records
    if (!(error instanceof EventLogError)) throw error;
  }
}

function projectOf(context: RuntimeContext | undefined): string[] {
  const name = context?.manifest.project?.name;
  return name === undefined ? [] : ['--project', shellWord(name)];
}

/** Only the local records know what this machine left unfinished. */
function searchRemote(command: Command, { flags }: CommandArguments, cli: Cli): RemoteSearch | undefined {
  if (flags.local || flags[OPTION.RECOVER] || !usesRecords(command.name)) return undefined;
  return cli.remote(command.dispatches ? 'actions: write' : 'deployments: read');
}

function parse(command: Command, args: string[], cli: Cli): CommandArguments {
  const options = optionsOf(command);
  const parsing: ParseArgsConfig = { args, options, allowPositionals: true, strict: true };
  let parsed;
  try {
    parsed = parseArgs(parsing);
  } catch (error) {
    throw new ConfigurationError(`${String(error instanceof Error ? error.message : error).split('. ')[0]}. Try: delivery ${command.name} --help`);
  }
  const { values, positionals } = parsed;
  if (positionals.length > 1) throw new ConfigurationError(`delivery ${command.name} takes one environment, not ${positionals.length}: ${positionals.join(', ')}`);
  if (positionals.length === 0 && command.environment === 'required') {
    throw new ConfigurationError(`which environment? Try: ${examplesOf(command, cli)[0]}`);
  }
  return {
    environment: positionals[0],
    // an empty input of a workflow
    release: typeof values.release === 'string' && values.release !== '' ? values.release : undefined,
    json: values.json === true,
    flags: Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string | boolean] => !Array.isArray(entry[1]))),
    lists: Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string[]] => Array.isArray(entry[1]))),
  };
}

/** The options of a command. */
export function optionsOf(command: Command): Record<string, Option> {
  const { release, ...common } = COMMON;
  // a command for all environments has no release
  return { ...command.options, ...(usesRecords(command.name) ? { local: LOCAL } : {}), ...(command.environment === 'required' && { release: release! }), ...common };
}

function help(): string {
  const width = Math.max(...COMMAND_NAMES.map((name) => name.length)) + 2;
  return [
    'delivery <command> [environment] [options]',
    '',
    ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`),
    ...COMMAND_NAMES.filter((name) => COMMANDS.every((command) => command.name !== name))
      .map((name) => `  ${name.padEnd(width)}not in ${RUNTIME_FILE}: no delivery of this repository has ${optionOf(name)[0]}`),
    '',
    ...optionLines(COMMON),
    '',
    'Exit codes: 0 done or nothing to do, 1 unhealthy or rolled back, 2 wrong use or configuration, 3 halted.',
    'In GitHub Actions the ledger is the Deployments API; on a laptop a file (DELIVERY_LEDGER=<path>, by default under .git).',
    'On a laptop, if git knows a remote, a token is found and GitHub has records of the environment: status reads these; rollback, adopt, resolve,',
    'unblock and unfreeze start the rollback workflow there and follow it; all others, such as deploy, are refused without --local, which uses the',
    'records of this machine. The first line names the records.',
    'delivery <command> --help shows examples.',
  ].join('\n');
}

/** With environments that exist, where the manifest can be read. */
function examplesOf({ examples }: Command, cli: Cli): string[] {
  let environments: string[] = [];
  try {
    environments = cli.environments();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
  }
  return examples.map((example) => withEnvironments(example, environments));
}

function helpOf(command: Command, examples: readonly string[]): string {
  const environment = command.environment === 'required' ? '<environment>' : '[environment]';
  return [
    `delivery ${command.name} ${environment} [options]`,
    '',
    `  ${command.summary}`,
    '',
    ...optionLines(optionsOf(command)),
    '',
    'Examples:',
    ...examples.map((example) => `  ${example}`),
  ].join('\n');
}

function optionLines(options: Record<string, Option>): string[] {
  const rows = Object.entries(options).map(([name, { type, description }]) => [`--${name}${type === 'string' ? ' <value>' : ''}`, description] as const);
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.map(([name, description]) => `  ${name.padEnd(width)}${description}`);
}
