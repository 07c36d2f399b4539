import { Command, textOf } from './command';
import { chosen } from './rollback';
import { writeDecision } from '../ledger/decision';
import { EnvironmentHistory } from '../ledger/history';
import { reportNothing } from '../reporting/report';

/**
 * The first thing a rollback by hand does, outside every queue: from then on a deploy that was started before it
 * does not replace what is restored. What cannot be restored is refused here, before anyone waits.
 */
export const hold: Command = {
  name: 'hold',
  summary: 'let no run that began before this one deploy any more: a rollback by hand begins with it',
  environment: 'required',
  changes: false,
  decides: true,
  options: {
    'reason': { type: 'string', description: 'why, for the record' },
    'even-if-irreversible': { type: 'boolean', description: 'go back although a migration since then cannot be undone' },
  },
  examples: ['npx projen delivery hold production --release v1.2.3 --reason "checkout is slow"'],

  run: async ([surroundings], given) => {
    const { environment, ledger, outputs } = surroundings;
    const history = new EnvironmentHistory(ledger, environment.name);
    const { pointer } = await chosen(surroundings, history, given);
    await writeDecision(surroundings, history, { kind: 'hold', release: pointer.release, reason: textOf(given, 'reason') });
    // the sha: another release may have the same version
    outputs.set({ release: pointer.release.sha });
    reportNothing(surroundings, `held for ${pointer.release.version}: runs that began before this one deploy nothing here any more`);
    return 0;
  },
};
