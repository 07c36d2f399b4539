import { Command, textOf } from './command';
import { writeDecision } from '../ledger/decision';
import { EnvironmentHistory } from '../ledger/history';
import { Misconfigured } from '../misconfigured';
import { reportNothing } from '../reporting/report';

/** A release that was rolled back may be deployed again: it was not to blame. */
export const unblock: Command = {
  name: 'unblock',
  summary: 'let a release that was rolled back here be deployed again',
  environment: 'required',
  changes: false,
  decides: true,
  dispatches: true,
  options: { reason: { type: 'string', description: 'why, for the record' } },
  examples: ['npx projen delivery unblock production --release v1.2.3 --reason "the database was down"'],

  run: async ([surroundings], given) => {
    const { environment, ledger } = surroundings;
    const history = new EnvironmentHistory(ledger, environment.name);
    const release = given.release === undefined ? undefined : await history.attempted(given.release);
    if (!release || !(await history.isBlocked(release))) {
      const names = (await history.blocked()).map(({ version, sha }) => `${version} (${sha.slice(0, 7)})`).join(', ') || 'nothing';
      const fault = given.release === undefined ? 'name the release with --release' : `${given.release} is not blocked`;
      throw new Misconfigured(`${environment.name}: ${fault}. Blocked here, of the last that were tried: ${names}.`);
    }
    await writeDecision(surroundings, { kind: 'unblock', release, reason: textOf(given, 'reason') });
    reportNothing(surroundings, `${release.version} (${release.sha.slice(0, 7)}) is not blocked any more: it may be deployed again`);
    return 0;
  },
};
