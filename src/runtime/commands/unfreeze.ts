import { Command, textOf } from './command';
import { OPTION } from '../../contract/command-line';
import { ownRelease } from '../ci/run';
import { freezeAt } from '../deployment/freeze';
import { writeDecision } from '../ledger/decision';
import { EnvironmentHistory } from '../ledger/history';
import { DELIVERY } from '../reporting/command-line';
import { reportNothing } from '../reporting/report';

/** Lifts the current freeze, and records who did it. */
export const unfreeze: Command = {
  name: 'unfreeze',
  summary: 'lift the freeze that is on now, until it ends',
  environment: 'required',
  changes: false,
  decides: true,
  dispatches: true,
  options: { [OPTION.REASON]: { type: 'string', description: 'why, for the record' } },
  examples: [`${DELIVERY} unfreeze production --reason "the fix for checkout"`],

  run: async ([context], given) => {
    const { clock, environment, ledger, root, run } = context;
    const freeze = freezeAt(environment.freezes, clock.now());
    if (!freeze) {
      reportNothing(context, 'no freeze is on, nothing to do');
      return 0;
    }
    await writeDecision(context, new EnvironmentHistory(ledger, environment.name), { kind: 'override', release: ownRelease(run, root), reason: textOf(given, OPTION.REASON) });
    reportNothing(context, `the freeze until ${freeze.untilText} is lifted: ${run.inCi ? 'run the workflow that was stopped again from its start' : 'deploy now'}`);
    return 0;
  },
};
