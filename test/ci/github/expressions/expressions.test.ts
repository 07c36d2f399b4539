import { weakenedCase } from '../../../../src/ci/github/expressions/cases';
import { conditionOf, possible } from '../../../../src/ci/github/expressions/condition';
import { evaluate } from '../../../../src/ci/github/expressions/evaluate';
import { NoExpression } from '../../../../src/ci/github/expressions/tokens';
import { parse } from '../../../../src/ci/github/expressions/tree';
import { Dictionary, FAILED, fromJson, List, truths, Unknown, UNKNOWN, Value } from '../../../../src/ci/github/expressions/values';
import { ExpressionRejected } from '../../../../tools/github-actions-emulator/expression';
import { Random } from '../../../random';
import { Contexts, evaluate as evaluateOnGitHub, Status } from '../../../validators/expressions';

/** GitHub's result; undefined where it rejects the expression or its evaluation ends with an error. */
function githubs(text: string, contexts: Contexts, status: Status): unknown {
  try {
    return evaluateOnGitHub(text, contexts, status);
  } catch (error) {
    if (error instanceof ExpressionRejected) return undefined;
    throw error;
  }
}

/** Ours, in the same form. */
function ours(text: string, contexts: Record<string, unknown>, status: string): unknown {
  try {
    const known = Object.fromEntries(Object.entries(contexts).map(([name, value]) => [name, fromJson(value)]));
    return plain(evaluate(parse(text), { contexts: known, status: status as 'success' }));
  } catch (error) {
    if (error instanceof NoExpression) return undefined;
    throw error;
  }
}

function plain(value: Value): unknown {
  if (value === FAILED) return undefined;
  if (value instanceof Unknown) throw new Error('everything is known here');
  if (value instanceof List) return value.items.map(plain);
  return value instanceof Dictionary ? Object.fromEntries(value.entries.map(([key, one]) => [key, plain(one)])) : value;
}

const EVENTS = ['push', 'pull_request', 'workflow_dispatch'];
const REFS = ['refs/heads/main', 'refs/tags/v1', 'refs/tags/v1-rc', ''];
const RESULTS: readonly Status[] = ['success', 'failure', 'cancelled', 'skipped'];

/** What a condition sees, and where each part of it can be left unknown. */
function someContexts(random: Random): Contexts {
  const one = <T>(of: readonly T[]) => random.oneOf(of);
  return {
    github: { event_name: one(EVENTS), ref: one(REFS), run_attempt: one(['1', '2']), event: { number: one([0, 1, 7]), labels: [{ name: 'Bug' }, { name: one(['ship', 'wait']), id: 3 }], repository: { fork: one([true, false]) } } },
    inputs: { dry_run: one([true, false, null]), environment: one(['', 'Staging', 'production']), count: one([0, 2.5, '2']) },
    needs: { 'build': { result: one(RESULTS), outputs: { ok: one(['true', '', '1']) } }, 'unit-test': { result: one(RESULTS), outputs: {} } },
    vars: { JSON: one(['{"a": [1, "x", null]}', '[true]', 'no json', '']) },
  };
}

const LEAVES = [
  'github.event_name', 'github.ref', 'GitHub.Event_Name', 'github[\'ref\']', 'github.event.number', 'github.event.labels', 'github.event.labels.*.name', 'github.event.labels[1].name',
  'github.event.repository.fork', 'github.event.missing.deeper', 'github.run_attempt', 'inputs.dry_run', 'inputs.environment', 'inputs.count', 'needs.build.result', 'needs.build.outputs.ok',
  'needs.unit-test.result', 'needs.*.result', 'needs.*.outputs.*', 'needs.nothing.result', 'vars.JSON', 'fromJSON(vars.JSON)', 'fromJSON(vars.JSON).a', 'fromJSON(vars.JSON).a[1]', 'toJSON(github.event.labels)',
  'success()', 'failure()', 'cancelled()', 'always()', 'Success( )',
  'true', 'false', 'null', '0', '1', '-2.5', '0x1F', '.5', '1e3', 'NaN', 'Infinity', '\'\'', '\'push\'', '\'PUSH\'', '\'refs/tags/v\'', '\'success\'', '\'it\'\'s\'', '\'1\'', '\' 2 \'', '\'ship\'', '\'ı\'', '\'I\'',
];

function someExpression(random: Random, depth: number): string {
  const one = <T>(of: readonly T[]) => random.oneOf(of);
  const deeper = () => someExpression(random, depth - 1);
  if (depth === 0 || random.chance(0.15)) return one(LEAVES);
  return one<() => string>([
    () => `${deeper()} && ${deeper()}`,
    () => `${deeper()}||${deeper()}`,
    () => `(${deeper()})`,
    () => `!${one(['', ' ', '!'])}(${deeper()})`,
    () => `! ${one(LEAVES)}`,
    () => `${one(LEAVES)} ${one(['==', '!=', '<', '<=', '>', '>='])} ${one(LEAVES)}`,
    () => `${deeper()} ${one(['==', '!='])} ${deeper()}`,
    () => `${one(['contains', 'startsWith', 'endsWith', 'ENDSWITH'])}(${deeper()}, ${one(LEAVES)})`,
    () => `format(${one(['\'{0}-{1}\'', '\'{{{0}}}\'', '\'{2}\'', '\'{\'', 'github.ref'])}, ${one(LEAVES)}, ${deeper()})`,
    () => `join(${one(LEAVES)}${one(['', ', \'-\''])})`,
    () => `case(${deeper()}, ${one(LEAVES)}, ${one(LEAVES)})`,
    () => `(${deeper()})${one(['.result', '[0]', '.*', '[\'name\']', '[1].name'])}`,
    // GitHub refuses these
    () => `${deeper()}${one([' +', ' &&', ')', ' 1', '.', ' = 1', '[', ' \''])}`,
  ])();
}

describe('as GitHub evaluates it', () => {
  test('800 random expressions', () => {
    const random = new Random(12);
    let compared = 0;
    for (let i = 0; i < 800; i += 1) {
      const [text, contexts, status] = [someExpression(random, 3), someContexts(random), random.oneOf(RESULTS)];
      const expected = githubs(text, contexts, status);
      expect({ text, status, value: ours(text, contexts, status) }).toEqual({ text, status, value: expected });
      if (expected !== undefined) compared += 1;
    }
    expect(compared).toBeGreaterThan(500);
  });

  test('800 of which a part is unknown: whatever that is, GitHub\'s result is one of those that are said to be possible', () => {
    const random = new Random(34);
    let decided = 0;
    for (let i = 0; i < 800; i += 1) {
      const [text, contexts, status] = [someExpression(random, 3), someContexts(random), random.oneOf(RESULTS)];
      const value = githubs(text, contexts, status);
      if (!isExpression(text)) continue;
      const said = truthsOf(text, hidden(contexts, random), random.chance(0.5) ? status : undefined);
      // GitHub's error is no case in which a job runs
      if (value !== undefined) expect({ text, contexts, status, isAmong: said.includes(isTrue(value)) }).toMatchObject({ isAmong: true });
      if (said.length < 2) decided += 1;
    }
    // it would be no use if it never knew
    expect(decided).toBeGreaterThan(200);
  });

  /** Leaves every third value out. */
  function hidden(contexts: Contexts, random: Random): Record<string, Value> {
    const hide = (value: unknown): Value => {
      if (random.chance(0.2)) return UNKNOWN;
      if (Array.isArray(value)) return new List(value.map(hide));
      if (typeof value !== 'object' || value === null) return value as Value;
      return new Dictionary(Object.fromEntries(Object.entries(value).map(([key, one]) => [key, hide(one)])));
    };
    return Object.fromEntries(Object.entries(contexts).map(([name, value]) => [name, hide(value)]));
  }

  function truthsOf(text: string, contexts: Record<string, Value>, status: string | undefined): readonly boolean[] {
    return truths(evaluate(parse(text), { contexts, status: status as 'success' | undefined }));
  }

  function isExpression(text: string): boolean {
    try {
      parse(text);
      return true;
    } catch {
      return false;
    }
  }

  function isTrue(value: unknown): boolean {
    return typeof value === 'object' && value !== null ? true : Boolean(value);
  }
});

describe('a condition', () => {
  const known = { contexts: { github: new Dictionary({ event_name: 'push' }, true) } };

  test.each<[unknown, readonly boolean[]]>([
    ['github.event_name == \'pull_request\'', [false]],
    ['${{ github.event_name == \'PUSH\' }}', [true, false]],
    ['always() && github.event_name == \'push\'', [true]],
    ['always() && github.event_name != \'push\' && vars.X', [false]],
    ['always() && (github.event_name != \'push\' || vars.X == \'y\')', [true, false]],
    ['always() && (hashFiles(\'x\') || true)', [true]],
    [undefined, [true, false]],
    ['', [true, false]],
    [false, [false]],
    // pasted into a text that is never empty; success() is asked for nonetheless
    ['${{ false }} && always()', [true, false]],
    ['${{ always() && false }} ', [true]],
    ['always() && fromJSON(\'\')', []],
    ['always() && startsWith(github.ref, \'refs/heads/\')', [true, false]],
  ])('%s comes to %j after a push', (condition, expected) => {
    expect([...possible(condition, known)].sort().reverse()).toEqual([...expected]);
  });

  test.each<[string, boolean[]]>([
    ['startsWith(github.ref, \'refs/tags/\')', [true]],
    ['startsWith(github.ref, \'refs/tags/v2\')', [true, false]],
    ['startsWith(github.ref, \'refs/heads/\')', [false]],
    ['github.ref == \'refs/heads/main\'', [false]],
    ['github.ref != \'refs/heads/main\'', [true]],
    ['github.ref == \'refs/tags/v1-api\'', [true, false]],
    ['endsWith(github.ref, \'-API\')', [true]],
    ['contains(github.ref, \'tags\')', [true]],
    ['contains(github.ref, \'beta\')', [true, false]],
    ['github.ref', [true]],
    ['github.ref == format(\'refs/heads/{0}\', github.event.repository.default_branch)', [false]],
    ['github.ref == format(\'refs/tags/{0}\', vars.TAG)', [true, false]],
    ['format(\'{0}\', vars.TAG)', [true, false]],
    ['format(\'{0}-{1}\', github.ref, 1)', [true, false]],
  ])('of a tag v*-api %s comes to %j', (condition, expected) => {
    const ref = new Unknown([true], { begin: 'refs/tags/v', end: '-api' });
    expect([...possible(`always() && ${condition}`, { contexts: { github: new Dictionary({ ref }, true) } })].sort().reverse()).toEqual(expected);
  });

  test.each(['a &&', 'a b', '(a', 'a)', '\'a', 'a = b', 'contains(a)', 'a.1', '${{ a && }}', 'a ? b', '1.2.3'])('%s is none', (text) => {
    expect(() => conditionOf(text)).toThrow(NoExpression);
  });
});

describe('two conditions compared by what they come to', () => {
  const OURS = '${{ !cancelled() && needs.build.result == \'success\' && needs.plan.result == \'success\' && needs.plan.outputs.go == \'true\' }}';
  const NEEDS = { needs: ['build', 'plan', 'lint'] };
  const inCase = (now: string, before = OURS) => weakenedCase(conditionOf(now), conditionOf(before), NEEDS);

  test.each([
    OURS,
    '!cancelled()&&(needs.plan.outputs.go == \'true\' && needs[\'plan\'].result == \'success\') && needs.build.result == \'success\'',
    // whatever success() says of its needs holds
    'success() && needs.plan.outputs.go == \'true\'',
    'needs.plan.outputs.go == \'true\'',
    `${OURS.slice(0, -2)} && vars.DEPLOY == 'yes' }}`,
    `${OURS.slice(0, -2)} && !contains(github.event.head_commit.message, '[skip deploy]') }}`,
    `${OURS.slice(0, -2)} && fromJSON(needs.plan.outputs.config).x == 'y' }}`,
    '!(cancelled() || needs.build.result != \'success\' || needs.plan.result != \'success\' || needs.plan.outputs.go != \'true\')',
    '!cancelled() && !contains(needs.*.result, \'failure\') && !contains(needs.*.result, \'cancelled\') && !contains(needs.*.result, \'skipped\') && needs.plan.outputs.go == \'true\'',
    'false',
  ])('%s is no weaker', (now) => {
    expect(inCase(now)).toBeUndefined();
  });

  test.each([
    'always()',
    'always() && needs.build.result == \'success\' && needs.plan.result == \'success\' && needs.plan.outputs.go == \'true\'',
    '!cancelled() && needs.build.result != \'skipped\' && needs.plan.result == \'success\' && needs.plan.outputs.go == \'true\'',
    '!cancelled() && needs.build.result == \'success\' && needs.plan.result == \'success\' && needs.plan.outputs.go != \'false\'',
    '!cancelled() && needs.build.result == \'success\' && needs.plan.result == \'success\'',
    `${OURS.slice(0, -2)} || github.actor == 'me' }}`,
    `${OURS} `,
    '!cancelled() && !contains(needs.*.result, \'failure\') && needs.plan.outputs.go == \'true\'',
    'success()',
    'needs.plan.outputs.go',
  ])('%s is weaker', (now) => {
    expect(inCase(now)).toBeDefined();
  });

  test.each([
    ['github.event_name == \'push\' && startsWith(github.ref, \'refs/tags/\')', 'github.event_name == \'push\' && startsWith(github.ref, \'refs/tags/v\')'],
    ['startsWith(github.ref, \'v\')', 'startsWith(github.ref, \'v\') && !endsWith(github.ref, \'-rc\')'],
    ['needs.plan.outputs.completed_attempt', 'needs.plan.outputs.completed_attempt && needs.plan.outputs.completed_attempt != github.run_attempt'],
    ['github.run_attempt <= 3', 'github.run_attempt < 3'],
    ['contains(github.ref, \'a\') || contains(github.ref, \'b\')', 'contains(github.ref, \'a\')'],
  ])('%s is weaker than %s, not the other way round', (weak, strong) => {
    expect(inCase(weak, strong)).toBeDefined();
    expect(inCase(strong, weak)).toBeUndefined();
  });

  test('only the values count that there are', () => {
    const [now, before] = ['github.event_name != \'pull_request\'', 'github.event_name == \'push\''].map(conditionOf);
    expect(weakenedCase(now, before, { needs: [] })).toBeDefined();
    expect(weakenedCase(now, before, { needs: [], values: { 'github.event_name': ['push', 'pull_request'] } })).toBeUndefined();
  });

  test('a condition of many needs takes few steps', () => {
    const needs = Array.from({ length: 60 }, (_, i) => `job-${i}`);
    const all = `!cancelled() && ${needs.map((need) => `needs.${need}.result == 'success'`).join(' && ')}`;
    const turned = `!cancelled() && ${[...needs].reverse().map((need) => `needs.${need}.result == 'success'`).join(' && ')}`;
    expect(weakenedCase(conditionOf(turned), conditionOf(all), { needs })).toBeUndefined();
    expect(weakenedCase(conditionOf(turned.replace(' && needs.job-7.result == \'success\'', '')), conditionOf(all), { needs })?.get('needs.job-7.result')).toBe('failure');
  });
});
