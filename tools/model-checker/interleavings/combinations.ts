import { RunSpec } from './pipeline';
import { Scenario } from './system';

/** Each command that writes a record, in the run that it belongs to; what a deploy's own jobs run comes along with it. */
export const COMMANDS = {
  'deploy': [{ name: 'A', id: 100, kind: 'deploy', version: 'v3' }],
  'newer deploy': [{ name: 'B', id: 200, kind: 'deploy', version: 'v4' }],
  'rollback by hand': [{ name: 'H', id: 150, kind: 'rollback', version: 'v1', requested: 'v0' }],
  'drill': [{ name: 'L', id: 140, kind: 'drill', version: 'v1' }],
  'adopt': [{ name: 'D', id: 160, kind: 'adopt', version: 'v1', requested: 'v1', slot: 'green' }],
  'resolve': [{ name: 'R', id: 170, kind: 'resolve', version: 'v1' }],
  'unblock': [{ name: 'U', id: 130, kind: 'unblock', version: 'v1', requested: 'v2' }],
  'unfreeze': [{ name: 'F', id: 120, kind: 'unfreeze', version: 'v1' }],
  // the watch, and the rollback that it starts
  'watch': [{ name: 'W', id: 180, kind: 'watch', version: 'v1' }, { name: 'X', id: 190, kind: 'rollback', version: 'v1', waitsForWatch: true }],
} as const satisfies Record<string, readonly RunSpec[]>;

export type CommandName = keyof typeof COMMANDS;

export const NAMES = Object.keys(COMMANDS) as CommandName[];

/** Every combination of so many different ones. */
export function combinations(size: number, of: readonly CommandName[] = NAMES): CommandName[][] {
  if (size === 0) return [[]];
  return of.flatMap((first, index) => combinations(size - 1, of.slice(index + 1)).map((rest) => [first, ...rest]));
}

/** These have the most states: they are left to the long run, which explores them to the end, too. */
const LONG = [
  'deploy + rollback by hand', 'deploy + adopt', 'deploy + resolve', 'deploy + watch',
  'rollback by hand + drill', 'rollback by hand + adopt', 'rollback by hand + resolve', 'drill + watch', 'adopt + watch',
];

/** Whether a deploy is older or newer matters beside another deploy; what is beside others is left to the long run. */
export function isQuick(pair: readonly CommandName[]): boolean {
  return !LONG.includes(pair.join(' + ')) && (!pair.includes('newer deploy') || pair.includes('deploy'));
}

/** Whether a pair is explored to the end, wherever it is. */
export function isExhaustive(pair: readonly CommandName[]): boolean {
  return isQuick(pair) || LONG.includes(pair.join(' + '));
}

/** In these nothing is deployed, so that each strategy has the same states: all of them are explored with the first strategy, and compared at night. */
export const ALIKE = [
  'adopt + resolve', 'adopt + unblock', 'adopt + unfreeze', 'resolve + unblock', 'resolve + unfreeze', 'resolve + watch', 'unblock + unfreeze', 'unblock + watch',
];

export function isAlike(pair: readonly CommandName[]): boolean {
  return ALIKE.includes(pair.join(' + '));
}

/** These commands side by side, in a world in which each of them has something to do. */
export function together(names: readonly CommandName[], changes: Partial<Omit<Scenario, 'name' | 'strategy'>> = {}): (strategy: Scenario['strategy']) => Scenario {
  const has = (name: CommandName) => names.includes(name);
  return (strategy) => ({
    name: `${strategy}: ${names.join(' + ')}${changes.behaviours ? ', a bad release' : ''}`,
    strategy,
    runs: names.flatMap((name): readonly RunSpec[] => COMMANDS[name]),
    behaviours: {},
    groups: true,
    ...(has('resolve') || has('unblock') ? { begins: has('resolve') ? 'halted' : 'confirmed' } as const : {}),
    ...(has('unfreeze') && { frozen: true }),
    ...(has('watch') && !has('resolve') && { turnsBad: 'v1' }),
    ...changes,
  });
}
