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

export const rehearse: Command = {
  name: 'rehearse',
  summary: 'execute the deploy workflow on this machine, with a fault, and show what production would have seen; changes nothing',
  environment: 'optional',
  changes: false,
  readsNoRecords: true,
  options: {
    [OPTION.RELEASE]: { type: 'string', description: 'what the release does: good, bad, stale, slow, crash or flapping (default: good)' },
    fault: { type: 'string', description: 'what goes wrong beside it, e.g. cancel, lost-runner or api-500; an unknown one lists them all' },
    all: { type: 'boolean', description: 'every release and every fault, as a table' },
  },
  examples: [`${DELIVERY} rehearse --release bad`, `${DELIVERY} rehearse production --fault lost-runner`, `${DELIVERY} rehearse --all`],

  run: (all, given) => {
    const [{ directory, manifest, root }] = all as [RuntimeContext];
    const words = [
      'rehearse',
      ...(given.environment === undefined ? [] : [given.environment]),
      ...optionWords({ [OPTION.RELEASE]: given.release, fault: textOf(given, 'fault'), [OPTION.PROJECT]: manifest.project?.name }),
      ...(given.flags.all ? ['--all'] : []),
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

function optionWords(options: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
}

/** Looks upwards from the project's directory, as Node does. */
function installed(directory: string, root: string): string | undefined {
  for (let folder = directory; ; folder = dirname(folder)) {
    const program = join(folder, PROGRAM);
    if (existsSync(program)) return program;
    if (folder === dirname(folder) || folder === dirname(root)) return undefined;
  }
}
