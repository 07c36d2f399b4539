/**
 * Random combinations of options over the project types: each is synthesized, or refused for the one mistake that it holds; never anything
 * else. What is synthesized passes the validators. `.ci/security` holds the same combinations against the native auditors.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { makeCombination } from './combination';
import { COUNT } from './count';
import { WITHOUT_QUEUE_MAX } from './deliveries';
import { temporaryFolder } from '../test-project';
import { Finding } from '../validators/finding';
import { shell } from '../validators/shell';
import { validate, validateJoined } from '../validators/validate';
import { isOurJob, isOurWorkflow, parseWorkflow, stepsOf } from '../validators/workflow';

/** No test of them takes long. */
const BATCH = 10;
/** What the properties have against a group without `queue: max`, which the option takes out. */
const UNQUEUED = /does not say who waits for whom$/;

const root = temporaryFolder();
const combinations = Array.from({ length: COUNT }, (_, i) => makeCombination(i + 1, join(root, String(i + 1))));

function describeCase({ seed, notes, rejection, error }: typeof combinations[number]): string {
  return `#${seed} (${notes.join(', ')}): expected ${String(rejection ?? 'a synthesis')}, got ${error ? `${error.name}: ${error.message}` : 'a synthesis'}`;
}

afterAll(() => {
  const rejected = combinations.filter(({ error }) => error);
  process.stdout.write(`${COUNT} combinations, ${rejected.length} of them refused for the mistake they hold; ${validated.size} different workflows\n`);
});

it('each is synthesized, or refused for the mistake that it holds, in words of ours', () => {
  const wrong = combinations.filter(({ rejection, error }) => (rejection ? error?.name !== 'ValidationError' || !rejection.test(error.message) : error !== undefined));
  expect(wrong.map(describeCase)).toEqual([]);
});

it('a small share holds a mistake', () => {
  const share = combinations.filter(({ rejection }) => rejection).length / COUNT;
  expect(share).toBeGreaterThan(0.05);
  expect(share).toBeLessThan(0.2);
});

it.each(whatIsMet())('they meet %s', (what) => {
  const all = combinations.filter(({ error }) => !error).flatMap(({ notes }) => notes);
  expect(all.some((note) => note.includes(what))).toBe(true);
});

describe('the validators accept every workflow that is ours, and our jobs in those of others', () => {
  const synthesized = combinations.filter(({ error }) => !error).map(({ seed, notes, outdir }) => ({
    seed, workflows: workflowsIn(outdir), accepts: notes.includes(WITHOUT_QUEUE_MAX) ? UNQUEUED : undefined,
  }));
  const batches = Array.from({ length: Math.ceil(synthesized.length / BATCH) }, (_, i) => synthesized.slice(BATCH * i, BATCH * (i + 1)));

  // ShellCheck is started once for all scripts
  beforeAll(async () => {
    const steps = synthesized.flatMap(({ workflows }) => workflows).flatMap(({ text }) => stepsOf(parseWorkflow(text)).map(({ step }) => step));
    await shell(stringify({ jobs: { all: { steps: steps.filter(({ run }) => run !== undefined) } } }, { aliasDuplicateObjects: false }));
  });

  it.each(batches.map((batch) => [batch[0].seed, batch] as const))('from #%i', async (_, batch) => {
    const wrong: string[] = [];
    for (const { seed, workflows, accepts } of batch) {
      for (const { name, text } of workflows) {
        const found = (await findings(text, name)).filter(({ message }) => !accepts?.test(message));
        for (const { validator, where = '', message } of found) wrong.push(`#${seed} ${name}: ${validator}: ${where} ${message}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

function whatIsMet(): string[] {
  return [
    'workflow: own', 'workflow: build', 'workflow: release', 'workflow: joined', 'a monorepo (plain)', 'a monorepo (TypeScript)', 'blue/green', 'target: tasks', 'target: commands',
    'artifact', 'onlyIfChanged', 'needs', 'lock', 'drill', 'alerts', 'monitoring', 'pullRequests', 'compatibility', 'toolchainSteps', 'setupSteps', 'branch', 'tag', 'manual',
    'checks: http', 'tcp', 'command', 'task', 'prometheus', 'dns', 'certificate', 'alarm', 'group', 'jsii', 'Java', 'Python', 'AWS CDK app in TypeScript', 'AWS CDK app in Python', 'AWS CDK app in Java',
  ];
}

/** Those that hold jobs of ours. */
function workflowsIn(outdir: string): { readonly name: string; readonly text: string }[] {
  const folder = join(outdir, '.github/workflows');
  return readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
    .filter(({ name, text }) => isOurWorkflow(name) || Object.entries(parseWorkflow(text).jobs).some(([id, job]) => isOurJob(id, job)));
}

/** By text: each workflow is looked at once. */
const validated = new Map<string, Promise<Finding[]>>();

function findings(text: string, name: string): Promise<Finding[]> {
  const known = validated.get(text) ?? (isOurWorkflow(name) ? validate : validateJoined)(text, name);
  validated.set(text, known);
  return known;
}
