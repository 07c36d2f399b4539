import { alike, BLOCK_LIMIT, blocksAfter, blocksAfterDecision, findBlock } from './blocks';
import { Standing, weightOf } from './entries';
import { carriedOn, changedNothing, includes, isAdopting, isEnoughToKnow, isLater, isOutrunning, NO_HISTORY, pointerTo, stableAfter, sumOf, withPointers } from './history-summary';
import { Ledger } from './ledger';
import { Block, Decision, HistorySummary, isDecision, LaterAttempt, LedgerRecord, StablePointer } from './record';
import { lastOutputs } from './recorded-outputs';
import { DeploymentOutputs } from '../../contract/deployment-outputs';
import { FreezeWindow } from '../deployment/freeze';
import { isFinal } from '../deployment/state-machine';
import { compareIds, newestFirst } from '../event-log/event-log';
import { hasLocalChanges, isCommit, otherForm, Release, sameRelease } from '../release';
import { strategyOfRecord } from '../strategies/rollout-strategy';

/**
 * What the ledger says about one environment. It reads the newest records once, and the entries of those that no later record
 * includes (`HistorySummary`), each at most once and when they are asked for: after something was written, make a new one. Only a question
 * about a named release reads further back. Every question rejects with `EventLogError` when the ledger cannot be read.
 */
export class EnvironmentHistory {
  private records?: Promise<LedgerRecord[]>;
  private readonly standings = new Map<string, Promise<Standing>>();

  constructor(private readonly ledger: Pick<Ledger, 'records' | 'history'>, private readonly environment: string) {}

  /** The last attempt, with any result. */
  public async last(): Promise<Standing | undefined> {
    const last = (await this.recent()).find((record) => !isDecision(record));
    return last && this.standing(last);
  }

  /** The last attempt that changed something, or still may. An adoption changes nothing until it is Stable. */
  public async newest(): Promise<Standing | undefined> {
    return this.newestThat(() => true, (standing) => !isAdopting(standing));
  }

  /** The newest attempt that was left unfinished, unless a later one is finished. A claim gives way to what was left before it. */
  public async open(): Promise<Standing | undefined> {
    let open = await this.newest();
    if (!open || isFinal(open.state)) return undefined;
    while (open.state === 'pending') {
      const before = await this.besides(open.record);
      if (!before || isFinal(before.state) || isAdopting(before)) break;
      open = before;
    }
    return open;
  }

  /** The attempt that this run left unfinished, unless a later one is finished, regardless of the claims of other runs. */
  public async openOf(runId: number): Promise<Standing | undefined> {
    for (const record of await this.attempts()) {
      const standing = await this.standing(record);
      if (changedNothing(standing) || isAdopting(standing)) continue;
      if (isFinal(standing.state)) return undefined;
      if (record.run.id === runId) return standing;
    }
    return undefined;
  }

  /** The adoption that is still verifying the live release, if any: a process that changes something waits for it, or takes its claim. */
  public async adopting(): Promise<Standing | undefined> {
    const last = await this.newestThat(() => true);
    return last && isAdopting(last) ? last : undefined;
  }

  /** The last attempt besides this one that changed something or still may. A claim that was recorded later gives way by itself. */
  public async besides(record: LedgerRecord): Promise<Standing | undefined> {
    // a record that was written twice, because its response was lost, is no other one
    return this.newestThat(({ id, processId }) => id !== record.id && processId !== record.processId, (standing) => (
      standing.state !== 'pending' || compareIds(standing.record.id, record.id) < 0
    ));
  }

  /** The newest record of a run, among the last that were made. */
  public async ofRun(runId: number): Promise<Standing | undefined> {
    const record = (await this.recent()).find((one) => !isDecision(one) && one.run.id === runId);
    return record && this.standing(record);
  }

  /** A hold of a run that began after this one: what this run deploys is not wanted any more. */
  public async heldAgainst(runId: number): Promise<Decision | undefined> {
    const holds = (await this.recent()).filter(({ kind, run }) => kind === 'hold' && run.id > runId);
    const { hold } = await this.carried();
    return holds[0] ?? (hold && hold.run.id > runId ? hold : undefined);
  }

  /** The newest override that was written within a freeze. One that a clock which ran ahead wrote lifts no other freeze. */
  public async overrideWithin({ from, until }: Pick<FreezeWindow, 'from' | 'until'>): Promise<Decision | undefined> {
    const isWithin = ({ createdAt }: Decision) => Date.parse(createdAt) >= from && Date.parse(createdAt) < until;
    const { override } = await this.carried();
    const recent = (await this.recent()).find((record) => record.kind === 'override' && isWithin(record));
    return recent ?? (override && isWithin(override) ? override : undefined);
  }

  /**
   * The last release that was verified here: the newest record's own if it became Stable,
   * else the one it would go back to, which it carries itself.
   */
  public async stable(): Promise<StablePointer | undefined> {
    for (const record of await this.attempts()) {
      const standing = await this.standing(record);
      // it may have been written concurrently with another one, without its result
      if (changedNothing(standing) || isAdopting(standing)) continue;
      if (standing.state === 'stable') return pointerTo(standing);
      // an adoption has nothing to go back to: it says nothing of what was Stable before
      if (record.stable || record.kind !== 'adopt') return stableAfter(standing);
    }
    return (await this.carried()).stable;
  }

  /** The attempts since the last release became Stable that changed something, newest first: users may see their releases. */
  public async sinceStable(): Promise<LedgerRecord[]> {
    const stable = await this.stable();
    const found: LedgerRecord[] = [];
    for (const record of (await this.recent()).filter((one) => !isDecision(one))) {
      if (record.id === stable?.recordId) break;
      const standing = await this.standing(record);
      if (standing.state === 'stable') break;
      if (!changedNothing(standing) && record.kind !== 'adopt') found.push(record);
    }
    return found;
  }

  /** The outputs of what is live, as far as the records show. */
  public async outputs(): Promise<DeploymentOutputs | undefined> {
    const newest = await this.newest();
    return lastOutputs(newest?.entries ?? []) ?? (await this.stable())?.outputs;
  }

  /** What a driver noted of this release when it was last the rollback point, as far as the newest records show. */
  public async fastPathTo(release: Release): Promise<LedgerRecord['fastPath']> {
    return (await this.recent()).find(({ fastPath, stable }) => fastPath && stable && sameRelease(stable.release, release))?.fastPath;
  }

  /** The slot that users are on, or most of them, as far as the records show. */
  public async slotWithTraffic(): Promise<string | undefined> {
    const newest = await this.newest();
    if (!newest) return undefined;
    const { record, state, entries } = newest;
    const passed = entries.map((entry) => entry.state);
    // unknown after a halted rollback: then the slot of the bad release is overwritten. The ledger may lack an entry that it rejected
    const isBack = (passed.includes('rollingBack') || state === 'rolledBack') && record.stable !== undefined;
    const hasMoved = state === 'stable' || (passed.includes('promoting') && (weightOf(entries) ?? 100) === 100 && !isBack);
    return hasMoved ? record.slot : record.stable?.slot;
  }

  /**
   * Why a release is blocked: it was rolled back here, automatically or by hand, or its rollback at least began, and it was neither made
   * Stable nor unblocked since. Tags can move, so the block applies to the commit, and after an unhealthy verdict also to the files. The
   * Stable release is never blocked. Abandoned releases (a cancelled run, a lost runner) have no verdict, so they are not blocked. Nor are
   * drills.
   */
  public async blockOf(release: Release): Promise<Block | undefined> {
    const blocks = await this.blocks();
    const stable = (await this.stable())?.release;
    const found = findBlock(blocks, release, stable);
    if (found || blocks.length < BLOCK_LIMIT || blocks.some((block) => alike(block.release, release))) return found;
    return findBlock(await this.blocksOfCommit(release.sha), release, stable);
  }

  public async isBlocked(release: Release): Promise<boolean> {
    return (await this.blockOf(release)) !== undefined;
  }

  /** What is blocked here, newest first: as many as records carry. */
  public async blocked(): Promise<Block[]> {
    const stable = (await this.stable())?.release;
    return (await this.blocks()).filter((block) => findBlock([block], block.release, stable) !== undefined);
  }

  /** This commit with the files that were verified here, unless it was rolled back later, by itself or by hand. */
  public async verified(sha: string): Promise<Release | undefined> {
    const stable = await this.stable();
    const isStable = stable?.release.sha === sha && !hasLocalChanges(stable.release);
    const release = isStable ? stable.release : await this.becameStable(sha);
    return release && !(await this.isBlocked(release)) ? release : undefined;
  }

  /** The releases that were verified here, newest first, as far as the newest records name them. */
  public async verifiedReleases(): Promise<StablePointer[]> {
    const newest = await this.newest();
    const pointers = newest?.state === 'stable' ? [pointerTo(newest)] : [];
    return withPointers(pointers, await this.recent());
  }

  /** Those of the verified releases that a person means, newest first. Reads further back where the newest records name none. */
  public async verifiedNamed(name: string): Promise<StablePointer[]> {
    const named = (pointers: StablePointer[]) => pointers.filter(({ release }) => isNamed(release, name));
    const recent = named(await this.verifiedReleases());
    if (recent.length > 0) return recent;
    const ofCommit = /^[0-9a-f]{40}$/.test(name) ? await this.stableOfCommit(name) : undefined;
    if (ofCommit) return [pointerTo(ofCommit)];
    const isEnough = (records: readonly LedgerRecord[]) => named(withPointers([], records)).length > 0;
    return named(withPointers([], await this.ledger.records(this.environment, { isEnough })));
  }

  /** The newest deployment or rollback of a run, or an attempt of one, that began after this one, unless it changed nothing and won't. */
  public async newerThan(run: LedgerRecord['run']): Promise<{ readonly record: LaterAttempt; readonly isPending: boolean } | undefined> {
    for (const record of await this.attempts()) {
      if (!isLater(record.run, run)) continue;
      const standing = await this.standing(record);
      if (isOutrunning(standing)) return { record, isPending: standing.state === 'pending' };
    }
    const { latest } = await this.carried();
    return latest && isLater(latest.run, run) ? { record: latest, isPending: false } : undefined;
  }

  /** A release that came after this record and ran a migration which cannot be undone. */
  public async irreversibleSince(recordId: string): Promise<Release | undefined> {
    for (const record of await this.attempts()) {
      if (record.id === recordId) return undefined;
      if ((await this.standing(record)).entries.some(({ irreversible }) => irreversible)) return record.release;
    }
    const { irreversible } = await this.carried();
    return irreversible && compareIds(irreversible.id, recordId) > 0 ? irreversible.release : undefined;
  }

  /** The releases of the attempts that a person names by version or sha (7 digits and more), newest first. */
  public async attempted(name: string): Promise<Release[]> {
    const named = (records: readonly LedgerRecord[]) => records.filter((record) => !isDecision(record) && isNamed(record.release, name));
    const recent = named(await this.recent());
    if (recent.length > 0) return recent.map(({ release }) => release);
    const further = await this.ledger.records(this.environment, { isEnough: (records) => named(records).length > 0 });
    return named(further).map(({ release }) => release);
  }

  /** For a record that is made now. */
  public async carriedOn(): Promise<HistorySummary> {
    return carriedOn(await this.carried(), await this.standingsSince());
  }

  /** What entries say of a record. Reads them once. Rejects with `ConfigurationError` for a strategy that this runtime does not know. */
  public standing(record: LedgerRecord): Promise<Standing> {
    const standing = this.standings.get(record.id) ?? this.readStanding(record);
    this.standings.set(record.id, standing);
    return standing;
  }

  private async readStanding(record: LedgerRecord): Promise<Standing> {
    strategyOfRecord(record);
    const entries = await this.ledger.history(record);
    return { record, state: entries.at(-1)?.state ?? 'pending', entries };
  }

  /** The newest attempt for which both hold, and that changed something or still may. */
  private async newestThat(
    isMeant: (record: LedgerRecord) => boolean, stands: (standing: Standing) => boolean = () => true,
  ): Promise<Standing | undefined> {
    for (const record of (await this.attempts()).filter(isMeant)) {
      const standing = await this.standing(record);
      if (stands(standing) && !changedNothing(standing)) return standing;
    }
    const { newest: id } = await this.carried();
    const record = id === undefined ? undefined : await this.withId(id);
    return record && this.standing(record);
  }

  private async withId(id: string): Promise<LedgerRecord | undefined> {
    const find = (records: readonly LedgerRecord[]) => records.find((record) => record.id === id);
    return find(await this.recent()) ?? find(await this.ledger.records(this.environment, { isEnough: (records) => find(records) !== undefined }));
  }

  /** The attempts that no later record includes, newest first. */
  private async attempts(): Promise<LedgerRecord[]> {
    return (await this.since()).filter((record) => !isDecision(record));
  }

  private async since(): Promise<LedgerRecord[]> {
    const carried = await this.carried();
    return (await this.recent()).filter((record) => !includes(carried, record));
  }

  /** Oldest first. */
  private async standingsSince(): Promise<(Standing | LedgerRecord)[]> {
    const found: (Standing | LedgerRecord)[] = [];
    for (const record of await this.since()) found.unshift(isDecision(record) ? record : await this.standing(record));
    return found;
  }

  /** What the newest record carries. */
  private async carried(): Promise<HistorySummary> {
    return (await this.recent()).find((record) => record.carried)?.carried ?? NO_HISTORY;
  }

  /** The newest records, newest first. */
  private recent(): Promise<LedgerRecord[]> {
    this.records ??= this.ledger.records(this.environment, { isEnough: isEnoughToKnow }).then((records) => [...records].sort(newestFirst));
    return this.records;
  }

  private async blocks(): Promise<readonly Block[]> {
    return sumOf(await this.carried(), await this.standingsSince()).blocked;
  }

  /** Those of a commit, beyond the limited number that records carry. */
  private async blocksOfCommit(sha: string): Promise<readonly Block[]> {
    const records = await this.ledger.records(this.environment, { sha });
    let blocks: readonly Block[] = [];
    for (const record of [...records].sort(newestFirst).reverse()) {
      blocks = isDecision(record) ? blocksAfterDecision(blocks, record) : blocksAfter(blocks, await this.standing(record));
    }
    return blocks;
  }

  /** The deployments of exactly this commit, without local changes. */
  private async deploymentsOf(sha: string) {
    const records = await this.ledger.records(this.environment, { sha });
    return records.filter((record) => !isDecision(record) && record.release.sha === sha && !hasLocalChanges(record.release));
  }

  private async stableOfCommit(sha: string): Promise<Standing | undefined> {
    for (const record of await this.deploymentsOf(sha)) {
      const standing = await this.standing(record);
      if (standing.state === 'stable') return standing;
    }
    return undefined;
  }

  private async becameStable(sha: string): Promise<Release | undefined> {
    const recent = await this.recent();
    for (const record of await this.deploymentsOf(sha)) {
      // most Stable records are named by a later one, which saves reading their entries
      const isPointedAt = recent.some(({ stable }) => stable?.recordId === record.id);
      if (isPointedAt || (await this.standing(record)).state === 'stable') return record.release;
    }
    return undefined;
  }
}

/** Whether a person who says `name` means this release: `v1.2.3` and `1.2.3` are one. */
export function isNamed(release: Release, name: string): boolean {
  return release.version === name || release.version === otherForm(name) || isCommit(name, release);
}
