/** The runtime as steps of GitHub runs, each on a fresh machine: the files of the release and of the rollback point come from GitHub's artifacts. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GithubStandIn } from '../../../tools/github-api-stand-in/stand-in';
import { zipOf } from '../../../tools/github-api-stand-in/zip';
import { Ended, OnLine, World } from '../world';

let world: World;
let github: GithubStandIn;

beforeEach(async () => {
  github = await GithubStandIn.start({ repository: 'acme/shop' });
  world = await World.create('redeploy', {
    target: {
      deploy: {
        kind: 'bash',
        line: 'cat dist/page > machine/only; echo only > machine/live; echo "deploy $DELIVERY_VERSION"; if [ -e machine/waits ]; then sleep 60; fi',
      },
    },
  });
  world.manifest = { ...world.manifest, artifact: { paths: ['dist'] } };
  world.change({});
  writeFileSync(join(world.root, '.gitignore'), 'machine\ndist\n');
  world.git('add', '.');
  world.commit('files');
});
afterEach(async () => {
  await world.destroy();
  await github.stop();
  expect(github.violations).toEqual([]);
});

/** As the build job does. */
function build(version: string): { readonly id: string; readonly digest: string } {
  const folder = join(world.root, 'machine/build');
  mkdirSync(join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'dist/page'), `${version}\n`);
  const tar = execFileSync('tar', ['-c', '-C', folder, 'dist']);
  const digest = createHash('sha256').update(tar).digest('hex');
  const zip = zipOf([{ name: `${digest}.tar`, content: tar }]);
  return { id: String(github.addArtifact({ runId: 1, name: 'delivery-release', content: () => zip }).id), digest };
}

function step(id: number, tag: string, words: string[], { artifact, onLine, env }: {
  readonly artifact?: ReturnType<typeof build>; readonly onLine?: OnLine; readonly env?: NodeJS.ProcessEnv;
} = {}): Promise<Ended> {
  const temp = join(world.root, `machine/temp-${id}-${words[0]}`);
  rmSync(temp, { recursive: true, force: true });
  mkdirSync(temp);
  const made = artifact && { DELIVERY_ARTIFACT_ID: artifact.id, DELIVERY_ARTIFACT_DIGEST: artifact.digest };
  return world.step({
    id,
    tag,
    onLine,
    env: { GITHUB_API_URL: github.url, GITHUB_TOKEN: github.token({ actions: 'read', deployments: 'write' }), RUNNER_TEMP: temp, ...made, ...env },
  }, ...words);
}

/** A release that is deployed and confirmed; its artifact. */
async function ship(version: string): Promise<ReturnType<typeof build>> {
  const artifact = build(version);
  const id = world.newRun();
  world.release(version);
  const deployed = await step(id, version, ['deploy', 'production'], { artifact });
  expect([deployed.code, deployed.output]).toEqual([0, expect.stringContaining(`artifact ${artifact.id} fetched`)]);
  expect((await step(id, version, ['monitor', 'production'], { env: { DELIVERY_DEPLOYED: 'success', DELIVERY_STATE: 'confirming' } })).code).toBe(0);
  return artifact;
}

const page = () => readFileSync(join(world.root, 'dist/page'), 'utf8').trim();

it('a bad release gives way to the files of Stable, which were fetched before anything was changed', async () => {
  const stable = await ship('v1');
  const artifact = build('v2');
  world.release('v2', 'error');
  const { code, output } = await step(world.newRun(), 'v2', ['deploy', 'production'], { artifact });
  expect([code, page(), world.served]).toEqual([1, 'v1', 'v1']);
  expect(output.indexOf(`artifact ${stable.id} fetched`)).toBeLessThan(output.indexOf('deploy v2'));
});

it('files whose retention has passed are named in the plan, before anyone approves', async () => {
  const stable = await ship('v1');
  github.expireArtifact(Number(stable.id));
  world.release('v2');
  const { summary } = await step(world.newRun(), 'v2', ['plan', 'production']);
  expect(summary).toContain('the files of v1');
});

it('a rollback by hand whose files have expired fails at its hold, before anyone is asked, and holds nothing', async () => {
  const v1 = await ship('v1');
  await ship('v2');
  github.expireArtifact(Number(v1.id));
  const older = world.newRun();
  const held = await step(world.newRun(), 'v2', ['hold', 'production', '--release', 'v1', '--reason', 'checkout is slow']);
  expect([held.code, held.output]).toEqual([2, expect.stringContaining('production: the files of v1 are gone from the CI\'s artifacts: they were deleted, or their retention has passed, so it cannot be restored. Nothing was held.')]);
  // a run that began before is not refused
  world.release('v3');
  expect((await step(older, 'v3', ['deploy', 'production'], { artifact: build('v3') })).code).toBe(0);
});

it('what a lost runner left stays open while Stable\'s files cannot be had, and is rolled back as soon as they can', async () => {
  const stable = await ship('v1');
  const artifact = build('v2');
  world.release('v2');
  writeFileSync(join(world.root, 'machine/waits'), '');
  const id = world.newRun();
  await step(id, 'v2', ['deploy', 'production'], { artifact, onLine: (line, stop) => line.includes('deploy v2') && stop('SIGKILL') });
  rmSync(join(world.root, 'machine/waits'));

  github.fail({ path: /artifacts\/\d+\/zip/, misbehaviour: { kind: 'status', status: 403 } });
  const rejected = await step(id, 'v2', ['rollback', 'production', '--recover']);
  expect([rejected.code, rejected.output]).toEqual([2, expect.stringContaining(`(artifact ${stable.id}) cannot be fetched`)]);
  expect(world.served).toBe('v2');

  expect((await step(id, 'v2', ['rollback', 'production', '--recover'])).code).toBe(1);
  expect([page(), world.served]).toEqual(['v1', 'v1']);
});
