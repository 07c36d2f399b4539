import type { Standing, Stored } from './ledger-model';
import type { RunSpec } from './pipeline';
import { Ended, Measurement, Request, shaOf } from './request';
import type { Running, State, System } from './system';
import { served } from './world-model';
import type { LedgerRecord } from '../../../src/runtime/ledger/record';
import { hasSlots, hasWeights } from '../strategies';

/** What must be remembered of the way to a state, because no process and no ledger does. */
export interface Facts {
  /** The version that was Stable last, by the order of what was written. */
  readonly stable: string;
  /** Records whose first command ran, in that order. */
  readonly begun: readonly string[];
  /**
   * The window that no lock can close: a process on a lost runner looked, found the deployment its own, was paused, and ran its
   * command after another one took the lease. Users may then see any release; the next command must still restore a verified one.
   */
  readonly window: boolean;
  /** A process gave up waiting. */
  readonly late: boolean;
  /** What was measured last of the canary of a record. @default - nothing */
  readonly measured?: Readonly<Record<string, Measurement>>;
  /** The record whose process set the last weight, where canaries are measured. */
  readonly weighedBy?: string;
  /** The records of canaries that a person cancelled. @default - none */
  readonly cancelled?: readonly string[];
}

export const NO_FACTS: Facts = { stable: '', begun: [], window: false, late: false };

/** The rules of DESIGN section 5, as far as the order of steps can break them. */
export const RULES = {
  rollbackPoint: 'rule 1: the rollback point in the ledger is the release that was Stable before the first change',
  stableIsTrue: 'rule 2: Stable is only what was seen healthy, is live, and has no newer deployment beside it',
  onceBack: 'rule 3: a rollback is verified, and made once',
  blocked: 'rule 4: a release that was rolled back is not deployed again',
  lower: 'a deployment brings no lower version than the one that is Stable: only a rollback goes down',
  verifiedTraffic: 'rule 8: traffic moves only to a slot that was verified and holds the release that is meant',
  liveSlot: 'rule 8: the slot that users are on is not deployed to',
  looked: 'rule 9: no command after the ledger said that the deployment is another one\'s, or that a newer one is at work',
  alone: 'rule 9: no two processes are at work at once, unless one of them was given up for lost',
  finishedFirst: 'rule 9: what was left unfinished is finished before anything is touched',
  overtakes: 'adopt and resolve: what they verified becomes Stable only while no other attempt is under way',
  named: 'the ledger: while nothing is under way, what it calls Stable is what users see, on the slot where they see it',
  held: 'rule 10: what a rollback by hand holds is not replaced by an older run',
  confirmed: 'rule 9: a rollback that the watch starts undoes the deployment that was probed, and nothing that was deployed or requested after it',
  verdictFirst: 'a canary gets all traffic only after a good verdict',
  oneWriter: 'no two processes set different weights at once, unless one of them was given up for lost',
  oldVerdict: 'a canary acts on a verdict only after another look at the ledger, and an older one sets no weight after a newer one',
  whole: 'the end: a canary leaves no share of the traffic, unless it is halted',
  announced: 'where there is an afterPromote: it runs for what users are on, and was run last for what they are left on',
  end: 'the end: users are on Stable, or it is halted',
  notLeft: 'the end: nothing is left open unless a runner was lost, the ledger rejected a write, or a process gave up waiting',
  wanted: 'the end: what was wanted last is live, unless something went wrong',
  recovers: 'the end: the next deployment, and the next rollback by hand, succeed whatever was left',
  truth: 'what a job says of itself is true',
  ends: 'the end: every process ends',
  neverFalls: 'the runtime never falls over',
} as const;

/** Runs that want another release to be live. */
const CHANGING: ReadonlyArray<RunSpec['kind']> = ['deploy', 'rollback', 'drill'];

export type RuleName = keyof typeof RULES;

export interface Violation {
  readonly rule: RuleName;
  readonly what: string;
}

/** Sees every step, and says what may not be. */
export class Rules {
  public found: Violation[] = [];
  /** How often the window was met. */
  public windows = 0;

  public drain(): Violation[] {
    const { found } = this;
    this.found = [];
    return found;
  }

  /** At the beginning of a look: what it must see. */
  public look(system: System, state: State, { position }: Running): Pick<Running, 'lookedLost' | 'lookedHeld'> {
    const record = recordOf(state, position.recordId);
    if (!record) return { lookedLost: false, lookedHeld: false };
    return { lookedLost: whyLost(system, state, record, processIdOf(position.spec)) !== undefined, lookedHeld: isHeld(state, record) };
  }

  public observe(system: System, before: State, process: Running, request: Request, after: State, measured?: Measurement): Facts {
    if (request.kind === 'measure') return measured === undefined ? before.facts : withMeasured(before.facts, process, measured);
    if (request.kind === 'command') return this.command(system, before, process, request);
    if (request.kind === 'advance') return this.advance(system, before, process, request.record.id, after);
    return before.facts;
  }

  public end(system: System, state: State, { position, run, job, isLost, listed }: Running, ended: Ended): void {
    const { spec } = position;
    if (ended.fault) this.fail('neverFalls', `${spec.name}: ${ended.fault}`);
    if (isLost || job === 'watch') return;
    const own = state.ledger
      .filter(({ record }) => record.run.id === spec.runId && isAttempt(record))
      .map((stored) => ({ ...system.ledger.standing(stored), id: Number(stored.record.id) }));
    // what a lost runner recorded after the last look is for the next command
    const known = own.filter(({ id }) => id <= listed);
    if (ended.outputs.completed_attempt && known.some(({ isFinal }) => !isFinal)) this.fail('truth', `${spec.name} says that nothing is open`);
    // a deploy job leaves the confirmation to the next one, whatever the ledger took
    if (ended.code === 0 && spec.command !== 'deploy' && known.some(({ isFinal }) => !isFinal)) this.fail('truth', `${spec.name} ends 0, and its deployment is open in the ledger`);
    const isAdoption = spec.command === 'adopt' || (spec.command === 'resolve' && own.length > 0);
    if (isAdoption && ended.code === 0 && !own.some((standing) => standing.state === 'stable')) this.fail('truth', `${spec.name} says that it recorded what is live`);
    // the monitor of a rollback by hand speaks of what its first job held, not of the commit that its workflow is at
    const meant = spec.release ?? state.runs[run]?.jobs.hold?.outputs.release ?? spec.version;
    const isMeant = [state.facts.stable, shaOf(state.facts.stable)].includes(meant);
    const isStable = isMeant || own.some((standing) => standing.state === 'stable');
    if (ended.outputs.state === 'stable' && !isStable) this.fail('truth', `${spec.name} says that ${meant} is Stable`);
  }

  /** Without a running process the ledger must be true, unless an attempt is unfinished, or the live release is unknown. */
  public async idle(system: System, state: State): Promise<void> {
    const { facts, world } = state;
    const last = lastChange(system, state);
    if (facts.window || !last?.isFinal || last.state === 'halted') return;
    const { stable, stableSlot, slot } = await system.read(state);
    if (stable !== served(world)) this.fail('named', `Stable is ${stable}, users are on ${served(world)}`);
    if (!hasSlots(system.scenario.strategy)) return;
    if (stableSlot !== world.live) this.fail('named', `Stable is on ${stableSlot}, users are on ${world.live}`);
    if (world.shared !== undefined) this.fail('named', `the ledger has users on ${slot}, and ${world.shared} has a share of them`);
    if (slot !== world.live) this.fail('named', `the ledger has users on ${slot}, they are on ${world.live}`);
  }

  /** No process runs, except perhaps on lost runners that never wake up. */
  public quiet(system: System, state: State): void {
    const { facts, world } = state;
    if (facts.window) return;
    const attempts = state.ledger.filter(({ record }) => isAttempt(record));
    const open = attempts.filter((stored) => !system.ledger.standing(stored).isFinal);
    const halted = attempts.slice(state.seeds).filter((stored) => system.ledger.standing(stored).state === 'halted');
    const isHalted = lastChange(system, state)?.state === 'halted';
    const nothingFailed = state.losses === (system.scenario.losses ?? 0) && state.rejections === (system.scenario.rejections ?? 0);
    const isCalm = !facts.late && facts.cancelled === undefined && nothingFailed;
    if (isCalm && open.length > 0) this.fail('notLeft', `record ${open.map(({ record }) => record.id).join()} is open, and no process is there`);
    const needless = halted.find(({ record: { id } }) => facts.measured?.[id] !== 'none');
    if (needless && world.turned === undefined) this.fail('end', `record ${needless.record.id} is halted, and everything needed was there`);
    const changed = open.filter(({ record }) => facts.begun.includes(record.id));
    if (changed.length === 0 && !isHalted && world.shared !== undefined) this.fail('whole', `${world.slots[world.shared]} has a share of the traffic, Stable is ${facts.stable}`);
    if (changed.length === 0 && !isHalted && served(world) !== facts.stable) this.fail('end', `users are on ${served(world)}, Stable is ${facts.stable}`);
    if (changed.length === 0 && !isHalted && world.announced !== undefined && world.announced !== served(world)) this.fail('announced', `it ran for ${world.announced}, users are on ${served(world)}`);
    this.protects(system, state);
    if (isCalm) this.wants(system, state);
  }

  private command(system: System, before: State, process: Running, request: Request & { kind: 'command' }): Facts {
    const { facts, world } = before;
    const { spec, recordId } = process.position;
    const record = recordOf(before, recordId);
    // what was read before is compared by the target itself, and who waits for an engine changes nothing
    if (request.step !== undefined && system.scenario.target !== 'hosts') return facts;
    if (!record) {
      this.fail('rollbackPoint', `${spec.name} runs ${request.command} without a record`);
      return facts;
    }
    const begun = facts.begun.includes(record.id) ? facts.begun : [...facts.begun, record.id];
    const lost = whyLost(system, before, record, processIdOf(spec));
    const isBeside = lost !== undefined && restoresBesideItsOwnRun(system, before, record, request);
    // a rollback continues even if the ledger did not record its new lease
    const wasRejected = before.rejections < (system.scenario.rejections ?? 0);
    if (lost !== undefined && !(isBeside && wasRejected)) {
      // between two commands of one phase: whom it was taken from, and who took it again, cannot be read from an entry that is not read back yet
      const isWeight = system.scenario.analysis !== undefined && request.command === 'setWeight' && request.weight === 100;
      const mayGoOn = isBeside && (request.command === 'afterPromote' || isWeight);
      if (process.lookedLost && !mayGoOn) this.fail('looked', `${spec.name} runs ${request.command} ${request.version}: ${lost}`);
      else if (!process.isLost && !isBeside) this.fail('alone', `${spec.name} runs ${request.command} ${request.version}: ${lost}`);
      this.windows++;
      return { ...facts, begun, window: true };
    }
    if (!facts.begun.includes(record.id) && request.leaving === undefined) this.first(system, before, process, record);
    if (!facts.begun.includes(record.id) && record.kind === 'rollback') this.confirmed(system, before, process, record);
    if (process.lookedHeld && request.leaving === undefined && record.kind === 'deploy') this.fail('held', `${spec.name} runs ${request.command} ${request.version}`);
    if (!facts.window && hasSlots(system.scenario.strategy)) this.slots(world, record, request, lastChange(system, before, record)?.state === 'halted');
    const weighedBy = system.scenario.analysis && request.command === 'setWeight' ? this.weighs(before, process, record, request) : facts.weighedBy;
    if (!facts.window && request.command === 'afterPromote' && request.version !== served(world)) this.fail('announced', `it runs for ${request.version}, users are on ${served(world)}`);
    return { ...facts, begun, ...(weighedBy !== undefined && { weighedBy }) };
  }

  /** Where canaries are measured. Returns whose weight it is. */
  private weighs(before: State, process: Running, record: LedgerRecord, request: Request & { kind: 'command' }): string {
    const { facts: { measured, weighedBy }, processes } = before;
    const who = process.position.spec.name;
    const isPromoted = request.weight === 100 && request.leaving === undefined && record.kind === 'deploy';
    if (isPromoted && measured?.[record.id] !== 'promote') this.fail('verdictFirst', `${who} gives ${request.version} all traffic, measured: ${measured?.[record.id] ?? 'nothing'}`);
    const others = processes.filter((one) => one !== process && !one.isLost && !process.isLost).flatMap(({ position }) => position.requests);
    const other = others.find((one) => one.kind === 'command' && one.command === 'setWeight' && shareOfGreen(one) !== shareOfGreen(request));
    if (other) this.fail('oneWriter', `${who} sets ${shareOfGreen(request)} % for green, and another process another weight`);
    if (process.position.isUnchecked) this.fail('oldVerdict', `${who} acts on what it measured, without another look`);
    const last = recordOf(before, weighedBy);
    if (last && isNewer(last, record)) this.fail('oldVerdict', `${who} sets the weight of record ${record.id} after that of record ${last.id}`);
    return record.id;
  }

  /** Before its first command. What a person asks for after its claim comes too late for it. */
  private confirmed(system: System, before: State, process: Running, record: LedgerRecord): void {
    const from = before.runs[process.run].dispatched?.from;
    if (from === undefined) return;
    const came = lastChanged(system, before, record)?.record;
    if (came && came.id !== from && came.run.id !== record.run.id) this.fail('confirmed', `${process.position.spec.name} takes back record ${came.id}, and record ${from || 'none'} was judged`);
    const confirmed = before.ledger.find((stored) => stored.record.id === from)?.record;
    const hold = before.ledger.find(({ record: one }) => one.kind === 'hold' && confirmed && one.run.id > confirmed.run.id && Number(one.id) < Number(record.id));
    if (hold) this.fail('confirmed', `${process.position.spec.name} brings ${record.release.version}, and ${hold.record.by} asked for ${hold.record.release.version}`);
  }

  private first(system: System, before: State, process: Running, record: LedgerRecord): void {
    const { facts } = before;
    const rollbackPoint = record.stable?.release.version;
    if (rollbackPoint !== facts.stable) this.fail('rollbackPoint', `record ${record.id} would go back to ${rollbackPoint}, Stable is ${facts.stable}`);
    const unfinished = before.ledger.find((stored) =>
      stored.record.id !== record.id && facts.begun.includes(stored.record.id) && !system.ledger.standing(stored).isFinal);
    if (unfinished) this.fail('finishedFirst', `${process.position.spec.name} begins while record ${unfinished.record.id} is open`);
    if (record.kind === 'deploy' && isLower(record.release.version, facts.stable)) this.fail('lower', `${record.release.version} is brought, ${facts.stable} is Stable`);
    if (record.kind === 'deploy' && isBlocked(system, before, record)) this.fail('blocked', `${record.release.version} was rolled back before`);
  }

  /** After a halt the live slot is unknown: then the slot of the bad release is overwritten. */
  private slots(world: State['world'], record: LedgerRecord, { command, slot = '', version, weight = 100, leaving }: Request & { kind: 'command' }, isUnknown: boolean): void {
    // to take traffic away needs nothing
    if (weight === 0) return;
    if (command === 'promote' || command === 'setWeight') {
      if (world.slots[slot] !== version) this.fail('verifiedTraffic', `users are sent to ${slot} for ${version}, which holds ${world.slots[slot]}`);
      if (leaving === undefined && !world.verified.includes(slot)) this.fail('verifiedTraffic', `${version} on ${slot} was never seen healthy`);
      if (leaving !== undefined && record.kind === 'deploy' && version !== record.stable?.release.version) this.fail('verifiedTraffic', `${version} is not the rollback point`);
    } else if (command === 'deploy' && slot === world.shared) {
      this.fail('liveSlot', `${version} is put on ${slot}, which has a share of the traffic`);
    } else if (command !== 'afterPromote' && slot === world.live && !isUnknown && (served(world) !== version || leaving === undefined)) {
      this.fail('liveSlot', `${version} is put on ${slot}, where users are on ${served(world)}`);
    }
  }

  private advance(system: System, before: State, { position }: Running, recordId: string, after: State): Facts {
    const { facts, world } = before;
    const [was, is] = [system.standingOf(before, recordId), system.standingOf(after, recordId)];
    if (was.key === is.key) return facts;
    const { record } = before.ledger[Number(recordId) - 1];
    const { saw } = position;
    const sawHealthy = saw?.outcome === 'healthy' && saw.slot === undefined;
    const isRestored = ['rolledBack', 'stable'].includes(is.state) && !facts.window;
    if (isRestored && world.announced !== undefined && world.announced !== served(world)) this.fail('announced', `record ${recordId} is ${is.state}, and it ran for ${world.announced}, users are on ${served(world)}`);
    if (is.state === 'rolledBack' && !facts.window) {
      const { version } = record.stable!.release;
      if (!sawHealthy || saw.version !== version || served(world) !== version || world.shared !== undefined) this.fail('onceBack', `record ${recordId} is rolled back, users are on ${served(world)}`);
    }
    if (is.state !== 'stable') return facts;
    const { version } = record.release;
    const isAdoption = record.kind === 'adopt';
    const begun = before.ledger.filter((stored) => stored.record.id !== record.id && facts.begun.includes(stored.record.id));
    const newer = begun.find((stored) => !isAdoption && isNewer(stored.record, record) && !isPassedDrill(system, stored));
    const beside = begun.find((stored) => !system.ledger.standing(stored).isFinal);
    if (isAdoption && beside) this.fail('overtakes', `${version} becomes Stable while record ${beside.record.id} is ${system.ledger.standing(beside).state}`);
    if (!sawHealthy || saw.version !== version) this.fail('stableIsTrue', `${version} becomes Stable, and was not seen healthy`);
    if (!facts.window && (served(world) !== version || world.shared !== undefined)) this.fail('stableIsTrue', `${version} becomes Stable, users are on ${served(world)}`);
    if (!facts.window && newer) this.fail('stableIsTrue', `${version} becomes Stable beside the newer record ${newer.record.id}`);
    return { ...facts, stable: version };
  }

  /** A rollback by hand that succeeded stays, until a newer run deploys. */
  private protects(system: System, { ledger, facts }: State): void {
    for (const { record: hold } of ledger.filter(({ record }) => record.kind === 'hold')) {
      const restored = ledger.find((stored) => stored.record.kind === 'rollback' && stored.record.run.id === hold.run.id && system.ledger.standing(stored).state === 'stable');
      const newer = ledger.some((stored) => stored.record.run.id > hold.run.id && facts.begun.includes(stored.record.id));
      if (restored && !newer && facts.stable !== restored.record.release.version) {
        this.fail('held', `run ${hold.run.id} restored ${restored.record.release.version}, and Stable is ${facts.stable}`);
      }
    }
  }

  /** The newest run that changes something gets its will, unless its release is bad. */
  private wants(system: System, { facts, ledger, runs, world }: State): void {
    const { scenario } = system;
    const hasStarted = (index: number) => !scenario.runs[index].waitsForWatch || runs[index].dispatched !== undefined;
    const changing = scenario.runs.filter(({ kind }, index) => CHANGING.includes(kind) && hasStarted(index));
    if (changing.length === 0 || scenario.frozen) return;
    const newest = changing.reduce((last, run) => (run.id > last.id ? run : last));
    const wish = newest.kind === 'deploy' ? newest.version : newest.requested;
    // unless the block is lifted
    if (scenario.begins !== undefined && wish === 'v2') return;
    if (!wish || wish === scenario.turnsBad || (scenario.behaviours[wish] ?? 'good') !== 'good') return;
    // it came too late for its version
    if (newest.kind === 'deploy' && isLower(wish, facts.stable)) return;
    // the two releases shared the traffic, and its rollback point turned bad: no response tells which of them is at fault, so a person decides
    const isHalted = (stored: Stored) => stored.record.run.id === newest.id && system.ledger.standing(stored).state === 'halted';
    const hasLostItsRollbackPoint = ({ record: { stable } }: Stored) => stable !== undefined && stable.release.version === world.turned;
    if (hasWeights(scenario.strategy) && ledger.some((stored) => isHalted(stored) && hasLostItsRollbackPoint(stored))) return;
    // its canary was taken back, or nothing showed whether it is good
    if (ledger.some(({ record }) => record.run.id === newest.id && (facts.measured?.[record.id] ?? 'promote') !== 'promote')) return;
    if (facts.stable !== wish) this.fail('wanted', `${newest.name} wanted ${wish}, and ${facts.stable} is Stable`);
  }

  public fail(rule: RuleName, what: string): void {
    this.found.push({ rule, what });
  }
}

function withMeasured(facts: Facts, { position: { recordId } }: Running, measured: Measurement): Facts {
  return recordId === undefined ? facts : { ...facts, measured: { ...facts.measured, [recordId]: measured } };
}

/** What a command makes of the weights. */
function shareOfGreen({ slot, weight = 100 }: Request & { kind: 'command' }): number {
  return slot === 'green' ? weight : 100 - weight;
}

function processIdOf({ runId, attempt, name }: { runId: number; attempt: number; name: string }): string {
  return `${runId}.${attempt}.${name}`;
}

function recordOf({ ledger }: State, id: string | undefined): LedgerRecord | undefined {
  return id === undefined ? undefined : ledger[Number(id) - 1].record;
}

/** In this model versions are `v` and a number. */
function isLower(version: string, than: string): boolean {
  return Number(version.slice(1)) < Number(than.slice(1));
}

function isAttempt({ kind }: LedgerRecord): boolean {
  return ['deploy', 'rollback', 'adopt', 'drill'].includes(kind);
}

/** An adoption changes nothing, so no deployment needs to give way to it for its run. */
function isNewer(a: LedgerRecord, b: LedgerRecord): boolean {
  return isAttempt(a) && a.kind !== 'adopt' && (a.run.id - b.run.id || a.run.attempt - b.run.attempt) > 0;
}

function isHeld({ ledger }: State, of: LedgerRecord): boolean {
  return ledger.some(({ record }) => record.kind === 'hold' && record.run.id > of.run.id);
}

/** Why a process may touch nothing more for this record, as the ledger says it. */
function whyLost(system: System, state: State, record: LedgerRecord, processId: string): string | undefined {
  const standing = system.standingOf(state, record.id);
  if (standing.isFinal) return `record ${record.id} is ${standing.state} already`;
  if (standing.carrier !== processId) return `record ${record.id} is carried by ${standing.carrier}`;
  const newer = state.ledger.find((stored) =>
    isNewer(stored.record, record) && stored.record.id !== record.id && !isPassedDrill(system, stored)
    && system.ledger.standing(stored).entries.length > 1
    && !changedNothing(system.ledger.standing(stored).entries.map(({ state: passed }) => passed)));
  return newer && `record ${newer.record.id} of the newer run ${newer.record.run.id} is ${system.ledger.standing(newer).state}`;
}

/** A lost runner's next step and a later job of the same run may both restore the same release: the users see that one either way. */
function restoresBesideItsOwnRun(system: System, state: State, record: LedgerRecord, { leaving, version, weight }: Request & { kind: 'command' }): boolean {
  const { id, run, kind, release, stable } = record;
  const back = kind === 'rollback' ? release : stable?.release;
  return leaving !== undefined && (version === back?.version || weight === 0) && system.standingOf(state, id).carrier.startsWith(`${run.id}.`);
}

function changedNothing(passed: readonly string[]): boolean {
  return passed.every((one) => ['pending', 'failed', 'superseded'].includes(one));
}

/** A drill that restored the same release has replaced nothing. */
function isPassedDrill(system: System, stored: Stored): boolean {
  return stored.record.kind === 'drill' && system.ledger.standing(stored).state === 'rolledBack';
}

/** The last attempt, before a record where one is given, that changed something or may still. */
function lastChange(system: System, state: State, before?: LedgerRecord): Standing | undefined {
  return lastChanged(system, state, before)?.standing;
}

interface LastChange {
  readonly record: LedgerRecord;
  readonly standing: Standing;
}

function lastChanged(system: System, { ledger }: State, before?: LedgerRecord): LastChange | undefined {
  return ledger
    .filter(({ record }) => isAttempt(record) && (before === undefined || Number(record.id) < Number(before.id)))
    .map((stored) => ({ record: stored.record, standing: system.ledger.standing(stored) }))
    .filter(({ record, standing }) => !changedNothing(standing.entries.map(({ state: passed }) => passed)) || (record.kind !== 'adopt' && !standing.isFinal))
    .at(-1);
}

/** It got a bad verdict and was rolled back, and was neither made Stable nor unblocked since. */
function isBlocked(system: System, { ledger }: State, { id, release }: LedgerRecord): boolean {
  const decisions = ledger
    .filter(({ record }) => record.id !== id && record.release.sha === release.sha)
    .map((stored) => ({ ...stored, standing: system.ledger.standing(stored) }));
  const last = decisions.filter(({ record, standing }) => record.kind === 'unblock' || standing.state === 'stable' || standing.state === 'rolledBack').at(-1);
  return last?.standing.state === 'rolledBack' && !last.standing.entries.some(({ abandoned }) => abandoned);
}
