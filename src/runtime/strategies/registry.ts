import { blueGreen } from './blue-green';
import { redeploy } from './redeploy';
import { RolloutStrategy } from './rollout-strategy';
import { Course } from '../deployment/state-machine';
import { ConfigurationError } from '../errors';
import { unlessEjected } from '../reporting/ejected';

/** Every strategy that this runtime knows. */
export const STRATEGIES: readonly RolloutStrategy[] = [redeploy, blueGreen];

/**
 * The strategy of that name. Throws `ConfigurationError`: what a manifest or a ledger written by another version names is never guessed.
 *
 * @param namedBy what names it, for the message
 */
export function rolloutStrategy(kind: string, namedBy: string): RolloutStrategy {
  const found = STRATEGIES.find((one) => one.kind === kind);
  if (found) return found;
  const known = STRATEGIES.map((one) => one.kind).join(', ');
  throw new ConfigurationError(
    `${namedBy} names the strategy ${JSON.stringify(kind)}, which this runtime does not know (it knows ${known}). `
    + `${unlessEjected('Use the version of projen-delivery that wrote it, or a later one', 'Take .projen/delivery.cjs from the commit that wrote it')}.`,
  );
}

/** The strategy of an environment of the manifest. */
export function strategyOf({ name, strategy }: { readonly name: string; readonly strategy: { readonly kind: string } }): RolloutStrategy {
  return rolloutStrategy(strategy.kind, `the manifest's environment ${JSON.stringify(name)}`);
}

/** What the message needs of a record of the ledger. */
interface NamedRecord {
  readonly id: string;
  readonly environment: string;
  readonly strategy: string;
  readonly release: { readonly version: string };
}

/** The strategy that a record of the ledger was made with. */
export function strategyOfRecord({ environment, id, release, strategy }: NamedRecord): RolloutStrategy {
  return rolloutStrategy(strategy, `the ledger's record of ${release.version} on ${environment} (deployment ${id})`);
}

const EITHER = [true, false] as const;

/** Every course that a deployment can have. */
export const COURSES: readonly Course[] = STRATEGIES.flatMap(({ steps }) => EITHER.flatMap((canGoBack) =>
  EITHER.flatMap((migrates) => EITHER.map((byHand) => ({ steps, canGoBack, migrates, byHand })))));
