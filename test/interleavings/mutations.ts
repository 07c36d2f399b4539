import { Mutation } from './decision-code';
import { RuleName } from './rules';
import { SCENARIOS } from './scenarios';

/** What is broken, where that shows, and the rules of which at least one must see it. */
export interface Planted extends Mutation {
  readonly scenario: keyof typeof SCENARIOS;
  readonly strategy: 'redeploy' | 'blueGreen';
  readonly seenBy: readonly RuleName[];
}

/** One for each thing that keeps two processes apart, or one release from the other. */
export const MUTATIONS: readonly Planted[] = [
  {
    name: 'nobody asks who carries the deployment',
    file: 'deployment.ts',
    find: 'if (![this.surroundings.run.writer, this.takenFrom].includes(writer)) throw',
    replace: 'if (writer === "") throw',
    scenario: 'lostDeploy',
    strategy: 'redeploy',
    seenBy: ['looked', 'alone'],
  },
  {
    name: 'what is final is carried on',
    file: 'deployment.ts',
    find: 'if (isFinal(state)) throw',
    replace: 'if (writer === "") throw',
    scenario: 'byHand',
    strategy: 'redeploy',
    seenBy: ['looked'],
  },
];
