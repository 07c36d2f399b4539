import { Entry, isDecision, Ledger, LedgerRecord, StablePointer } from './ledger';
import { compareIds, newestFirst } from './order';
import { FreezeWindow } from '../freeze';
import { Release, sameRelease } from '../release';
import { isFinal, State } from '../rollout';

/** A record and where it stands. */
export interface Standing {
  readonly record: LedgerRecord;
  readonly state: State;
  /** What it went through, oldest first; never empty. */
  readonly entries: Entry[];
}

/**
 * What the ledger says about one environment. It reads the records once and each record's
 * entries at most once, when they are asked for: after something was written, make a new one.
 * Every question rejects with `LedgerError` when the ledger cannot be read.
 */
export class EnvironmentHistory {
  private records?: Promise<LedgerRecord[]>;
  private readonly standings = new Map<string, Promise<Standing>>();

  constructor(private readonly ledger: Ledger, private readonly environment: string) {}

  /** The last thing that was tried here, whatever came of it. */
  public async last(): Promise<Standing | undefined> {
    const [last] = await this.attempts();
    return last && this.standing(last);
  }

  /** The last attempt that changed something, or still may. An adoption changes nothing until it is Stable. */
  public async newest(): Promise<Standing | undefined> {
    for (const record of await this.attempts()) {
      const standing = await this.standing(record);
      if (!changedNothing(standing) && !isAdopting(standing)) return standing;
    }
    return undefined;
  }

  /** The newest attempt that was left unfinished, unless a later one is finished. */
  public async open(): Promise<Standing | undefined> {
    const newest = await this.newest();
    return newest && !isFinal(newest.state) ? newest : undefined;
  }

  /** The adoption that still verifies what is live, if any does: whoever changes something waits for it, or takes it away. */
  public async adopting(): Promise<Standing | undefined> {
    for (const record of await this.attempts()) {
      const standing = await this.standing(record);
      if (isAdopting(standing)) return standing;
      if (!changedNothing(standing)) return undefined;
    }
    return undefined;
  }

  /** The last attempt besides this one that changed something or still may. A claim that was recorded later gives way by itself. */
  public async besides(record: LedgerRecord): Promise<Standing | undefined> {
    for (const other of await this.attempts()) {
      const standing = await this.standing(other);
      const givesWay = standing.state === 'pending' && compareIds(other.id, record.id) > 0;
      // a record that was written twice, because its answer was lost, is no other one
      const isOther = other.id !== record.id && other.writer !== record.writer;
      if (isOther && !givesWay && !changedNothing(standing)) return standing;
    }
    return undefined;
  }

  /** The newest record of a run. */
  public async ofRun(runId: number): Promise<Standing | undefined> {
    const record = (await this.attempts()).find(({ run }) => run.id === runId);
    return record && this.standing(record);
  }

  /** The newest hold of a run that began after this one: what this run deploys is not wanted any more. */
  public async heldAgainst(runId: number): Promise<LedgerRecord | undefined> {
    return (await this.all()).find(({ kind, run }) => kind === 'hold' && run.id > runId);
  }

  /** The newest override that was written within a freeze. One that a clock which ran ahead wrote lifts no other freeze. */
  public async overrideWithin({ from, until }: Pick<FreezeWindow, 'from' | 'until'>): Promise<LedgerRecord | undefined> {
    return (await this.all()).find(({ kind, createdAt }) => kind === 'override' && Date.parse(createdAt) >= from && Date.parse(createdAt) < until);
  }

  /**
   * The last release that was verified here: the newest record's own if it became Stable,
   * else the one it would go back to, which it carries itself.
   */
  public async stable(): Promise<StablePointer | undefined> {
    for (const record of await this.attempts()) {
      const standing = await this.standing(record);
      // it may have been written beside another one, and know nothing of what that one brought
      if (changedNothing(standing) || isAdopting(standing)) continue;
      if (standing.state === 'stable') return pointerTo(standing);
      // an adoption has nothing to go back to: it says nothing of what was Stable before
      if (record.stable || record.kind !== 'adopt') return record.stable;
    }
    return undefined;
  }

  /** The slot that users are on (blue/green), as far as the records tell. */
  public async slotWithTraffic(): Promise<string | undefined> {
    const newest = await this.newest();
    if (!newest) return undefined;
    const { record, state, entries } = newest;
    const passed = entries.map((entry) => entry.state);
    // After a halted rollback nobody knows; the slot of the bad release is then the one to overwrite.
    const isBack = passed.includes('rollingBack') && record.stable !== undefined;
    const hasMoved = state === 'stable' || (passed.includes('promoting') && !isBack);
    return hasMoved ? record.slot : record.stable?.slot;
  }

  /**
   * Whether the release was rolled back here, by itself or by hand, or a rollback of it was at least begun, and nobody
   * made it Stable or unblocked it since. Tags move: the same commit or the same files count, whatever the version.
   * A release whose process was gone (a cancelled run, a lost runner) was judged by nobody: that blocks nothing. Nor does a drill.
   */
  public async isBlocked(release: Release): Promise<boolean> {
    for (const record of await this.all()) {
      if (record.kind === 'unblock' && alike(record.release, release)) return false;
      if (isDecision(record) || record.kind === 'drill') continue;
      if (!alike(record.release, release) && !(record.leaving && alike(record.leaving, release))) continue;
      const verdict = blocks(await this.standing(record), release);
      if (verdict !== undefined) return verdict;
    }
    return false;
  }

  /** The releases of the last attempts that are blocked here, newest first. */
  public async blocked(attempts = 20): Promise<Release[]> {
    const found: Release[] = [];
    for (const { kind, leaving, release } of (await this.attempts()).slice(0, attempts)) {
      for (const one of kind === 'rollback' ? [leaving, release] : [release]) {
        if (one && !found.some((other) => alike(other, one)) && (await this.isBlocked(one))) found.push(one);
      }
    }
    return found;
  }

  /** The record that made this commit Stable here, unless it was rolled back later, by itself or by hand. */
  public async verified(sha: string): Promise<LedgerRecord | undefined> {
    for (const record of await this.attempts()) {
      if (record.release.sha !== sha || !(await this.becameStable(record))) continue;
      return (await this.isBlocked(record.release)) ? undefined : record;
    }
    return undefined;
  }

  /** Every release that was ever verified here, newest first. Needs no more than the records themselves. */
  public async verifiedReleases(): Promise<StablePointer[]> {
    const newest = await this.newest();
    const pointers = newest?.state === 'stable' ? [pointerTo(newest)] : [];
    for (const { stable } of await this.all()) {
      const isKnown = !stable || pointers.some(({ release }) => release.version === stable.release.version && sameRelease(release, stable.release));
      if (!isKnown) pointers.push(stable);
    }
    return pointers;
  }

  /** The newest deployment or rollback of a run, or an attempt of one, that began after this one, unless it changed nothing and won't. */
  public async newerThan(run: LedgerRecord['run']): Promise<Standing | undefined> {
    for (const record of await this.attempts()) {
      if (record.kind === 'adopt' || !isLater(record.run, run)) continue;
      const standing = await this.standing(record);
      if (!changedNothing(standing)) return standing;
    }
    return undefined;
  }

  /** A release that came after this record and ran a migration which cannot be undone. */
  public async irreversibleSince(recordId: string): Promise<Release | undefined> {
    for (const record of await this.attempts()) {
      if (record.id === recordId) return undefined;
      if ((await this.standing(record)).entries.some(({ irreversible }) => irreversible)) return record.release;
    }
    return undefined;
  }

  /** The release of the newest attempt that a person names by its version or its sha (7 digits and more). */
  public async attempted(name: string): Promise<Release | undefined> {
    return (await this.attempts()).find(({ release }) => isNamed(release, name))?.release;
  }

  private async attempts(): Promise<LedgerRecord[]> {
    return (await this.all()).filter((record) => !isDecision(record));
  }

  private all(): Promise<LedgerRecord[]> {
    this.records ??= this.ledger.records(this.environment).then((records) => [...records].sort(newestFirst));
    return this.records;
  }

  private standing(record: LedgerRecord): Promise<Standing> {
    const standing = this.standings.get(record.id) ?? this.ledger.history(record).then((entries) => ({
      record, state: entries.at(-1)?.state ?? 'pending', entries,
    }));
    this.standings.set(record.id, standing);
    return standing;
  }

  /** Most Stable records are named by a later one: that saves asking for their entries. */
  private async becameStable(record: LedgerRecord): Promise<boolean> {
    const isPointedAt = (await this.all()).some(({ stable }) => stable?.recordId === record.id);
    return isPointedAt || (await this.standing(record)).state === 'stable';
  }
}

/** A later run, or a later attempt of the same one. */
function isLater(one: LedgerRecord['run'], other: LedgerRecord['run']): boolean {
  return one.id > other.id || (one.id === other.id && one.attempt > other.attempt);
}

/** Whether a person who says `name` means this release. */
export function isNamed({ sha, version }: Release, name: string): boolean {
  return version === name || (/^[0-9a-f]{7,40}$/i.test(name) && sha.startsWith(name.toLowerCase()));
}

/** Refused, fell over or gave way before the first change. */
function changedNothing({ state, entries }: Standing): boolean {
  return state === 'failed' || (state === 'superseded' && entries.every((entry) => entry.state === 'pending' || entry.state === 'superseded'));
}

/** A claim only: what is live is still verified. */
function isAdopting({ record, state }: Standing): boolean {
  return record.kind === 'adopt' && state === 'pending';
}

/** What an attempt says of a release: blocked, not blocked, or nothing. */
function blocks({ record, state, entries }: Standing, release: Release): boolean | undefined {
  if (alike(record.release, release)) {
    if (state === 'stable') return false;
    const takenBack = entries.find((entry) => entry.state === 'rollingBack' || entry.state === 'rolledBack');
    return takenBack && !takenBack.abandoned ? true : undefined;
  }
  return entries.some((entry) => entry.state === 'deploying') ? true : undefined;
}

function pointerTo({ record, entries }: Standing): StablePointer {
  return { recordId: record.id, release: record.release, slot: record.slot, since: entries.at(-1)?.at ?? record.createdAt };
}

function alike(a: Release, b: Release): boolean {
  return a.sha === b.sha || (a.artifact !== undefined && a.artifact.digest === b.artifact?.digest);
}
