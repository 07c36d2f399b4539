import { Busy } from './busy';
import { Deployment } from './deployment';
import { Interrupted } from './interrupted';
import { carrierOf } from './ledger/entries';
import { EnvironmentHistory, Standing } from './ledger/history';
import { Lost } from './lost';
import { isFinal, State } from './rollout';
import { Surroundings } from './surroundings';

/**
 * Finishes a deployment whose process is gone: what was changed is taken back,
 * what merely lacks its confirmation is probed again. Asked many times it acts once,
 * because the record is final afterwards. Rejects with `Lost` when another process was faster.
 */
export async function settle(surroundings: Surroundings, open: Standing): Promise<Deployment> {
  const deployment = Deployment.resume(surroundings, { ...open, state: standing(surroundings, open) });
  await deployment.take(`left ${open.state} by run ${open.record.run.id}, attempt ${open.record.run.attempt}`);
  await deployment.carryOn();
  return deployment;
}

/**
 * The state a record really reached. Nothing promises that a write is read back at once,
 * or that the last one was taken: a deploy job that succeeded had promoted and baked its release.
 */
export function standing({ run }: Surroundings, { record, state }: Standing): State {
  const unconfirmed: State[] = ['migrating', 'deploying', 'verifying', 'promoting', 'baking'];
  const ours = record.run.id === run.id && record.run.attempt === run.attempt;
  return ours && run.deployed && unconfirmed.includes(state) ? 'confirming' : state;
}

/** Whatever a run left unfinished, the next command on that environment finishes first. Waits for a run that is still at work. */
export async function finishUnfinished(surroundings: Surroundings): Promise<void> {
  const { clock, environment, ledger, log } = surroundings;
  const giveUpAt = clock.now() + patienceMs(surroundings);
  const finished = new Set<string>();
  for (;;) {
    const open = await new EnvironmentHistory(ledger, environment.name).open();
    if (!open) return;
    const { id, release, run } = open.record;
    const what = `${release.version} (run ${run.id}) is ${open.state}`;
    // what was finished a moment ago may still be read as open
    if (!finished.has(id) && await mayTake(surroundings, open)) {
      // It wrote until it was gone: what was read before that is old.
      const left = await new EnvironmentHistory(ledger, environment.name).open();
      if (left?.record.id !== id) continue;
      log.notice('An earlier deployment was left unfinished', `${what}; it is finished first.`);
      if (await settle(surroundings, left).catch(unlessLost)) finished.add(id);
      continue;
    }
    const leftMs = giveUpAt - clock.now();
    if (leftMs <= 0) throw new Busy(`${environment.name}: ${what}, as the ledger tells, and run ${holderOf(open)} may still work on it. Nothing else was changed: run this again when that run is done, or cancel that run.`);
    log.progress(`waiting for run ${holderOf(open)}: ${what} · ${Math.ceil(leftMs / 1000)} s left`);
    await clock.sleep(Math.min(POLL_MS, leftMs), surroundings.interrupted);
    if (surroundings.interrupted.aborted) throw new Interrupted();
  }
}

const POLL_MS = 10_000;

/** As long as another run may need to take its deployment back, and be judged. */
function patienceMs({ environment }: Surroundings): number {
  return environment.strategy.commandTimeoutMs + Math.max(...environment.healthChecks.map(({ deadlineMs, timeoutMs }) => deadlineMs + timeoutMs));
}

/** Whether nobody works on it: put down, left by an earlier process of this run, or by a run that is over. */
async function mayTake({ ledger, run }: Surroundings, { record, entries }: Standing): Promise<boolean> {
  const { isDone, writer } = carrierOf(record.writer, entries);
  const [id, attempt] = writer.split('.').map(Number);
  // the jobs of a run, and the steps of a job, come one after another
  if (isDone || id === run.id) return true;
  return !(await ledger.isAlive({ id, attempt }));
}

function holderOf({ record, entries }: Standing): string {
  return carrierOf(record.writer, entries).writer.split('.')[0];
}

/** Another process was faster: look again at what it makes of it. */
function unlessLost(error: unknown): undefined {
  if (error instanceof Lost) return undefined;
  throw error;
}

/** Where a record stands by now, if it is final. */
export async function ended({ ledger }: Surroundings, { record }: Standing): Promise<Standing | undefined> {
  const entries = await ledger.history(record);
  const state = entries.at(-1)?.state ?? 'pending';
  return isFinal(state) ? { record, state, entries } : undefined;
}
