import { LockManifest } from '../contract/manifest';
import { invalid, show } from '../validation/validation-error';

/**
 * What keeps two deployments of an environment apart, whichever workflows they come from.
 */
export class Lock {
  /**
   * The ledger itself: a deployment claims the environment with its record, reads again, and gives way to an older claim. Together
   * with the jobs' concurrency groups this rests on GitHub reading back within seconds what was written, which GitHub does but does
   * not promise. Needs no more permissions than the ledger does.
   */
  public static ledger(): Lock {
    return new Lock('ledger');
  }

  /**
   * A git ref of the repository, beside the ledger's claim: creating it is a true compare-and-swap, because GitHub
   * refuses to create a ref that is there. It rests on nothing else; but no lock stops a command on a machine that was paused, so
   * commands must be idempotent all the same.
   *
   * The jobs that hold it get `contents: write`: whoever takes over one of them can push to the repository. Protect your branches.
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

/** Undefined where the ledger is the lock. What is no lock at all is refused: it would quietly hold nothing. */
export function lockManifest(lock: Lock = Lock.ledger()): LockManifest | undefined {
  const { _kind: kind } = lock ?? {};
  if (kind !== 'ledger' && kind !== 'gitRef') invalid('Delivery lock', `${show(lock)} is not a Lock`, 'Write Lock.ledger() or Lock.gitRef()');
  return kind === 'gitRef' ? { kind } : undefined;
}
