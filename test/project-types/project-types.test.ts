/** Each package manager once, with the last project type that has it: some of those need programs besides. Every project type: project-types.ci.ts. */
import { COMBINATIONS, Combination } from './project-types';
import { whatHolds } from './what-holds';

const byManager = new Map(COMBINATIONS.filter(({ workflow }) => workflow === 'own').map((combination): [string, Combination] => [combination.manager, combination]));

whatHolds([...byManager.values()]);
