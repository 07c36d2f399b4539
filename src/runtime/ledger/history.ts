import { Entry, Ledger, LedgerRecord, StablePointer } from './ledger';
import { newestFirst } from './order';
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

  /** The last thing that was tried here. */
  public async newest(): Promise<Standing | undefined> {
    const [newest] = await this.all();
    return newest && this.standing(newest);
  }

  /** The newest record, if it was left unfinished. */
  public async open(): Promise<Standing | undefined> {
    const newest = await this.newest();
    return newest && !isFinal(newest.state) ? newest : undefined;
  }

  /** The newest record of a run. */
  public async ofRun(runId: number): Promise<Standing | undefined> {
    const record = (await this.all()).find(({ run }) => run.id === runId);
    return record && this.standing(record);
  }

  /**
   * The last release that was verified here: the newest record's own if it became Stable,
   * else the one it would go back to, which it carries itself.
   */
  public async stable(): Promise<StablePointer | undefined> {
    for (const record of await this.all()) {
      const standing = await this.standing(record);
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
   * Whether the release was rolled back here, or a rollback of it was at least begun, and nobody
   * made it Stable since. Tags move: the same commit or the same files count, whatever the version.
   * A release whose process was gone (a cancelled run, a lost runner) was judged by nobody: that blocks nothing.
   */
  public async isBlocked(release: Release): Promise<boolean> {
    for (const record of await this.all()) {
      if (!alike(record.release, release)) continue;
      const { state, entries } = await this.standing(record);
      if (state === 'stable') return false;
      const takenBack = entries.find((entry) => entry.state === 'rollingBack' || entry.state === 'rolledBack');
      if (takenBack && !takenBack.abandoned) return true;
    }
    return false;
  }

  /** The record that made this commit Stable here, unless it was rolled back later, by itself or by hand. */
  public async verified(sha: string): Promise<LedgerRecord | undefined> {
    for (const record of await this.all()) {
      if (record.release.sha !== sha || !(await this.becameStable(record))) continue;
      const takenBack = (await this.isBlocked(record.release)) || (await this.leftByHand(record));
      return takenBack ? undefined : record;
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

  /** The newest deployment or rollback of a run that began after this one, unless it failed before it changed anything. */
  public async newerThan(runId: number): Promise<LedgerRecord | undefined> {
    for (const record of await this.all()) {
      if (record.kind === 'adopt' || record.run.id <= runId) continue;
      if ((await this.standing(record)).state !== 'failed') return record;
    }
    return undefined;
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
    const isNamed = (await this.all()).some(({ stable }) => stable?.recordId === record.id);
    return isNamed || (await this.standing(record)).state === 'stable';
  }

  private async leftByHand(record: LedgerRecord): Promise<boolean> {
    for (const later of await this.all()) {
      if (later.kind !== 'rollback' || later.stable?.recordId !== record.id || sameRelease(later.release, record.release)) continue;
      if ((await this.standing(later)).state === 'stable') return true;
    }
    return false;
  }
}

function pointerTo({ record, entries }: Standing): StablePointer {
  return { recordId: record.id, release: record.release, slot: record.slot, since: entries.at(-1)?.at ?? record.createdAt };
}

function alike(a: Release, b: Release): boolean {
  return a.sha === b.sha || (a.artifact !== undefined && a.artifact.digest === b.artifact?.digest);
}
