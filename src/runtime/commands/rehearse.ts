import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, textOf } from './command';
import { OPTION } from '../../contract/command-line';
import { RuntimeContext } from '../context';
import { ConfigurationError } from '../errors';
import { onDemand } from '../lazily';
import { DELIVERY, shellWord } from '../reporting/command-line';

/** The program, in the npm package. It is no part of the runtime: it brings an emulator of GitHub Actions. */
const PROGRAM = join('node_modules', 'projen-delivery', 'assets', 'rehearsal', 'main.cjs');

const FLAGS = ['all', 'dry', 'no-dry'] as const;

export const rehearse: Command = {
  name: 'rehearse',
  summary: 'execute the deploy workflow on this machine, with a fault, and show what production would have seen; changes nothing without --no-dry',
  environment: 'optional',
  changes: false,
  readsNoRecords: true,
  options: {
    [OPTION.RELEASE]: { type: 'string', description: 'what the release does: good, bad, stale, slow, crash or flapping (default: good)' },
    'fault': { type: 'string', description: 'what goes wrong beside it, e.g. cancel, lost-runner or api-500; an unknown one lists them all' },
    'all': { type: 'boolean', description: 'every release and every fault, as a table' },
    'dry': { type: 'boolean', description: 'a local service takes the place of the commands (default)' },
    'no-dry': { type: 'boolean', description: "execute the project's own commands, which really deploy; needs the environment and --url" },
    'url': { type: 'string', description: 'with --no-dry: what the commands deploy is reached here, in place of the URL of the environment' },
    'replace': { type: 'string', multiple: true, description: 'with --no-dry: a=b puts b in place of a in the URLs and variables of the environment; can be repeated' },
    [OPTION.SLOT]: { type: 'string', description: 'with --no-dry: the slot that users are on now, blue or green (default: none)' },
    'before': { type: 'string', description: 'with --no-dry: the commit that is deployed first (default: HEAD)' },
  },
  examples: [`${DELIVERY} rehearse --release bad`, `${DELIVERY} rehearse production --fault lost-runner`, `${DELIVERY} rehearse --all`, `${DELIVERY} rehearse staging --no-dry --url http://127.0.0.1:8080`],

  run: (all, given) => {
    const [{ directory, manifest, root }] = all as [RuntimeContext];
    const words = [
      'rehearse',
      ...(given.environment === undefined ? [] : [given.environment]),
      ...optionWords({
        [OPTION.RELEASE]: given.release,
        fault: textOf(given, 'fault'),
        [OPTION.PROJECT]: manifest.project?.name,
        url: textOf(given, 'url'),
        before: textOf(given, 'before'),
        [OPTION.SLOT]: textOf(given, OPTION.SLOT),
        replace: given.lists?.replace,
      }),
      ...FLAGS.filter((name) => given.flags[name]).map((name) => `--${name}`),
      ...(given.json ? ['--json'] : []),
    ];
    const program = installed(directory, root);
    if (program === undefined) {
      const line = ['npx', `projen-delivery@${manifest.runtime.version}`, ...words].map(shellWord).join(' ');
      throw new ConfigurationError(`the rehearsal is part of the npm package projen-delivery, which is not installed here. Install the npm packages of this repository, or run: ${line}`);
    }
    const { status } = onDemand.childProcess().spawnSync(process.execPath, [program, ...words], { cwd: root, stdio: 'inherit' });
    return Promise.resolve(status === 0 ? 0 : status === 2 ? 2 : 1);
  },
};

function optionWords(options: Readonly<Record<string, string | readonly string[] | undefined>>): string[] {
  return Object.entries(options).flatMap(([name, value]) => [value ?? []].flat().flatMap((one) => [`--${name}`, one]));
}

/** Looks upwards from the project's directory, as Node does. */
function installed(directory: string, root: string): string | undefined {
  for (let folder = directory; ; folder = dirname(folder)) {
    const program = join(folder, PROGRAM);
    if (existsSync(program)) return program;
    if (folder === dirname(folder) || folder === dirname(root)) return undefined;
  }
}
