import { EnvironmentManifest, Manifest } from '../../../src/contract/manifest';
import { GithubApi } from '../../../src/runtime/ci/github/api';
import { githubServices } from '../../../src/runtime/ci/github/github-services';
import { CommandArguments } from '../../../src/runtime/commands/command';
import { startDrills } from '../../../src/runtime/commands/start-drills';
import { RuntimeContext } from '../../../src/runtime/context';
import { Dispatch, GithubStandIn, RejectedRequest } from '../../../tools/github-api-stand-in/stand-in';
import { InstantClock } from '../ledger/instant-clock';

describe('the schedule of drill.yml', () => {
  let github: GithubStandIn;
  let clock: InstantClock;
  let dispatches: Dispatch[];
  let said: string[];

  beforeEach(async () => {
    clock = new InstantClock();
    [dispatches, said] = [[], []];
    github = await GithubStandIn.start({ repository: 'acme/shop', now: () => clock.now() });
    github.addWorkflow('drill.yml', 'drill');
    github.onDispatch = (dispatch) => {
      dispatches.push(dispatch);
      const id = 900 + dispatches.length;
      github.setRun(id, { path: dispatch.workflow, event: 'workflow_dispatch', displayTitle: `drill ${String(dispatch.inputs.environment)} (${String(dispatch.inputs.request)})`, actor: dispatch.actor });
      return id;
    };
  });
  afterEach(async () => {
    await github.stop();
    expect(github.violations).toEqual([]);
  });

  function context(project?: string): RuntimeContext[] {
    const token = github.token({ actions: 'write' }, 'github-actions[bot]');
    const api = new GithubApi({ url: github.url, token, repository: 'acme/shop', clock });
    const manifest = { project: project && { name: project, directory: `packages/${project}` } } as unknown as Manifest;
    const ci = githubServices({ api, clock, env: {}, manifest, root: '/', token });
    const log = (title: string, detail?: string) => said.push(`${title}: ${detail}`);
    return ['staging', 'production'].map((name) => ({
      clock,
      environment: { name } as EnvironmentManifest,
      manifest,
      processEnv: {},
      run: { id: 77, ref: { type: 'branch', name: 'trunk' } },
      log: { notice: log, error: log },
      ci,
    }) as unknown as RuntimeContext);
  }

  const run = (environments?: string, project?: string) => (
    startDrills.run(context(project), { json: false, flags: { environments } } as CommandArguments)
  );

  it('starts a run of its own for each environment, on the branch it is on', async () => {
    expect(await run('staging,production')).toBe(0);
    expect(dispatches.map(({ workflow, ref, inputs }) => [workflow, ref, inputs.environment])).toEqual([['drill.yml', 'trunk', 'staging'], ['drill.yml', 'trunk', 'production']]);
    expect(new Set(dispatches.map(({ inputs }) => inputs.request)).size).toBe(2);
    expect(said[0]).toMatch(/^staging: the drill was started: https:.*\/901$/);
  });

  it('starts the workflow by the name that was chosen for it', async () => {
    github.addWorkflow('fire-drill.yml', 'fire-drill');
    const named = context().map((one) => ({ ...one, manifest: { workflowNames: { drill: 'fire-drill' } } as unknown as Manifest }));
    expect(await startDrills.run(named, { json: false, flags: { environments: 'staging' } } as CommandArguments)).toBe(0);
    expect(dispatches.map(({ workflow }) => workflow)).toEqual(['fire-drill.yml']);
  });

  it('starts none a second time when its job is run again', async () => {
    await run('staging');
    expect(await run('staging,production')).toBe(0);
    expect(dispatches.map(({ inputs }) => inputs.environment)).toEqual(['staging', 'production']);
  });

  it('starts the others when one cannot be started, and is red', async () => {
    const { onDispatch } = github;
    github.onDispatch = (dispatch) => {
      if (dispatch.inputs.environment === 'staging') throw new RejectedRequest(422, 'Workflow does not have \'workflow_dispatch\' trigger');
      return onDispatch!(dispatch);
    };
    expect(await run('staging,production')).toBe(1);
    expect(dispatches.map(({ inputs }) => inputs.environment)).toEqual(['production']);
    expect(said[0]).toContain('staging: the drill could not be started: ');
  });

  it('is the subproject\'s own workflow', async () => {
    github.addWorkflow('drill_api.yml', 'drill_api');
    expect(await run('production', 'api')).toBe(0);
    expect(dispatches.map(({ workflow }) => workflow)).toEqual(['drill_api.yml']);
  });

  it('is about environments that there are, and starts nothing else', async () => {
    await expect(run('staging,prodution')).rejects.toThrow('there is no environment "prodution". There is: staging, production');
    expect(dispatches).toEqual([]);
  });
});
