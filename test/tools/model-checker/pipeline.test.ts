/** The jobs that the interleavings are made of are those that are synthesized. */
import { Job, jobsOf, Result, RunSpec } from '../../../tools/model-checker/interleavings/pipeline';
import { deliver, plainProject, synthesize } from '../../test-project';
import { evaluate } from '../../validators/expressions';

const project = plainProject();
deliver(project);
const synthesized = synthesize(project);

const RESULTS: readonly Result[] = ['success', 'failure', 'skipped'];
/** What a job said before: the attempt that left nothing open, and the release. */
const OUTPUTS = ['', '1', '2'].flatMap((attempt) => ['', 'v1'].map((release) => ({ completed_attempt: attempt, release })));
type Outputs = typeof OUTPUTS[number];

/** As deploy.yml and rollback.yml call them; what comes before them (the plan) is taken as done. */
function synthesizedJob({ kind }: RunSpec, id: string) {
  return kind === 'deploy' ? synthesized.deploy.jobs[`${id}_staging`] : synthesized.rollback.jobs[id];
}

const RUNS: RunSpec[] = [{ name: 'A', id: 1, kind: 'deploy', version: 'v1' }, { name: 'H', id: 2, kind: 'rollback', version: 'v1' }];

describe.each(RUNS)('$kind.yml', (run) => {
  const jobs = Object.entries(jobsOf(run));

  test.each(jobs)('%s comes after the same jobs', (id, job) => {
    const needs = [synthesizedJob(run, id).needs ?? []].flat().map((need) => need.replace(/_staging$/, ''));
    expect(needs.filter((need) => need in jobsOf(run))).toEqual(job.needs);
  });

  test.each(jobs.filter(([, { needs }]) => needs.length > 0))('%s runs under the same condition', (id, job) => {
    for (const results of combinations(job.needs.length, RESULTS)) {
      for (const outputs of OUTPUTS) expect(holds(run, id, job, results, outputs)).toBe(runsJob(run, job, results, outputs));
    }
  });

  test.each(jobs)('%s runs the same commands', (id, job) => {
    const commands = synthesizedJob(run, id).steps!.flatMap((step) => /delivery\.cjs (\w+) (?:staging|"\$DELIVERY_INPUT_ENVIRONMENT")(.*--recover)?/.exec(step.run ?? '')?.slice(1) ?? []);
    expect(commands.filter((_, i) => i % 2 === 0)).toEqual(job.steps.map(({ command }) => command));
    expect(commands.filter((_, i) => i % 2 === 1).map(Boolean)).toEqual(job.steps.map(({ flags }) => flags?.recover ?? false));
  });
});

function holds(run: RunSpec, id: string, job: Job, results: readonly Result[], outputs: Outputs): boolean {
  const suffix = run.kind === 'deploy' ? '_staging' : '';
  const needs = Object.fromEntries(job.needs.map((need, i) => [`${need}${suffix}`, { result: results[i], outputs }]));
  return Boolean(evaluate(synthesizedJob(run, id).if!, { needs, github: { run_attempt: '2' } }, 'success'));
}

function runsJob(run: RunSpec, job: Job, results: readonly Result[], outputs: Outputs): boolean {
  const needs = Object.fromEntries(job.needs.map((need, i) => [need, { status: 'done' as const, result: results[i], outputs }]));
  return job.condition({ run, attempt: 2, needs });
}

function combinations<T>(length: number, values: readonly T[]): T[][] {
  return length === 0 ? [[]] : combinations(length - 1, values).flatMap((rest) => values.map((value) => [...rest, value]));
}
