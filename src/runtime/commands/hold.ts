import { Command, textOf } from './command';
import { OPTION } from '../../contract/command-line';
import { RELEASE } from '../../contract/outputs';
import { FROM_DEPLOYMENT, fromDeploymentOf, lookAtFrom } from '../deployment/from-deployment';
import { checkKept, chosen } from '../deployment/rollback-target';
import { writeDecision } from '../ledger/decision';
import { EnvironmentHistory } from '../ledger/history';
import { DELIVERY } from '../reporting/command-line';
import { reportNothing } from '../reporting/report';

/**
 * The first step of a rollback by hand, outside every queue: a deployment that was started before it does not replace what is restored.
 * A release that cannot be restored fails here, before anyone waits. A rollback of one deployment holds nothing: a fix that is in
 * progress may come first, and then the rollback is superseded.
 */
export const hold: Command = {
  name: 'hold',
  summary: 'stop everything that began before this from deploying: the first step of a rollback by hand',
  environment: 'required',
  changes: false,
  decides: true,
  options: {
    [OPTION.REASON]: { type: 'string', description: 'why, for the record' },
    [OPTION.EVEN_IF_IRREVERSIBLE]: { type: 'boolean', description: 'roll back although a migration since then cannot be undone' },
    ...FROM_DEPLOYMENT,
  },
  examples: [`${DELIVERY} hold production --release v1.2.3 --reason "checkout is slow"`],

  run: async ([context], given) => {
    const { environment, ledger, outputs, run } = context;
    const history = new EnvironmentHistory(ledger, environment.name);
    const from = fromDeploymentOf(given);
    const superseded = from && (await lookAtFrom(from, context, history)).superseded;
    if (superseded) {
      reportNothing(context, superseded);
      return 0;
    }
    const { isLive, pointer } = await chosen(context, history, given);
    if (!isLive) await checkKept(context, pointer);
    if (!from) await writeDecision(context, history, { kind: 'hold', release: pointer.release, reason: textOf(given, OPTION.REASON) });
    // the sha: another release may have the same version
    outputs.set({ [RELEASE]: pointer.release.sha });
    reportNothing(context, from
      ? `deployment ${from} is to be rolled back to ${pointer.release.version}, unless a newer one replaces it first`
      : `held for ${pointer.release.version}: ${run.words.noun}s that began before this one deploy nothing here any more`);
    return 0;
  },
};
