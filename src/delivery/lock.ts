import { LockManifest } from '../contract/manifest';
import { invalid, show } from '../validation/validation-error';

/**
 * The lock that prevents two concurrent deployments to an environment, whichever workflows they come from.
 */
export class Lock {
  /**
   * Uses the ledger as the lock: a deployment claims the environment with its record, reads the ledger again, and yields to an older
   * claim. Together with the jobs' concurrency groups this relies on GitHub returning a written record within seconds, which GitHub does
   * but does not guarantee. Needs no permissions beyond those of the ledger.
   */
  public static ledger(): Lock {
    return new Lock('ledger');
  }

  /**
   * Uses a git ref of the repository in addition to the claim in the ledger. Creating the ref is an atomic compare-and-swap, because
   * GitHub rejects the creation of an existing ref. No lock can stop a command on a machine that was paused, so commands must still be
   * idempotent.
   *
   * The jobs that hold the lock get `contents: write`: anyone who compromises such a job can push to the repository. Protect your
   * branches.
   */
  public static gitRef(): Lock {
    return new Lock('gitRef');
  }

  /** @internal */
  public readonly _kind: 'ledger' | 'gitRef';

  private constructor(kind: 'ledger' | 'gitRef') {
    this._kind = kind;
  }
}

/** Returns undefined if the ledger is the lock. Rejects other values, which would hold nothing. */
export function lockManifest(lock: Lock = Lock.ledger()): LockManifest | undefined {
  const { _kind: kind } = lock ?? {};
  if (kind !== 'ledger' && kind !== 'gitRef') invalid('Delivery lock', `${show(lock)} is not a Lock`, 'Write Lock.ledger() or Lock.gitRef()');
  return kind === 'gitRef' ? { kind } : undefined;
}
