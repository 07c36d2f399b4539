import { workflow, Workshop } from '../../../tools/github-actions-emulator/workshop';

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

describe('dispatching through the API', () => {
  const rollback = `
      name: rollback
      run-name: "\${{ inputs.action }} \${{ inputs.environment }} (\${{ inputs.request }})"
      on:
        workflow_dispatch:
          inputs:
            environment: { type: choice, options: [staging, production], required: true }
            action: { type: choice, options: [rollback, unblock], default: rollback }
            reason: { type: string, required: true }
            even_if: { type: boolean, default: false }
            request: { type: string }
      jobs:
        hold:
          runs-on: x
          if: \${{ inputs.environment == 'staging' && inputs.action == 'rollback' }}
          env: { REASON: "\${{ inputs.reason }}", EVEN: "\${{ inputs.even_if }}" }
          steps: [{ run: 'echo "$REASON, $EVEN, $GITHUB_ACTOR"' }]
        act:
          runs-on: x
          needs: hold
          concurrency: { group: delivery-staging, queue: max }
          steps: [{ run: 'echo "$GITHUB_WORKFLOW_REF"' }]`;
  const deploy = (gate: string) => `
      name: deploy
      on: push
      jobs:
        deploy: { runs-on: x, concurrency: { group: delivery-staging, queue: max }, steps: [{ run: 'echo ready; read < ${gate}' }] }`;

  const dispatch = async (inputs: Record<string, unknown>, change: { ref?: string; file?: string } = {}) => {
    const response = await fetch(`${workshop.api.url}/repos/acme/shop/actions/workflows/${change.file ?? 'rollback.yml'}/dispatches`, {
      method: 'POST',
      headers: { 'authorization': `Bearer ${workshop.api.token({ actions: 'write' }, 'ada')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ref: change.ref ?? 'main', inputs, return_run_details: true }),
    });
    return { status: response.status, body: (await response.json()) as { message?: string; workflow_run_id?: number } };
  };

  it('starts a run by that person, under its name, which shares the groups of other workflows', async () => {
    const hub = workshop.actions();
    const gate = workshop.fifo('shared');
    const deploying = hub.trigger(hub.addWorkflow('deploy.yml', workflow(deploy(gate))), workshop.push())!;
    hub.addWorkflow('rollback.yml', workflow(rollback));
    const deployed = deploying.execute();
    await deploying.until(({ kind }) => kind === 'line');

    const { status, body } = await dispatch({ environment: 'staging', reason: 'it is $(bad)', request: 'r-1' });
    expect(status).toBe(200);
    const [{ run: started, record }] = hub.dispatched;
    expect(started.runId).toBe(body.workflow_run_id);
    expect(workshop.api.run(started.runId)).toMatchObject({
      displayTitle: 'rollback staging (r-1)', path: '.github/workflows/rollback.yml', event: 'workflow_dispatch', headBranch: 'main', headSha: workshop.sha, actor: 'ada',
    });
    await started.until((event) => event.kind === 'jobWaiting' && event.job === 'act' && event.what === 'delivery-staging');
    workshop.letPass(gate);
    await deployed;

    const { jobs, conclusion } = await record;
    expect([jobs.hold.log, conclusion]).toEqual(['it is $(bad), false, ada', 'success']);
    expect(jobs.act.log).toBe('acme/shop/.github/workflows/rollback.yml@refs/heads/main');
  });

  it('skips the jobs that the inputs do not select', async () => {
    const hub = workshop.actions();
    hub.addWorkflow('rollback.yml', workflow(rollback));
    await dispatch({ environment: 'production', reason: 'why', even_if: true });
    const { jobs, conclusion } = await hub.dispatched[0].record;
    expect([jobs.hold.result, jobs.act.result, conclusion]).toEqual(['skipped', 'skipped', 'skipped']);
  });

  it('is rejected where GitHub refuses it', async () => {
    const hub = workshop.actions();
    hub.addWorkflow('rollback.yml', workflow(rollback));
    hub.addWorkflow('deploy.yml', workflow(deploy('none')));
    expect((await dispatch({ environment: 'staging' })).body.message).toBe('Required input \'reason\' not provided');
    expect((await dispatch({ environment: 'lab', reason: 'why' })).body.message).toBe('Provided value \'lab\' for input \'environment\' not in the list of allowed values');
    expect((await dispatch({ environment: 'staging', reason: 'why', slot: 'blue' })).body.message).toBe('Unexpected inputs provided: ["slot"]');
    expect((await dispatch({ environment: 'staging', reason: 'why' }, { ref: 'nowhere' })).body.message).toBe('No ref found for: nowhere');
    expect(await dispatch({}, { file: 'deploy.yml' })).toMatchObject({ status: 422, body: { message: 'Workflow does not have \'workflow_dispatch\' trigger' } });
    expect((await dispatch({}, { file: 'unheard-of.yml' })).status).toBe(404);
    expect(hub.dispatched).toEqual([]);
  });

  it('cancels a run, and re-runs what failed or everything of one that is over', async () => {
    const hub = workshop.actions();
    const gate = workshop.fifo('cancelled');
    const post = async (id: number, what: string) => (await fetch(`${workshop.api.url}/repos/acme/shop/actions/runs/${id}/${what}`, {
      method: 'POST', headers: { authorization: `Bearer ${workshop.api.token({ actions: 'write' })}` },
    })).status;
    const run = hub.trigger(hub.addWorkflow('deploy.yml', workflow(deploy(gate))), workshop.push())!;
    const first = run.execute();
    await run.until((event) => event.kind === 'line' && event.text === 'ready');
    expect(await post(run.runId, 'rerun')).toBe(403);
    expect(await post(run.runId, 'cancel')).toBe(202);
    expect((await first).conclusion).toBe('cancelled');
    expect(await post(run.runId, 'cancel')).toBe(409);
    expect(await post(run.runId, 'rerun-failed-jobs')).toBe(201);
    workshop.letPass(gate);
    expect(await hub.dispatched[0].record).toMatchObject({ runId: run.runId, attempt: 2, conclusion: 'success' });
    expect(await post(run.runId, 'rerun')).toBe(201);
    workshop.letPass(gate);
    expect(await hub.dispatched[1].record).toMatchObject({ attempt: 3, conclusion: 'success' });
  });
});
