/** The runtime of a monorepo, as a real process: whose delivery it is about, and where it works. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { World } from './world';
import { Manifest } from '../../src/contract/manifest';

const DIRECTORY = 'services/my api';

describe('The runtime in a repository with several projects', () => {
  let world: World;

  beforeEach(async () => {
    world = await World.create('redeploy', {
      target: { deploy: { kind: 'bash', line: 'pwd > "$MACHINE/where"; cat dist/page > "$MACHINE/page"; echo "$DELIVERY_VERSION" > "$MACHINE/only"; echo only > "$MACHINE/live"' } },
    });
    const machine = join(world.root, 'machine');
    const [environment] = world.manifest.environments;
    world.manifest = { ...world.manifest, environments: [{ ...environment, variables: { MACHINE: machine } }], artifact: { paths: ['dist'] } };
    mkdirSync(join(world.root, DIRECTORY, 'dist'), { recursive: true });
    // what is built is not committed
    writeFileSync(join(world.root, DIRECTORY, '.gitignore'), 'dist\n');
    world.git('add', '.');
    world.commit('ignore what is built');
    writeFileSync(join(world.root, DIRECTORY, 'dist/page'), 'the api\'s page');
    write('delivery-acme-api.json', { ...world.manifest, project: { name: 'acme-api', directory: DIRECTORY } });
    write('delivery-web.json', { ...world.manifest, project: { name: 'web', directory: 'services/web' } });
  });
  afterEach(() => world.destroy());

  function write(file: string, manifest: Manifest): void {
    writeFileSync(join(world.root, '.projen', file), JSON.stringify(manifest));
  }

  const seen = (file: string) => readFileSync(join(world.root, 'machine', file), 'utf8').trim();

  it('packs, places and runs in the project\'s directory', async () => {
    world.release('v1');
    const { code, output } = await world.delivery('--project', 'acme-api', 'deploy', 'production', '--release', 'v1');
    expect([code, output]).toEqual([0, expect.stringContaining('v1 is live on production')]);
    expect(seen('where')).toBe(join(world.root, DIRECTORY));
    expect(seen('page')).toBe('the api\'s page');
  });

  it('runs the environment\'s own commands there, too', async () => {
    const around = (name: string) => ({ kind: 'bash' as const, line: `pwd > "$MACHINE/where ${name}"; ls dist > "$MACHINE/files ${name}"` });
    const [environment] = world.manifest.environments;
    write('delivery-acme-api.json', {
      ...world.manifest,
      project: { name: 'acme-api', directory: DIRECTORY },
      environments: [{ ...environment, beforeDeploy: around('before'), afterPromote: around('after') }],
    });
    world.release('v1');
    expect((await world.delivery('--project', 'acme-api', 'deploy', 'production', '--release', 'v1')).code).toBe(0);
    for (const name of ['before', 'after']) expect([seen(`where ${name}`), seen(`files ${name}`)]).toEqual([join(world.root, DIRECTORY), 'page']);
  });

  it('keeps records apart, and prints lines that say whose they are and work everywhere', async () => {
    world.release('v1');
    await world.delivery('deploy', 'production', '--release', 'v1', '--project=acme-api');
    writeFileSync(join(world.root, DIRECTORY, 'dist/page'), 'another page');
    world.release('v2', 'error');
    const bad = await world.delivery('--project', 'acme-api', 'deploy', 'production', '--release', 'v2');
    expect(bad.code).toBe(1);
    expect(bad.output).toContain('npx projen delivery unblock production --project acme-api --release v2 --reason why');

    const others = JSON.parse((await world.delivery('status', '--json', '--project', 'web')).output) as unknown[];
    expect(JSON.stringify(others)).not.toMatch(/"v[12]"/);
    expect((await world.delivery('status', '--project', 'acme-api')).output).toContain('v1');
    // as the task of another subproject would begin: the last word counts
    const said = await world.delivery('--project', 'web', 'unblock', 'production', '--project', 'acme-api', '--release', 'v2', '--reason', 'why');
    expect([said.code, said.output]).toEqual([0, expect.stringContaining('v2')]);
  });

  it('looks at a project whose directory is not checked out', async () => {
    world.release('v1');
    rmSync(join(world.root, 'services'), { recursive: true });
    const { code, output } = await world.delivery('config', 'production', '--project', 'acme-api');
    expect([code, output]).toEqual([0, expect.stringContaining('MACHINE')]);
  });

  it.each([
    [['--project', 'apo', 'status'], '"apo" has no delivery here. There is: --project acme-api, --project web'],
    [['deploy', 'production'], 'the root project has no delivery here. There is: --project acme-api, --project web'],
    [['status', '--watch'], 'status --watch shows one project: add --project acme-api, or --project web'],
    [['status', 'nowhere'], 'there is no environment "nowhere" in any project'],
    [['status', '--project'], '--project "" names no subproject.'],
    [['status', '--project', '../x'], '--project "../x" names no subproject.'],
  ])('says which projects there are: %j', async (words, message) => {
    rmSync(join(world.root, '.projen/delivery.json'));
    const { code, output } = await world.delivery(...words);
    expect([code, output]).toEqual([2, expect.stringContaining(message)]);
  });

  it('shows the status of all projects, where none is named', async () => {
    world.release('v1');
    await world.delivery('deploy', 'production', '--release', 'v1', '--project=acme-api');
    const { code, output } = await world.delivery('status');
    expect(code).toBe(0);
    expect(output.split(/^project: /m).slice(1).map((part) => part.split('\n')[0])).toEqual(['the root project', 'acme-api', 'web']);
    expect(output).toMatch(/^project: acme-api\nrecords: .*\n.*\n.*\nproduction +v1 /m);
    expect(output).toMatch(/^project: web\nrecords: .*\n.*\n.*\nproduction +none yet/m);
    const rows = JSON.parse((await world.delivery('status', '--json')).output) as object[];
    expect(rows).toMatchObject([{ environment: 'production' }, { project: 'acme-api', stable: { version: 'v1' } }, { project: 'web', environment: 'production' }]);
    expect(rows[0]).not.toHaveProperty('project');
  });

  it('shows only the projects that have a named environment', async () => {
    write('delivery-web.json', { ...world.manifest, project: { name: 'web', directory: 'services/web' }, environments: [{ ...world.manifest.environments[0], name: 'live' }] });
    const { output } = await world.delivery('status', 'live');
    expect(output).toContain('project: web');
    expect(output).not.toContain('acme-api');
    expect((await world.delivery('status', 'production', '--project', 'acme-api')).output).not.toContain('project: ');
  });

  it('says so where only the root project has one', async () => {
    for (const file of ['delivery-acme-api.json', 'delivery-web.json']) rmSync(join(world.root, '.projen', file));
    expect((await world.delivery('status', '--project', 'web')).output).toContain('"web" has no delivery here. There is: the root project\'s, without --project');
  });

  it('rejects a manifest that it does not understand, whosever it is', async () => {
    write('delivery-web.json', { ...world.manifest, schema: 99 });
    const { code, output } = await world.delivery('status', '--project', 'web');
    expect([code, output]).toEqual([2, expect.stringMatching(/delivery-web\.json has schema 99.*Run npx projen/)]);
  });

  it('rejects a manifest that names a strategy that it does not know', async () => {
    const [environment] = world.manifest.environments;
    write('delivery-web.json', { ...world.manifest, environments: [{ ...environment, strategy: { ...environment.strategy, kind: 'shadow' } }] });
    const { code, output } = await world.delivery('status', '--project', 'web');
    expect([code, output]).toEqual([2, expect.stringContaining('names the strategy "shadow", which this runtime does not know (it knows redeploy, blueGreen, canary)')]);
  });

  it('shows the option in every help', async () => {
    for (const words of [['--help'], ['deploy', '--help'], ['--project', 'web', 'rollback', '--help']]) {
      expect((await world.delivery(...words)).output).toMatch(/--project <value> +the subproject of a monorepo/);
    }
  });
});
