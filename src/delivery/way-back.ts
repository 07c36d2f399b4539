import { invalid, show } from '../validation/validation-error';

/** An environment whose target may be one that cannot take a release back. */
export interface OneWayEnvironment {
  readonly name: string;
  readonly target: { readonly noRollback?: string };
}

interface PlannedEnvironment extends OneWayEnvironment {
  readonly strategy: { readonly slots: readonly string[]; readonly manifest: { readonly kind: string } };
}

/** Rejects a strategy that ends a bad release by moving users back. */
export function checkStrategyBack({ name, strategy, target }: PlannedEnvironment): void {
  if (target.noRollback === undefined || strategy.slots.length === 0) return;
  invalid(`environment ${show(name)} strategy`, `Strategy.${strategy.manifest.kind}() moves users back to the old release, and the target cannot take a release back`,
    'Use Strategy.redeploy(), with which a bad release is halted');
}

/** Rejects drills where there is no rollback to test. */
export function checkDrillsBack(drilled: readonly string[], environments: readonly OneWayEnvironment[]): void {
  const found = environments.find(({ name, target }) => target.noRollback !== undefined && drilled.includes(name));
  if (found === undefined) return;
  invalid('Delivery drill environments', `the target of ${show(found.name)} cannot take a release back, so there is no rollback to test`, 'Leave the environment out, or leave drill out');
}

/** Rejects automatic rollbacks of the watch where no watched environment has one. */
export function checkWatchBack(watched: readonly OneWayEnvironment[]): void {
  if (watched.length === 0 || watched.some(({ target }) => target.noRollback === undefined)) return;
  invalid('Delivery monitoring rollback', `no target of ${watched.map(({ name }) => show(name)).join(', ')} can take a release back, so nothing would be rolled back`, 'Leave it out: the alert reports a bad release');
}
