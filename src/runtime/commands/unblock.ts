import { Command, CommandArguments, textOf } from './command';
import { OPTION } from '../../contract/command-line';
import { RuntimeContext } from '../context';
import { releaseMeant } from '../deployment/requested-release';
import { ConfigurationError } from '../errors';
import { writeDecision } from '../ledger/decision';
import { EnvironmentHistory, isNamed } from '../ledger/history';
import { Block } from '../ledger/record';
import { theOneNamed } from '../processes/git';
import { Release } from '../release';
import { DELIVERY } from '../reporting/command-line';
import { reportNothing } from '../reporting/report';

/** Allows a release that was rolled back without being the cause to be deployed again. */
export const unblock: Command = {
  name: 'unblock',
  summary: 'allow a release that was rolled back here to be deployed again',
  environment: 'required',
  changes: false,
  decides: true,
  dispatches: true,
  options: { [OPTION.REASON]: { type: 'string', description: 'why, for the record' } },
  examples: [`${DELIVERY} unblock production --release v1.2.3 --reason "the database was down"`],

  run: async ([context], given) => {
    const { environment, ledger } = context;
    const history = new EnvironmentHistory(ledger, environment.name);
    const release = await meant(context, history, given);
    await writeDecision(context, history, { kind: 'unblock', release, reason: textOf(given, OPTION.REASON) });
    reportNothing(context, `${named(release)} is not blocked any more: it may be deployed again`);
    return 0;
  },
};

/** A blocked release, or one that was never deployed and has the files of a blocked one. Rejects with `ConfigurationError`. */
async function meant(context: RuntimeContext, history: EnvironmentHistory, { release: name }: CommandArguments): Promise<Release> {
  const blocked = await history.blocked();
  if (name === undefined) throw rejection(context, blocked, 'name the release with --release');
  const known = theOneNamed(name, blocked.filter(({ release }) => isNamed(release, name)))?.release;
  if (known) return known;
  const release = await releaseMeant(context, history, name);
  if (await history.isBlocked(release) || mayHaveBlockedFiles(context, blocked, release)) return release;
  throw rejection(context, blocked, `${name} is not blocked`);
}

/** Only the build knows the files of a commit that was never deployed here. */
function mayHaveBlockedFiles({ manifest: { artifact, image } }: RuntimeContext, blocked: readonly Block[], release: Release): boolean {
  return (artifact ?? image) !== undefined && release.artifact === undefined && blocked.some((block) => block.release.artifact !== undefined);
}

function rejection({ environment }: RuntimeContext, blocked: readonly Block[], fault: string): ConfigurationError {
  const names = blocked.map(({ release }) => named(release)).join(', ') || 'nothing';
  return new ConfigurationError(`${environment.name}: ${fault}. Blocked here, of the last that were tried: ${names}.`);
}

function named({ version, sha }: Release): string {
  return `${version} (${sha.slice(0, 7)})`;
}
