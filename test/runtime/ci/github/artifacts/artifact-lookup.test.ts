import { GithubApi } from '../../../../../src/runtime/ci/github/api';
import { whereaboutsOf } from '../../../../../src/runtime/ci/github/artifacts/artifact-lookup';
import { GithubStandIn, Permissions } from '../../../../../tools/github-api-stand-in/stand-in';
import { InstantClock } from '../../../ledger/instant-clock';

const DIGEST = 'd'.repeat(64);

describe('Whether the files of a release still exist', () => {
  let github: GithubStandIn;
  let kept: string;

  beforeEach(async () => {
    github = await GithubStandIn.start({ repository: 'acme/shop' });
    kept = String(github.addArtifact({ runId: 4, name: 'delivery-release' }).id);
  });
  afterEach(async () => {
    await github.stop();
    expect(github.violations).toEqual([]);
  });

  const find = (id: string | undefined, permissions: Permissions = { actions: 'read' }) => whereaboutsOf(new GithubApi({
    url: github.url, token: github.token(permissions), repository: 'acme/shop', clock: new InstantClock(), patienceMs: 5000,
  }), { digest: DIGEST, id, runId: '4' });

  it('is certain while GitHub keeps them', async () => {
    expect(await find(kept)).toBe('kept');
  });

  it('is over when their retention has passed', async () => {
    github.expireArtifact(Number(kept));
    expect(await find(kept)).toBe('gone');
  });

  it('is over when they were deleted', async () => {
    expect(await find('12345')).toBe('gone');
  });

  it('is unknown where no id is recorded, without a question', async () => {
    expect(await find(undefined)).toBe('unknown');
    expect(await find('../runs/1')).toBe('unknown');
    expect(github.requests).toEqual([]);
  });

  it('is unknown without permission, or if GitHub does not respond', async () => {
    expect(await find(kept, { deployments: 'write' })).toBe('unknown');
    github.fail({ times: 9, misbehaviour: { kind: 'status', status: 503 } });
    expect(await find(kept)).toBe('unknown');
  });
});
