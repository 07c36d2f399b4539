/**
 * What the exported expressions mean to those who evaluate them: Argo's conditions to its own language, regular expressions to RE2. Not part
 * of `npm test`: .ci/other-engines compiles `evaluate` and says where it is in $EVALUATE.
 */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { HealthCheck, HttpHealthCheckOptions, PrometheusCondition, ReleaseIdentity } from '../../../src';
import { argoAnalysis } from '../../../src/monitoring/exports/argo/argo-analysis';
import { portablePattern } from '../../../src/monitoring/exports/portable-pattern';
import { ValidationError } from '../../../src/validation/validation-error';

interface Said {
  readonly holds: boolean;
  readonly fault?: string;
}

describe('Argo\'s condition', () => {
  const release = { release: ReleaseIdentity.json('build.version') };
  const says = (version: unknown) => JSON.stringify({ build: { version } });
  const sha = '7f3a91c0d4e5f60718293a4b5c6d7e8f90123456';

  it.each<[string, HttpHealthCheckOptions, string, boolean]>([
    ['the version', release, says('v1.2.3'), true],
    ['the version without its v', release, says('1.2.3'), true],
    ['the version with white space', release, says(' v1.2.3\n'), true],
    ['seven digits of the sha', release, says('7F3A91C'), true],
    ['the whole sha', release, says(sha), true],
    ['six digits of the sha', release, says('7f3a91'), false],
    ['another sha', release, says('8f3a91c'), false],
    ['the release before', release, says('v1.2.2'), false],
    ['an empty version', release, says(''), false],
    ['no version', release, says(undefined), false],
    ['no object', release, '[]', false],
    ['text', release, 'v1.2.3', false],
    ['a value', { json: [{ path: 'checks.data-base', value: 'ok' }] }, '{"checks":{"data-base":"ok"}}', true],
    ['another value', { json: [{ path: 'checks.data-base', value: 'ok' }] }, '{"checks":{"data-base":"down"}}', false],
    ['no value', { json: [{ path: 'checks.data-base', value: 'ok' }] }, '{"checks":7}', false],
    ['a value in a list', { json: [{ path: 'nodes.0.state', value: 'up' }] }, '{"nodes":[{"state":"up"}]}', true],
    ['an empty list', { json: [{ path: 'nodes.0.state', value: 'up' }] }, '{"nodes":[]}', false],
    ['a number', { json: [{ path: 'n', value: 1_500_000 }] }, '{"n":1500000}', true],
    ['a number that is text', { json: [{ path: 'n', value: 7 }] }, '{"n":"7"}', false],
    ['a boolean', { json: [{ path: 'b', value: false }] }, '{"b":false}', true],
    ['a boolean that is text', { json: [{ path: 'b', value: false }] }, '{"b":"false"}', false],
    ['braces and quotes', { json: [{ path: 'a', value: '{{args.sha}} "\\' }] }, '{"a":"{{args.sha}} \\"\\\\"}', true],
    ['text that matches', { bodyPattern: '^o\\w$' }, 'ok', true],
    ['text that does not', { bodyPattern: '^o\\w$' }, 'odd', false],
    ['JSON, of which there is no text', { bodyPattern: '^o\\w$' }, '{"a":1}', true],
    ['a condition and a release', { ...release, json: [{ path: 'ok', value: true }] }, '{"ok":true,"build":{"version":"1.2.3"}}', true],
    ['a release without the condition', { ...release, json: [{ path: 'ok', value: true }] }, '{"build":{"version":"1.2.3"}}', false],
  ])('%s', (_, options, body, holds) => {
    const condition = conditionOf(options).replaceAll('{{args.version}}', 'v1.2.3').replaceAll('{{args.sha}}', sha);
    expect(condition).not.toContain('{{');
    expect(evaluateAll([{ condition, body }])[0].holds).toBe(holds);
  });

  it('knows a large number as a release', () => {
    const condition = conditionOf(release).replaceAll('{{args.version}}', '1500000').replaceAll('{{args.sha}}', '');
    expect(evaluateAll([{ condition, body: says(1_500_000) }])).toEqual([{ holds: true }]);
  });
});

describe('Argo\'s conditions on a query', () => {
  it.each<[string, string[], 'succeeds' | 'fails' | 'is inconclusive']>([
    ['one good series', ['0.5'], 'succeeds'],
    ['one bad series', ['1'], 'fails'],
    ['NaN beside a good one', ['NaN', '0.5'], 'succeeds'],
    ['NaN beside a bad one', ['NaN', '+Inf'], 'fails'],
    ['nothing but NaN', ['NaN', 'NaN'], 'is inconclusive'],
    ['no series', [], 'is inconclusive'],
  ])('%s', (_, numbers, expected) => {
    const { successCondition, failureCondition } = metricOf(HealthCheck.prometheus('https://p.example.com', 'x', PrometheusCondition.below(1)));
    const [success, failure] = evaluateAll([successCondition, failureCondition].map((condition) => ({ condition, numbers })));
    expect([success, failure]).toEqual([{ holds: expected === 'succeeds' }, { holds: expected === 'fails' }]);
  });
});

describe('RE2', () => {
  it('finds what JavaScript finds', () => {
    // what both are likely to see differently
    const atom = fc.constantFrom(
      ...['a', 'b', '.', '\\s', '\\S', '\\d', '\\W', '[^a]', '[a-c\\s]', '[\\S]', '[^]', '[]', '\\u0061', '\\x62', '\\cJ', '\\a', '\\z', '\\u', '{', '}', ']'],
      ...['\\b', '\\B', '^', '$', '\\/', '\\-', '[\\b]', '[a\\]-]', '[\\0-\\uffff]', '😀', '\\ud83d\\ude00', '\\v', '\\0', '(?:)', '[[:alpha:]]', '[.-/]'],
      ...['\\_', '\\é', 'é', '\\p', '-', '#', ' '],
    );
    const count = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,}', '{0,3}?');
    const { pattern: source } = fc.letrec<{ term: string; pattern: string }>((tie) => ({
      term: fc.oneof({ depthSize: 'small' }, atom, fc.tuple(fc.constantFrom('(', '(?:', '(?<n>'), tie('pattern')).map(([open, inner]) => `${open}${inner})`)),
      pattern: fc.array(fc.tuple(tie('term'), count), { maxLength: 4 }).chain((terms) => (
        fc.constantFrom('', '|').map((between) => terms.map(([term, times]) => term + times).join(between))
      )),
    }));
    const unit = fc.constantFrom(...'abzu \n\r\u2028\u00a0\ufeff\v\b\0{}]-/#é:\x07p_');
    const text = fc.string({ unit, maxLength: 6 });
    const samples = fc.sample(fc.tuple(source, text), { numRuns: 60_000, seed: 7 }).filter(([pattern]) => compiles(pattern));
    const cases = samples.flatMap(([pattern, subject]) => {
      const portable = forRe2(pattern);
      return portable === undefined ? [] : [{ source: pattern, pattern: portable, text: subject, expected: new RegExp(pattern).test(subject) }];
    });
    expect(cases.length).toBeGreaterThan(5000);
    expect(cases.filter(({ expected }) => expected).length).toBeGreaterThan(1000);
    const said = evaluateAll(cases.map(({ pattern, text: subject }) => ({ pattern, text: subject })));
    const different = cases
      .map((one, i) => ({ ...one, said: said[i] }))
      .filter((one) => one.said.holds !== one.expected || one.said.fault !== undefined);
    expect(different.slice(0, 5)).toEqual([]);
    process.stdout.write(`${cases.length} of ${samples.length} expressions are portable and mean the same to RE2, the others are refused\n`);
  });
});

/** Undefined for a pattern that is not portable. */
function forRe2(pattern: string): string | undefined {
  try {
    return portablePattern('pattern', pattern, 'RE2');
  } catch (error) {
    if (error instanceof ValidationError) return undefined;
    throw error;
  }
}

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern) !== undefined;
  } catch {
    return false;
  }
}

/** As it stands in the exported file. */
function conditionOf(options: HttpHealthCheckOptions): string {
  return metricOf(HealthCheck.http('https://x.example.com', options)).successCondition;
}

function metricOf(check: HealthCheck): { readonly successCondition: string; readonly failureCondition?: string } {
  const environment = { name: 'e', url: 'https://x.example.com', healthChecks: [check._manifest] };
  const { document } = argoAnalysis({}).files[0].content({ project: 'p', environments: [environment], firesAfter: 3, resolvesAfter: 2 });
  return (document as { spec: { metrics: { successCondition: string; failureCondition?: string }[] } }).spec.metrics[0];
}

function evaluateAll(questions: object[]): Said[] {
  const input = questions.map((question) => JSON.stringify(question)).join('\n') + '\n';
  const output = execFileSync(process.env.EVALUATE ?? 'evaluate', { input, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 });
  return output.trim().split('\n').map((line) => JSON.parse(line) as Said);
}
