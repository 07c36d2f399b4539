/** preview.yml, executed: pull requests as their authors open, change, close and reopen them. */
import { PreviewWorld, PullRequest } from './previews';
import { Duration, ForkPreviews, HealthCheck, PreviewCondition, ReleaseIdentity } from '../../src';
import { LoopbackProxy } from '../loopback-proxy';

const BOT = 'github-actions[bot]';

let world: PreviewWorld;

beforeAll(async () => {
  world = await PreviewWorld.open({ expiresAfter: Duration.days(7) });
});

afterEach(() => expect(world.api.violations).toEqual([]));

afterAll(() => world.close());

describe('a pull request of a branch', () => {
  let pull: PullRequest;
  beforeAll(() => {
    pull = new PullRequest(world, 'feature');
  });

  it('opened: its head commit is deployed, verified, and commented on with its URL', async () => {
    pull.push();
    const run = await pull.on('opened');
    expect(run.jobs.finish_preview.log).toContain('healthy');
    expect(run.conclusion).toBe('success');
    expect(world.served(pull.name)).toBe(pull.sha);
    expect(world.log('deployed').at(-1)).toMatch(new RegExp(`^${pull.name} ${pull.sha} ${pull.number} http://127.0.0.1:\\d+/${pull.name}$`));
    expect(pull.comments[0]!.creator).toBe(BOT);
    expect(pull.comment).toContain('The preview is healthy');
    expect(pull.comment).toContain(`/${pull.name}`);
    expect(pull.comment).toContain(pull.sha.slice(0, 7));
    expect(world.api.deployments().map(({ environment }) => environment)).toEqual([pull.name]);
  });

  it('pushed to twice: the same comment, with the commit that is there now; a bad one stays for its author to look at', async () => {
    const { id } = pull.comments[0]!;
    pull.push({ isBad: true });
    const bad = await pull.on('synchronize');
    expect(bad.conclusion).toBe('failure');
    expect(world.served(pull.name)).toBe('broken');
    expect(pull.comment).toContain('The preview is not healthy');
    pull.push();
    expect((await pull.on('synchronize')).conclusion).toBe('success');
    expect(world.served(pull.name)).toBe(pull.sha);
    expect(pull.comment).toContain('The preview is healthy');
    expect(pull.comments.map((one) => one.id)).toEqual([id]);
  });

  it('closed: it is removed; closed again: nothing is left to remove', async () => {
    expect((await pull.on('closed')).conclusion).toBe('success');
    expect(world.served(pull.name)).toBeUndefined();
    expect(pull.comment).toContain('The preview was removed');
    expect(world.log('removed')).toEqual([`${pull.name} ${pull.number}`]);
    const again = await pull.on('closed');
    expect(again.conclusion).toBe('success');
    expect(world.log('removed')).toHaveLength(1);
    expect(again.jobs.comment.result).toBe('skipped');
  });

  it('reopened with the same commit: it is deployed again, because what was recorded before its removal is gone', async () => {
    expect((await pull.on('reopened')).conclusion).toBe('success');
    expect(world.served(pull.name)).toBe(pull.sha);
    expect(pull.comment).toContain('The preview is healthy');
  });

  it('run again: the commit is live already', async () => {
    const deployed = world.log('deployed').length;
    const run = await pull.on('synchronize');
    expect(run.conclusion).toBe('success');
    expect(run.jobs.begin_preview.log).toContain('already live');
    expect(run.jobs.preview.result).toBe('skipped');
    expect(world.log('deployed')).toHaveLength(deployed);
  });
});

it('a push while the last one is deployed: the older run gives way, and the newer one recovers what it left', async () => {
  const pull = new PullRequest(world, 'fast');
  pull.push({ isSlow: true });
  const older = world.actions.trigger(world.workflow, pull.event('opened'))!;
  const record = older.execute();
  while (!world.isMarked('waiting')) await new Promise((resolve) => setTimeout(resolve, 50));
  pull.push();
  const newer = await pull.on('synchronize');
  expect((await record).conclusion).toBe('cancelled');
  expect(newer.conclusion).toBe('success');
  expect((await record).jobs.finish_preview.log).toContain('its job was cancelled');
  expect(world.served(pull.name)).toBe(pull.sha);
  expect(pull.comment).toContain('The preview is healthy');
});

it('two previews side by side: closing one leaves the other', async () => {
  const [one, other] = [new PullRequest(world, 'one'), new PullRequest(world, 'other')];
  one.push();
  other.push();
  const runs = [one, other].map((pull) => world.actions.trigger(world.workflow, pull.event('opened'))!);
  expect((await Promise.all(runs.map((run) => run.execute()))).map(({ conclusion }) => conclusion)).toEqual(['success', 'success']);
  expect([world.served(one.name), world.served(other.name)]).toEqual([one.sha, other.sha]);
  await one.on('closed');
  expect([world.served(one.name), world.served(other.name)]).toEqual([undefined, other.sha]);
  expect([one.comments.length, other.comments.length]).toEqual([1, 1]);
});

it('a removal that fails: the pull request says so, and the sweep removes it later', async () => {
  const pull = new PullRequest(world, 'stuck');
  pull.push();
  await pull.on('opened');
  world.mark('stuck');
  const closed = await pull.on('closed');
  expect(closed.conclusion).toBe('failure');
  expect(pull.comment).toContain('could not be removed');
  expect(world.served(pull.name)).toBe(pull.sha);
  world.mark('stuck', false);
  const [sweep, ...removals] = await world.sweep();
  expect(sweep!.conclusion).toBe('success');
  expect(removals.map(({ conclusion }) => conclusion)).toEqual(['success']);
  expect(world.served(pull.name)).toBeUndefined();
  expect(pull.comment).toContain('The preview was removed');
  expect((await world.sweep()).length).toBe(1);
});

it('a close that no run saw: the sweep removes the preview', async () => {
  const pull = new PullRequest(world, 'missed');
  pull.push();
  await pull.on('opened');
  pull.issue.state = 'closed';
  await world.sweep();
  expect(world.served(pull.name)).toBeUndefined();
});

it('removed by hand while its pull request is open', async () => {
  const pull = new PullRequest(world, 'by-hand');
  pull.push();
  await pull.on('opened');
  expect((await world.dispatch({ action: 'removeIfDue', number: String(pull.number) })).conclusion).toBe('success');
  expect(world.served(pull.name)).toBe(pull.sha);
  expect((await world.dispatch({ action: 'remove', number: String(pull.number) })).conclusion).toBe('success');
  expect(world.served(pull.name)).toBeUndefined();
});

it('a pull request of a fork: no job runs, and nothing is written', async () => {
  const pull = new PullRequest(world, 'patch-1', 'mallory/shop');
  pull.push();
  const before = world.api.requests.length;
  for (const action of ['opened', 'synchronize', 'closed', 'reopened']) {
    const run = await pull.on(action);
    expect(Object.values(run.jobs).map(({ result }) => result)).toEqual(Object.keys(run.jobs).map(() => 'skipped'));
  }
  expect(world.api.requests).toHaveLength(before);
  expect(world.served(pull.name)).toBeUndefined();
});

it('no job runs on pull_request_target, and no step has a secret that the options do not name', () => {
  expect(Object.keys(world.workflow.on as object)).not.toContain('pull_request_target');
  expect(JSON.stringify(world.workflow)).not.toContain('secrets.');
});

describe('a commit of a fork, after its approval', () => {
  let forks: PreviewWorld;
  let pull: PullRequest;
  let isApproved = true;

  beforeAll(async () => {
    forks = await PreviewWorld.open({ fork: ForkPreviews.afterApproval('fork-previews') }, { environments: { 'fork-previews': { approve: async () => isApproved } } });
    pull = new PullRequest(forks, 'patch-1', 'mallory/shop');
    pull.push();
    await pull.on('opened');
  });

  afterAll(() => forks.close());

  const deploy = (commit: string) => forks.dispatch({ action: 'deployFork', number: String(pull.number), commit });

  it('the head commit that a person names is deployed, with the runtime of the default branch', async () => {
    forks.git('checkout', '--quiet', '--force', 'patch-1');
    forks.write('.projen/delivery.cjs', 'console.log("a forged runtime"); process.exit(1);');
    forks.commit('feat: a forged runtime');
    forks.git('checkout', '--quiet', '--force', 'main');
    pull.event('synchronize');
    const run = await deploy(pull.sha);
    expect(run.conclusion).toBe('success');
    expect(run.jobs.preview_fork.log).not.toContain('a forged runtime');
    expect(forks.served(pull.name)).toBe(pull.sha);
    expect(pull.comment).toContain('The preview is healthy');
  });

  it('a commit that is not the head any more is refused, and so is what no one approves', async () => {
    const reviewed = pull.sha;
    pull.push();
    pull.event('synchronize');
    const run = await deploy(reviewed);
    expect(run.conclusion).toBe('failure');
    expect(run.jobs.begin_preview.log).toContain('is not the head commit of an open pull request');
    isApproved = false;
    expect((await deploy(pull.sha)).conclusion).toBe('failure');
    expect(forks.served(pull.name)).toBe(reviewed);
  });

  it('closed: the run of the fork removes nothing, and the sweep does', async () => {
    await pull.on('closed');
    expect(forks.served(pull.name)).toBeDefined();
    await forks.sweep();
    expect(forks.served(pull.name)).toBeUndefined();
  });
});

it('a label: only a pull request that has it has a preview, and without it the preview is removed', async () => {
  const labelled = await PreviewWorld.open({ onlyWhen: PreviewCondition.label('preview') });
  try {
    const pull = new PullRequest(labelled, 'feature');
    pull.push();
    await pull.on('opened');
    await pull.on('labeled', 'other');
    expect(labelled.served(pull.name)).toBeUndefined();
    await pull.on('labeled', 'preview');
    expect(labelled.served(pull.name)).toBe(pull.sha);
    await pull.on('unlabeled', 'other');
    expect(labelled.served(pull.name)).toBe(pull.sha);
    await pull.on('unlabeled', 'preview');
    expect(labelled.served(pull.name)).toBeUndefined();
    await pull.on('closed');
    const late = await pull.on('labeled', 'preview');
    expect(late.jobs.begin_preview.result).toBe('skipped');
  } finally {
    await labelled.close();
  }
});

it('a shared environment: the pull request that got the label last has it', async () => {
  const shared = await PreviewWorld.open({ persistent: true, onlyWhen: PreviewCondition.label('qa') });
  try {
    const [one, other] = [new PullRequest(shared, 'one'), new PullRequest(shared, 'other')];
    one.push();
    await one.on('labeled', 'qa');
    expect(shared.served('preview-shared')).toBe(one.sha);
    other.push();
    await other.on('labeled', 'qa');
    const others = other.sha;
    expect(shared.served('preview-shared')).toBe(others);
    one.push();
    const run = await one.on('synchronize');
    expect(run.jobs.begin_preview.log).toContain(`pull request ${other.number} has it`);
    expect(shared.served('preview-shared')).toBe(others);
    other.push();
    await other.on('synchronize');
    expect(shared.served('preview-shared')).toBe(other.sha);
    // a push whose run comes before that of the label: the label brings what is the head commit by then
    one.issue.labels = [];
    const labeled = one.event('labeled', 'qa');
    one.push();
    expect((await one.on('synchronize')).jobs.begin_preview.log).toContain(`pull request ${other.number} has it`);
    expect((await shared.actions.execute(shared.workflow, labeled)).conclusion).toBe('success');
    expect(shared.served('preview-shared')).toBe(one.sha);
  } finally {
    await shared.close();
  }
});

it('a host of each pull request: a check reaches only the host of its own', async () => {
  // the names lead to a server on loopback, and only the proxy knows them
  const hosts: Record<string, number> = {};
  const proxy = await LoopbackProxy.start({ hosts });
  const check = HealthCheck.http('http://pr-{number}.preview.example.com/health', { name: 'health', allowInsecure: true, release: ReleaseIdentity.json('version') });
  const hosted = await PreviewWorld.open({ url: 'https://pr-{number}.preview.example.com', healthChecks: [check] }, { extraEnv: { HTTP_PROXY: proxy.url } });
  try {
    const [one, other] = ['one', 'other'].map((branch) => new PullRequest(hosted, branch));
    for (const { number } of [one!, other!]) hosts[`pr-${number}.preview.example.com`] = hosted.port;
    for (const pull of [one!, other!]) {
      pull.push();
      proxy.requests.length = 0;
      expect((await pull.on('opened')).conclusion).toBe('success');
      expect([...new Set(proxy.requests)]).toEqual([`GET http://pr-${pull.number}.preview.example.com/health`]);
      expect(pull.comment).toContain(`https://pr-${pull.number}.preview.example.com`);
      expect(hosted.log('deployed').at(-1)).toBe(`${pull.name} ${pull.sha} ${pull.number} https://pr-${pull.number}.preview.example.com`);
    }
    expect([hosted.served(one!.name), hosted.served(other!.name)]).toEqual([one!.sha, other!.sha]);
    one!.push({ isBad: true });
    expect((await one!.on('synchronize')).conclusion).toBe('failure');
    expect(JSON.stringify(hosted.api.deployments())).not.toContain('{number}');
  } finally {
    await hosted.close();
    await proxy.stop();
  }
});
