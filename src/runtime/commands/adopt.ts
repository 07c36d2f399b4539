import { Command, CommandArguments, textOf } from './command';
import { OPTION } from '../../contract/command-line';
import { RolloutStrategy } from '../../contract/strategies';
import { RuntimeContext } from '../context';
import { adoptLive, requireNothingOpen } from '../deployment/adoption';
import { confirm } from '../deployment/confirmation';
import { Kept, keptOf } from '../deployment/former-name';
import { requestedRelease, releaseMeant } from '../deployment/requested-release';
import { ConfigurationError } from '../errors';
import { Standing } from '../ledger/entries';
import { EnvironmentHistory, isNamed } from '../ledger/history';
import { builtImageOf, Release } from '../release';
import { commandLine, DELIVERY, placeOf } from '../reporting/command-line';
import { exitCodeOf, report } from '../reporting/report';
import { strategyOf } from '../strategies/rollout-strategy';
import { driverOf } from '../targets/driver-registry';
import { canRestoreForeign, describeLive, liveRelease, liveSlot, serves } from '../targets/live-release';
import { LiveRelease } from '../targets/target-driver';

/** Starts the delivery of an existing service, or ends the state `halted`. */
export const adopt: Command = {
  name: 'adopt',
  summary: 'verify what is live and record it as Stable',
  environment: 'required',
  changes: true,
  dispatches: true,
  options: {
    [OPTION.SLOT]: { type: 'string', description: 'the slot that is live (blue/green): blue or green' },
    [OPTION.FROM]: { type: 'string', description: 'the former name of an environment that was renamed: keeps its Stable release, its way back and its blocks' },
    [OPTION.REASON]: { type: 'string', description: 'why, for the record' },
  },
  examples: [`${DELIVERY} adopt production --release v1.2.3`, `${DELIVERY} adopt production --release v1.2.3 --slot blue`, `${DELIVERY} adopt production --from prod`],

  run: async ([context], given) => {
    const { environment, ledger } = context;
    const unconfirmed = await unconfirmedOf(context, given);
    if (unconfirmed) return confirm(context, unconfirmed);
    await requireNothingOpen(context);
    const last = await new EnvironmentHistory(ledger, environment.name).newest();
    const kept = await keptFrom(context, given);
    const said = kept?.pointer.release ?? await named(context, given);
    const live = await liveRelease(context, said);
    const release = await asServed(context, said, live);
    const slot = slotOf(strategyOf(environment), given.flags[OPTION.SLOT] ?? kept?.pointer.slot ?? anySlot(context), liveSlot(live));
    const deployment = await adoptLive(context, { release, slot, reason: textOf(given, OPTION.REASON) }, last, kept);
    report(deployment);
    return exitCodeOf('adopt', deployment.state);
  },
};

/**
 * On a laptop, the unfinished deployment of the named release, whose end the ledger did not record (the disk was full): a person says
 * that it is live, so it is confirmed and not rolled back.
 */
async function unconfirmedOf({ environment, ledger, run }: RuntimeContext, { flags, release }: CommandArguments): Promise<Standing | undefined> {
  if (run.inCi || release === undefined) return undefined;
  const open = await new EnvironmentHistory(ledger, environment.name).open();
  const isMeant = open?.record.kind === 'deploy' && isNamed(open.record.release, release) && (flags[OPTION.SLOT] ?? open.record.slot) === open.record.slot;
  return isMeant ? open : undefined;
}

async function keptFrom(context: RuntimeContext, given: CommandArguments): Promise<Kept | undefined> {
  const from = textOf(given, OPTION.FROM);
  if (from === undefined) return undefined;
  if (given.release !== undefined) throw new ConfigurationError(`--${OPTION.FROM} adopts the release that was Stable under the former name. Leave --${OPTION.RELEASE} out.`);
  return keptOf(context, from);
}

/** A release that was tried here before is recorded with its files, so that it can be restored later. */
async function named(context: RuntimeContext, { release: name }: CommandArguments): Promise<Release> {
  const { environment, ledger } = context;
  return name === undefined ? requestedRelease(context) : releaseMeant(context, new EnvironmentHistory(ledger, environment.name), name);
}

/** What the engine calls the release, where that alone identifies it. The engine must not say that it serves another one. */
async function asServed(context: RuntimeContext, release: Release, live: LiveRelease | undefined): Promise<Release> {
  const isForeign = live?.kind === 'foreign';
  if (isForeign && !canRestoreForeign(context)) throw await unrestorable(context, live);
  const publishedAs = driverOf(context)?.publishedAs?.(release);
  if (isForeign && [undefined, live.engineId].includes(publishedAs)) return { ...release, engineId: live.engineId };
  if (live && (isForeign || serves(live, release) === false)) {
    throw new ConfigurationError(`${context.environment.name}: ${release.version} (${release.sha.slice(0, 7)}) is not live: the engine serves ${describeLive(live)}. Nothing was recorded. Name what is live with --release.`);
  }
  if (live?.kind === 'unknown') context.log.warning('The engine does not say which release it serves', live.why);
  return withImage(context, release, live);
}

/** A rollback would have nothing to start. */
async function unrestorable(context: RuntimeContext, live: LiveRelease): Promise<ConfigurationError> {
  const { environment, ledger } = context;
  const stable = await new EnvironmentHistory(ledger, environment.name).stable();
  const restore = stable && commandLine('rollback', placeOf(context), { release: stable.release.version, reason: 'why' });
  return new ConfigurationError(
    `${environment.name}: ${driverOf(context)!.place} serves ${describeLive(live)}. A rollback could not restore that. Nothing was recorded. ` +
    `Deploy the release${restore === undefined ? '' : `, or restore ${stable!.release.version}: ${restore}`}`,
  );
}

/** A release on hosts that this ledger does not know: its container says which image it has, so that it can be restored. */
function withImage({ environment, manifest: { artifact, image } }: RuntimeContext, release: Release, live: LiveRelease | undefined): Release {
  if (environment.target.driver?.kind !== 'serverContainers' || image === undefined || live?.kind !== 'release' || builtImageOf(release)) return release;
  const { digest } = live.release;
  if (digest === undefined) return release;
  const built = { digest, image: image.repository };
  return { ...release, ...(artifact ? { image: built } : { artifact: built }) };
}

/** The engine does not bind a release to a slot: each one will do. */
function anySlot(context: RuntimeContext): string | undefined {
  const driver = driverOf(context);
  return driver && !driver.slotOf ? strategyOf(context.environment).slots[0] : undefined;
}

/** @param engines the slot that users are on, as the engine says */
function slotOf({ slots }: RolloutStrategy, requested: string | boolean | undefined, engines: string | undefined): string | undefined {
  if (slots.length === 0) return undefined;
  if (engines !== undefined && requested !== undefined && requested !== engines) {
    throw new ConfigurationError(`--slot: users are on the slot ${engines}, as the engine says, not on ${requested}. Nothing was recorded. Leave --slot out.`);
  }
  if (engines !== undefined) return engines;
  const slot = slots.find((one) => one === requested);
  if (slot !== undefined) return slot;
  throw new ConfigurationError(`which slot is live? Name it with ${slots.map((one) => `--slot ${one}`).join(' or ')}: a rollback switches back to it`);
}
