import { HANG, workflow, Workshop } from '../../../tools/github-actions-emulator/workshop';

let workshop: Workshop;

beforeAll(async () => {
  workshop = await Workshop.open();
});

afterEach(() => {
  expect(workshop.tidyUp()).toEqual([]);
});

afterAll(async () => {
  expect(workshop.api.violations).toEqual([]);
  await workshop.close();
});

describe('what the API returns for a run', () => {
  const get = async (path: string): Promise<Record<string, unknown>> => {
    const authorization = `Bearer ${workshop.api.token({ actions: 'read' })}`;
    return (await (await fetch(`${workshop.api.url}/repos/acme/shop/actions/runs/${path}`, { headers: { authorization } })).json()) as Record<string, unknown>;
  };
  const status = async (id: string | number) => {
    const run = await get(String(id));
    return [run.status, run.conclusion, run.run_attempt];
  };
  const jobs = async (id: string | number, query = '') => {
    const list = (await get(`${id}/jobs${query}`)).jobs as Record<string, unknown>[];
    return list.map((job) => [job.name, job.status, job.conclusion]);
  };

  it('is true at every moment: queued, pending, waiting, in progress, completed', async () => {
    let decide = (_: boolean) => {};
    const approval = new Promise<boolean>((resolve) => { decide = resolve; });
    const hub = workshop.actions({ environments: { guarded: { approve: () => approval } } });
    const gate = workshop.fifo('moment');
    const holder = hub.trigger(workflow(`on: push\njobs:\n  h: { runs-on: x, concurrency: shown, steps: [{ run: 'echo ready; read < ${gate}' }] }`), workshop.push())!;
    const run = hub.trigger(workflow(`
      on: push
      jobs:
        a:
          name: first of them
          runs-on: x
          concurrency: shown
          environment: { name: guarded, deployment: false }
          steps: [{ run: 'echo ready; read < ${gate}; false' }]
        b: { runs-on: x, needs: a, if: always(), steps: [{ run: 'true' }] }
        c: { name: never, runs-on: x, needs: a, steps: [{ run: 'true' }] }`), workshop.push())!;
    const id = run.runId;
    expect(await status(id)).toEqual(['queued', null, 1]);

    const held = holder.execute();
    await holder.until(({ kind }) => kind === 'line');
    const record = run.execute();
    await run.until((event) => event.kind === 'jobWaiting' && event.for === 'concurrency');
    expect(await status(id)).toEqual(['pending', null, 1]);
    expect(await jobs(id)).toEqual([['first of them', 'pending', null]]);

    workshop.letPass(gate);
    await held;
    await run.until((event) => event.kind === 'jobWaiting' && event.for === 'approval');
    expect(await status(id)).toEqual(['waiting', null, 1]);

    decide(true);
    await run.until(({ kind }) => kind === 'line');
    expect(await status(id)).toEqual(['in_progress', null, 1]);
    expect(await jobs(id)).toEqual([['first of them', 'in_progress', null]]);

    workshop.letPass(gate);
    await record;
    expect(await status(id)).toEqual(['completed', 'failure', 1]);
    expect(await jobs(id)).toEqual([
      ['first of them', 'completed', 'failure'], ['b', 'completed', 'success'], ['never', 'completed', 'skipped'],
    ]);
    expect(await status(holder.runId)).toEqual(['completed', 'success', 1]);
  });

  it('is of the attempt under way, with the jobs that were kept', async () => {
    const hub = workshop.actions();
    const flaky = workflow('on: push\njobs:\n  good: { runs-on: x, steps: [{ run: "true" }] }\n  bad: { runs-on: x, steps: [{ run: "[ $GITHUB_RUN_ATTEMPT -gt 1 ]" }] }');
    const first = await hub.execute(flaky, workshop.push());
    expect(await status(first.runId)).toEqual(['completed', 'failure', 1]);
    const again = hub.rerunFailed(first);
    expect(await status(first.runId)).toEqual(['queued', null, 2]);
    await again.execute();
    expect(await status(first.runId)).toEqual(['completed', 'success', 2]);
    expect(await jobs(first.runId)).toEqual([['good', 'completed', 'success'], ['bad', 'completed', 'success']]);
    expect(await jobs(first.runId, '?filter=all')).toHaveLength(4);
  });

  it('is that a cancelled run was cancelled, even one that waited for its turn', async () => {
    const hub = workshop.actions();
    const alone = (step: string) => workflow(`on: push\nconcurrency: alone\njobs:\n  a: { runs-on: x, steps: [{ run: '${step}' }] }`);
    const first = hub.trigger(alone(HANG), workshop.push())!;
    const second = hub.trigger(alone('true'), workshop.push())!;
    const records = [first.execute(), second.execute()];
    await first.until(({ kind }) => kind === 'line');
    expect(await status(second.runId)).toEqual(['pending', null, 1]);
    second.cancel();
    await records[1];
    expect(await status(second.runId)).toEqual(['completed', 'cancelled', 1]);
    first.cancel();
    await records[0];
    expect(await status(first.runId)).toEqual(['completed', 'cancelled', 1]);
  });
});
