import { loadDecisionCode } from './decision-code';
import { explore } from './explorer';
import { MUTATIONS } from './mutations';
import { RULES } from './rules';
import { SCENARIOS } from './scenarios';
import { sayExploration } from './tally';

describe('a rule sees it when the code is broken', () => {
  it.each(MUTATIONS)('$name', async ({ scenario, strategy, seenBy, ...mutation }) => {
    const broken = await loadDecisionCode([mutation]);
    const exploration = await explore(broken, SCENARIOS[scenario](strategy), { untilViolation: true, maxStates: 30_000 });
    const seen = exploration.violations.map(({ rule }) => rule);
    process.stdout.write(`  ${mutation.name}: ${seen.map((rule) => RULES[rule]).join('; ')} (${sayExploration(exploration)})\n`);
    expect(seenBy).toEqual(expect.arrayContaining(seen));
    expect(seen).not.toEqual([]);
  });
});
