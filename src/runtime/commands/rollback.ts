import { Command, CommandArguments, textOf } from './command';
import { ExitCode, OPTION } from '../../contract/command-line';
import { STATE } from '../../contract/outputs';
import { RuntimeContext } from '../context';
import { FROM_DEPLOYMENT, fromDeploymentOf, lookAtFrom } from '../deployment/from-deployment';
import { heldStable, liveBefore } from '../deployment/live-before';
import { publishedOutputs } from '../deployment/outputs';
import { slotOfRollback } from '../deployment/plan';
import { requireProbeSecrets } from '../deployment/preflight';
import { ended, recoverUnfinished } from '../deployment/recovery';
import { chosen, leaving } from '../deployment/rollback-target';
import { runDeployment, Decide } from '../deployment/run-deployment';
import { isFinal, State } from '../deployment/state-machine';
import { ConfigurationError } from '../errors';
import { writeDecision } from '../ledger/decision';
import { EnvironmentHistory } from '../ledger/history';
import { DELIVERY } from '../reporting/command-line';
import { exitCodeAfter, exitCodeOf, report, reportNothing, reportStanding } from '../reporting/report';

export const rollback: Command = {
  name: 'rollback',
  summary: 'roll back to a release that was verified here; --recover recovers an unfinished deployment',
  environment: 'required',
  changes: true,
  dispatches: true,
  options: {
    [OPTION.RECOVER]: { type: 'boolean', description: 'recover what was left unfinished, if anything' },
    [OPTION.REASON]: { type: 'string', description: 'why, for the record' },
    [OPTION.EVEN_IF_IRREVERSIBLE]: { type: 'boolean', description: 'roll back although a migration since then cannot be undone' },
    ...FROM_DEPLOYMENT,
  },
  examples: [
    `${DELIVERY} rollback production --release v1.2.3 --reason "checkout is slow"`,
    `${DELIVERY} rollback production --recover`,
  ],
  asksFirst: (context, given) => askToGiveWay(context, given),
  // missing files of an unfinished deployment must not stop the rollback that a person requests
  run: async ([context], given) => (
    given.flags[OPTION.RECOVER] ? finish(context, given) : goBack(context, given)
  ),
};

/** A person who goes back does not wait for the end of what is bad: the first step is a hold, as in CI. */
async function askToGiveWay(context: RuntimeContext, given: CommandArguments): Promise<CommandArguments | undefined> {
  if (given.flags[OPTION.RECOVER] || fromDeploymentOf(given)) return undefined;
  const { environment, ledger, log } = context;
  const history = new EnvironmentHistory(ledger, environment.name);
  const { pointer: { release } } = await chosen(context, history, given);
  await writeDecision(context, history, { kind: 'hold', release, reason: textOf(given, OPTION.REASON) });
  log.line(`another command works on ${environment.name}: it was asked to give way to ${release.version}, and does so between two steps, or within a minute`);
  return { ...given, release: release.sha };
}

async function goBack(context: RuntimeContext, given: CommandArguments): Promise<ExitCode> {
  const decide = byHand(context, given);
  const from = fromDeploymentOf(given);
  if (!from) return runDeployment(context, decide, { isDispensable: true });
  const history = new EnvironmentHistory(context.ledger, context.environment.name);
  const { superseded } = await lookAtFrom(from, context, history);
  // without a release, only this run's own unfinished deployment is recovered
  if (superseded && !await history.openOf(context.run.id)) return reportSuperseded(context, superseded);
  return runDeployment(context, unlessSuperseded(context, from, decide), { isDispensable: true });
}

/** Reads the ledger again for each decision: after waiting, and after another process was faster. */
function unlessSuperseded(context: RuntimeContext, from: string, decide: Decide): Decide {
  return async (history) => {
    const { heldSince, superseded } = await lookAtFrom(from, context, history);
    if (superseded) return reportSuperseded(context, superseded);
    const wanted = await decide(history);
    return typeof wanted === 'number' ? wanted : { ...wanted, heldSince };
  };
}

function reportSuperseded(context: RuntimeContext, superseded: string): ExitCode {
  context.outputs.set({ [STATE]: 'superseded' });
  reportNothing(context, superseded);
  return 0;
}

/** Idempotent: afterwards nothing is unfinished. */
async function finish(context: RuntimeContext, given: CommandArguments): Promise<ExitCode> {
  if (fromDeploymentOf(given)) throw new ConfigurationError('--recover recovers whatever was left unfinished: leave --from-deployment out.');
  const { environment, ledger, run } = context;
  const history = new EnvironmentHistory(ledger, environment.name);
  const open = run.inCi ? await history.openOf(run.id) : await history.open();
  if (!open) {
    const other = await history.open();
    reportNothing(context, other ? `the unfinished deployment belongs to run ${other.record.run.id}; this run does not change it` : 'nothing is unfinished, nothing to do');
    return 0;
  }
  requireProbeSecrets(context);
  const deployment = await recoverUnfinished(context, { only: open.record });
  const done = deployment ? undefined : await ended(context, open);
  if (deployment) {
    report(deployment);
    context.outputs.set(publishedOutputs(deployment.context, deployment.facts.outputs));
    return exitCodeOfRecovery(context, exitCodeAfter(deployment), deployment.state, deployment.counts);
  }
  if (done) reportStanding(context, done);
  const state = done?.state ?? open.state;
  return exitCodeOfRecovery(context, exitCodeOf(open.record.kind, state), state, true);
}

/** A run that rolled back ends red. A person who asked for the recovery has it when nothing is unfinished, whatever the end was, except a halt. */
function exitCodeOfRecovery({ run }: RuntimeContext, code: ExitCode, state: State, isRecorded: boolean): ExitCode {
  return !run.inCi && isRecorded && isFinal(state) && state !== 'halted' ? 0 : code;
}

/** Only to a release that the ledger has verified on this environment, and never "the previous one". */
function byHand(context: RuntimeContext, given: CommandArguments): Decide {
  return async (history) => {
    const { outputs } = context;
    const { pointer, isLive: isLiveAlready } = await chosen(context, history, given);
    const before = await liveBefore(context, history, pointer.release);
    if (isLiveAlready && before.stray === undefined && before.attempt === undefined) {
      outputs.set({ [STATE]: 'stable', ...publishedOutputs(context, context.deploymentOutputs) });
      reportNothing(context, `${pointer.release.version} is live already: nothing to do`);
      return 0;
    }
    return {
      kind: 'rollback',
      release: pointer.release,
      stable: heldStable(await history.stable(), before),
      leaving: await leaving(history, pointer.release),
      slot: await slotOfRollback(context, history, pointer.release, before),
      reason: textOf(given, OPTION.REASON),
    };
  };
}
