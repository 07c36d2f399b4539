import { loadDecisionCode } from '../../../tools/model-checker/interleavings/decision-code';
import { explore } from '../../../tools/model-checker/interleavings/explorer';
import { MEASURED } from '../../../tools/model-checker/interleavings/measured-scenarios';
import { MUTATIONS } from '../../../tools/model-checker/interleavings/mutations';
import { RULES } from '../../../tools/model-checker/interleavings/rules';
import { SCENARIOS } from '../../../tools/model-checker/interleavings/scenarios';
import { sayExploration } from '../../../tools/model-checker/interleavings/tally';
import { taken } from '../../../tools/model-checker/share';

describe('a rule detects the broken code', () => {
  it.each(taken(MUTATIONS))('$name', async ({ scenario, strategy, seenBy, ...mutation }) => {
    const broken = await loadDecisionCode([mutation]);
    const exploration = await explore(broken, { ...SCENARIOS, ...MEASURED }[scenario](strategy), { untilViolation: true, maxStates: 30_000 });
    const seen = exploration.violations.map(({ rule }) => rule);
    process.stdout.write(`  ${mutation.name}: ${seen.map((rule) => RULES[rule]).join('; ')} (${sayExploration(exploration)})\n`);
    expect(seenBy).toEqual(expect.arrayContaining(seen));
    expect(seen).not.toEqual([]);
  });
});
