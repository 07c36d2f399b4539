/** Conditions are compared by what they come to in every case, not by how they are written. */
import { changedCondition, runsOnlyAfter } from '../../../../src/ci/github/invariants/condition-invariant';
import { Random, samples } from '../../../random';

const DEPLOY = '${{ !cancelled() && needs.build.result == \'success\' && needs.plan.result == \'success\' && needs.plan.outputs.go == \'true\' }}';
const MONITOR = '${{ always() && needs.deploy.result != \'skipped\' }}';
const RECOVER = '${{ always() && needs.deploy.result != \'skipped\' && needs.monitor.outputs.completed_attempt != github.run_attempt }}';
const PLAN = '${{ !github.event.repository.fork && github.event_name == \'push\' && github.ref == \'refs/heads/main\' }}';
const TAG = '${{ !github.event.repository.fork && github.event_name == \'push\' && startsWith(github.ref, \'refs/tags/v\') && !(startsWith(github.ref, \'refs/tags/v0\')) }}';

const NEEDS = ['build', 'plan', 'deploy', 'monitor'];
const kindOf = (ours: string, now: unknown) => changedCondition(ours, now, NEEDS)?.kind;

test.each<[string, string, unknown]>([
  ['without spaces', DEPLOY, '!cancelled()&&needs.build.result==\'success\'&&needs.plan.result==\'success\'&&needs.plan.outputs.go==\'true\''],
  ['in another order', DEPLOY, '${{ needs.plan.outputs.go == \'true\' && needs.plan.result == \'success\' && needs.build.result == \'success\' && !cancelled() }}'],
  ['in other letters', DEPLOY, DEPLOY.replaceAll('success', 'SUCCESS').replace('needs.build', 'Needs.Build')],
  ['with brackets', DEPLOY, DEPLOY.replace('needs.build.result', 'needs[\'build\'][\'result\']')],
  ['turned around', DEPLOY, DEPLOY.replace('needs.build.result == \'success\'', '!(needs.build.result != \'success\')')],
  ['with a list', DEPLOY, DEPLOY.replace('needs.build.result == \'success\'', 'contains(fromJSON(\'["success"]\'), needs.build.result)')],
  ['by what is left', MONITOR, 'always() && (needs.deploy.result == \'success\' || needs.deploy.result == \'failure\' || needs.deploy.result == \'cancelled\')'],
  ['twice', RECOVER, `${RECOVER.slice(0, -3)} && always() }}`],
  ['by De Morgan', PLAN, '!(github.event.repository.fork || github.event_name != \'push\' || github.ref != \'refs/heads/main\')'],
  ['with what never holds', PLAN, PLAN.replace(' }}', ' || false }}')],
])('the same %s is the same', (_, ours, now) => {
  expect(changedCondition(ours, now, NEEDS)).toBeUndefined();
});

test.each<[string, string, unknown]>([
  ['!= skipped in place of == success', DEPLOY, DEPLOY.replace('needs.build.result == \'success\'', 'needs.build.result != \'skipped\'')],
  ['!= failure in place of == success', DEPLOY, DEPLOY.replace('needs.plan.result == \'success\'', 'needs.plan.result != \'failure\'')],
  ['always() in place of !cancelled()', DEPLOY, DEPLOY.replace('!cancelled()', 'always()')],
  ['a part less', DEPLOY, DEPLOY.replace(' && needs.plan.outputs.go == \'true\'', '')],
  ['another value', DEPLOY, DEPLOY.replace('\'true\'', '\'false\'')],
  ['an alternative', PLAN, PLAN.replace(' }}', ' || github.actor == \'me\' }}')],
  ['an alternative within', PLAN, PLAN.replace('github.ref == \'refs/heads/main\'', '(github.ref == \'refs/heads/main\' || github.ref == \'refs/heads/next\')')],
  ['a longer beginning less', TAG, TAG.replace('refs/tags/v0', 'refs/tags/v00')],
  ['a shorter beginning', TAG, TAG.replace('\'refs/tags/v\'', '\'refs/tags/\'')],
  ['nothing at all', PLAN, undefined],
  ['true', PLAN, true],
  ['text beside it, which is always true', PLAN, `${PLAN} && true`],
  ['no word of what became of the jobs before', DEPLOY, DEPLOY.replace('!cancelled() && ', '')],
])('%s is weaker', (_, ours, now) => {
  expect(kindOf(ours, now)).toBe('weakened');
});

test.each<[string, string, unknown]>([
  ['one thing more', DEPLOY, DEPLOY.replace(' }}', ' && vars.OPEN == \'yes\' }}')],
  ['false', MONITOR, '${{ always() && false }}'],
  ['success() in place of !cancelled()', DEPLOY, DEPLOY.replace('!cancelled()', 'success()')],
  ['another event less', PLAN, PLAN.replace(' }}', ' && github.actor != \'bot\' }}')],
])('%s is narrower', (_, ours, now) => {
  expect(kindOf(ours, now)).toBe('narrowed');
});

test.each<[string, string]>([
  ['needs.lint.result == \'success\'', 'yes'],
  ['(needs.lint.result == \'success\' || needs.lint.result == \'skipped\')', 'yes'],
  ['needs.lint.result != \'failure\'', 'no'],
  ['needs.lint.outputs.ok == \'true\'', 'no'],
  ['vars.OPEN == \'yes\'', 'no'],
])('what asks for %s begins only after lint: %s', (part, expected) => {
  const job = { if: DEPLOY.replace(' }}', ` && ${part} }}`), needs: ['build', 'plan', 'lint'] };
  expect(runsOnlyAfter(job, 'lint')).toBe(expected === 'yes');
});

/** A condition as people write them, of few atoms. */
function anyCondition(random: Random, depth: number): string {
  if (depth === 0) {
    return random.oneOf([
      'needs.a.result == \'success\'', 'needs.a.result != \'skipped\'', 'needs.b.result == \'failure\'', 'needs.b.outputs.go == \'true\'', 'github.event_name == \'push\'', 'cancelled()', 'always()',
    ]);
  }
  const [left, right] = [anyCondition(random, depth - 1), anyCondition(random, depth - 1)];
  return random.oneOf([`(${left} && ${right})`, `(${left} || ${right})`, `!(${left})`]);
}

test('of random pairs none is both, and what adds a part never is weaker', () => {
  const random = new Random(6);
  for (let i = 0; i < samples(300); i += 1) {
    const [one, other] = [anyCondition(random, 2), anyCondition(random, 2)].map((text) => `always() && ${text}`);
    const needs = ['a', 'b'];
    expect([one, other, changedCondition(one, `${one} && (${other})`, needs)?.kind]).not.toContain('weakened');
    expect([one, other, changedCondition(one, `(${one}) || (${other})`, needs)?.kind]).not.toContain('narrowed');
    expect([one, changedCondition(one, `!(!(${one}))`, needs)]).toEqual([one, undefined]);
  }
});
