import { Command, textOf } from './command';
import { OPTION } from '../../contract/command-line';
import { knowsRelease } from '../../contract/manifest';
import { RuntimeContext } from '../context';
import { adoptLive, Candidate, requireNothingOpen } from '../deployment/adoption';
import { deploysAgain } from '../deployment/restore-needs';
import { ConfigurationError } from '../errors';
import { sharedWeight, Standing } from '../ledger/entries';
import { EnvironmentHistory } from '../ledger/history';
import { commandLine, DELIVERY, placeOf } from '../reporting/command-line';
import { exitCodeOf, report, reportNothing } from '../reporting/report';
import { otherSlot, strategyOf } from '../strategies/rollout-strategy';
import { describeLive, liveRelease, liveSlot, serves } from '../targets/live-release';
import { LiveRelease } from '../targets/target-driver';

/** Ends the state `halted`: the health checks determine which of its two releases is live, and that one is recorded as Stable. */
export const resolve: Command = {
  name: 'resolve',
  summary: 'end the state halted: determine which release is live, verify it, and record it as Stable',
  environment: 'required',
  changes: true,
  dispatches: true,
  options: { [OPTION.REASON]: { type: 'string', description: 'why, for the record' } },
  examples: [`${DELIVERY} resolve production --reason "the disk was full"`],

  run: async ([context], given) => {
    const { environment, ledger, log } = context;
    await requireNothingOpen(context);
    const newest = await new EnvironmentHistory(ledger, environment.name).newest();
    if (newest?.state !== 'halted') {
      reportNothing(context, `it is not halted${newest ? ` but ${newest.state} with ${newest.record.release.version}` : ''}: nothing to do`);
      return 0;
    }
    if (!environment.healthChecks.some(knowsRelease)) {
      throw new ConfigurationError(`${environment.name}: no health check shows which release responds. Name it: ${commandLine('adopt', placeOf(context), { release: 'VERSION', reason: 'why' })}`);
    }
    const live = await liveRelease(context);
    const split = splitOf(newest, live);
    if (split !== undefined) {
      const back = commandLine('rollback', placeOf(context), { reason: 'why' });
      log.error(`${environment.name} stays halted`, `${split}, so no release is live alone. Roll back: ${back}`);
      return 3;
    }
    const seen: string[] = [];
    if (live) log.line(`the engine serves ${describeLive(live)}`);
    for (const candidate of candidates(context, newest).filter(({ release }) => serves(live, release) !== false)) {
      const slot = liveSlot(live) ?? candidate.slot;
      const deployment = await adoptLive(context, { ...candidate, slot, reason: textOf(given, OPTION.REASON) }, newest);
      if (deployment.state !== 'failed') {
        report(deployment);
        return exitCodeOf('adopt', deployment.state);
      }
      seen.push(`${candidate.release.version}: ${deployment.note}`);
    }
    if (live && seen.length === 0) seen.push(`the engine serves ${describeLive(live)}, which is none of its two releases`);
    log.error(`${environment.name} stays halted`, `${seen.join('; ')}. Fix it${environment.target.noRollback === undefined ? ', roll back by hand,' : ''} or roll forward.`);
    return 3;
  },
};

/** Whether users may see either release; an engine that serves one alone knows better than the ledger. */
function splitOf(newest: Standing, live: LiveRelease | undefined): string | undefined {
  if (live?.kind === 'split') return `the engine serves ${describeLive(live)}`;
  const percent = live === undefined || live.kind === 'unknown' ? sharedWeight(newest) : undefined;
  return percent === undefined ? undefined : `${percent} % of the traffic went to ${newest.record.release.version} when it was halted`;
}

/** The halted release, and the one before it, each with the slot where it would be. */
function candidates(context: RuntimeContext, { record: { release, slot, stable } }: Standing): Candidate[] {
  if (!stable) return [{ release, slot }];
  const isElsewhere = slot !== undefined && deploysAgain(context, stable, slot);
  return [{ release, slot }, { release: stable.release, slot: isElsewhere ? otherSlot(strategyOf(context.environment), slot) : stable.slot }];
}
